/*
 * What the threads of a server share, and what each of them keeps between requests, so that a request
 * seldom allocates. Inside http only. A worker belongs to its thread, but while an answer is deferred.
 */
#ifndef EVENTS_HTTP_WORKER_H
#define EVENTS_HTTP_WORKER_H

#include "base/trace.h"
#include "http/answerers.h"
#include "http/cors.h"
#include "http/framing.h"
#include "http/server.h"

#include <pthread.h>
#include <stdatomic.h>

struct mg_connection;

enum {
    HTTP_WRITTEN_BODY_BYTES_MAX = 16 * 1024 /* a larger body is written from where it is */
};

/* Everything but the atomics is set before the first thread starts. */
struct http_shared {
    struct http_routes routes;
    void *context;
    struct http_observer observer;
    struct http_cors *cors;
    int threads;
    int64_t body_timeout_ms;
    int64_t keep_alive_ms;
    int64_t stays_from;
    atomic_int in_flight;   /* requests */
    atomic_int connections; /* each holds a thread */
    atomic_bool draining;   /* serve, but ask the clients to go */
    atomic_bool closed;     /* refuse: the answer might not get out any more */
    pthread_mutex_t mutex;
    pthread_cond_t idle; /* told when in_flight falls to 0 while draining */
    struct http_answerers answerers;
};

/* One request on its way to an answer. */
struct exchange {
    struct mg_connection *connection;
    struct http_worker *worker;
    const struct http_route *route; /* NULL: none */
    char allow[HTTP_ALLOW_BYTES];   /* "" unless the path is answered for other methods only */
    struct http_framing framing;
    bool must_close;
    bool has_unread; /* the client may be sending what nobody will read */
    bool is_cut;     /* what was written ends in the middle: nothing may follow it */
    bool is_last;    /* the answer says that the connection will be closed */
    bool has_error;
    struct error error;
    int64_t started_us;

    bool leaves; /* its answer is deferred, and the thread of its connection does not wait for it */
    struct trace trace; /* while it is on its way from one thread to the other */
    size_t n_sent;      /* bytes of the answer that the client took at once */
    bool has_rest;      /* the connection's thread sends it */
};

struct http_worker {
    struct http_shared *shared;
    struct http_request request;
    struct http_response response;
    struct exchange exchange;
    struct buffer written; /* the head of the answer, and a body that is small */
    struct buffer kept;    /* the head of the request, while its answer is deferred */

    /* Of the connection that is being served. */
    int64_t n_requests;
    int descriptor;         /* -1: not known, or not looked for yet */
    bool has_left;          /* the exchange is in the hands of others until the gate opens */
    struct gate is_settled; /* ends all that others do with this worker */

    const char *head_start; /* of all heads, see http_framing_begins_well(); NULL at first */
    char path[HTTP_URI_BYTES_MAX + 1]; /* decoded in place; the parameters point into it */
    char *body;                        /* owned */
    size_t body_capacity_bytes;
    int64_t date_s; /* the second that @date stands for */
    char date[32];
};

/*
 * The worker of the calling thread, made when it is first asked for: of many threads most are idle. NULL
 * when there is no memory for it.
 */
struct http_worker *http_worker_here(struct http_shared *shared);

/* A new connection. */
void http_worker_begin_connection(struct http_worker *worker);

/* The calling thread ends. */
void http_worker_end(void);

/* The calling thread is one of many that are woken together. */
void http_worker_take_turns(void);

/*
 * Keep the head of the request, which lies in the library's buffer, beyond the moment at which that is read into
 * again. False when there is no memory for it.
 */
MUST_CHECK bool http_worker_keep_request(struct http_worker *worker);

/* Room for a body of @size_bytes; ERROR_MEMORY. */
MUST_CHECK bool http_worker_make_body(struct http_worker *worker, size_t size_bytes,
                                      struct error *error);

/* Give back what was large: hundreds of threads each keeping their largest answer would add up. */
void http_worker_shrink(struct http_worker *worker);

/* Now, as a Date header has it. */
const char *http_worker_date(struct http_worker *worker);

/*
 * Set the id of the worker's request: the client's when well-formed, else one that nobody else has. The
 * thread enters the request's trace: the next step of the client's, or the first of a new one.
 */
void http_worker_name_request(struct http_worker *worker);

#endif
