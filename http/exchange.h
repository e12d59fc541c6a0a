/*
 * One request and its answer, on a thread of the library: from what was read to what is written. An answer that is
 * deferred is written from another thread. Inside http only.
 */
#ifndef EVENTS_HTTP_EXCHANGE_H
#define EVENTS_HTTP_EXCHANGE_H

#include "http/worker.h"

/*
 * First of all when @connection has a request or ends: wait for the answer to the request before. False when that
 * was the last one of this connection.
 */
bool http_exchange_settle(struct http_worker *worker);

/* Serve the request that has arrived on @connection; the status that was answered, or 200 while it is deferred. */
int http_exchange(struct http_worker *worker, struct mg_connection *connection);

/* Write a deferred answer that has left the thread of its connection; for struct http_answerers. */
void http_exchange_answer(struct http_deferred *deferred);

/* Answer for the library, which refuses some requests before they are ours. */
void http_exchange_refuse(struct http_worker *worker, struct mg_connection *connection, int status,
                          const char *reason);

#endif
