/*
 * One request and its answer, on a thread of the library: from what was read to what is written. Inside
 * http only.
 */
#ifndef EVENTS_HTTP_EXCHANGE_H
#define EVENTS_HTTP_EXCHANGE_H

#include "http/worker.h"

struct mg_connection;

/* Serve the request that has arrived on @connection; the status that was answered. */
int http_exchange(struct http_worker *worker, struct mg_connection *connection);

/* Answer for the library, which refuses some requests before they are ours. */
void http_exchange_refuse(struct http_worker *worker, struct mg_connection *connection, int status,
                          const char *reason);

#endif
