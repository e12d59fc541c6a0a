/*
 * One request and its answer on a thread of the library: from what was read to the single write. Inside
 * http only. A worker is what a thread keeps between requests, so that a request seldom allocates.
 */
#ifndef EVENTS_HTTP_EXCHANGE_H
#define EVENTS_HTTP_EXCHANGE_H

#include "http/cors.h"
#include "http/server.h"

#include <pthread.h>
#include <stdatomic.h>

struct mg_connection;

/* What all threads of a server share. */
struct http_shared {
    struct http_routes routes;
    void *context;
    struct http_observer observer;
    struct http_cors *cors;
    int threads;
    int64_t body_timeout_ms;
    atomic_int in_flight;   /* requests */
    atomic_int connections; /* each holds a thread */
    atomic_bool draining;   /* serve, but ask the clients to go */
    atomic_bool closed;     /* refuse: the answer might not get out any more */
    pthread_mutex_t mutex;
    pthread_cond_t idle; /* told when in_flight falls to 0 while draining */
};

struct http_worker {
    struct http_shared *shared;
    struct http_request request;
    struct http_response response;
    struct buffer written;
    char path[HTTP_URI_BYTES_MAX + 1]; /* decoded in place; the parameters point into it */
    char *body;                        /* owned */
    size_t body_capacity_bytes;
    int64_t date_s; /* the second that @date stands for */
    char date[32];
    uint64_t id_prefix; /* of the request ids made here */
    uint64_t id_count;
    bool connected; /* its connection is counted */
};

struct http_worker *http_worker_new(struct http_shared *shared);
void http_worker_free(struct http_worker *worker);

/* Serve the request that has arrived on @connection; the status that was answered. */
int http_exchange(struct mg_connection *connection);

/* Answer for the library, which refuses some requests before they are ours. */
void http_exchange_refuse(struct mg_connection *connection, int status, const char *reason);

#endif
