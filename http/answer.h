/*
 * An answer on its way out: its head is composed from the response, and both go to the client. From one thread
 * at a time. Inside http only.
 */
#ifndef EVENTS_HTTP_ANSWER_H
#define EVENTS_HTTP_ANSWER_H

#include "http/worker.h"

/* Open connections hold threads, so nobody may keep one while others wait for theirs. */
bool http_answer_may_keep_alive(const struct exchange *exchange);

/* Write @n bytes. False when the client does not take them in time, or has gone. From the connection's thread. */
bool http_answer_put(struct exchange *exchange, const char *bytes, size_t n);

/* Compose the answer and write it, waiting for the client to take it. From the connection's thread. */
void http_answer_write(struct exchange *exchange);

/*
 * Compose the answer and send it without waiting, while the connection's thread waits for what the client sends next.
 * What the client does not take at once stays for http_answer_write_rest(), which ends the connection: an answer that
 * is larger than what the socket takes says so. So does one that comes late, for the library closes a connection when
 * keep_alive_ms have passed since its last request.
 */
void http_answer_send(struct exchange *exchange);

/* What has not been sent yet. From the connection's thread. */
void http_answer_write_rest(struct exchange *exchange);

#endif
