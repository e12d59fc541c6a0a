/*
 * The threads that write deferred answers: who completes one has more to do than to wait for a client's socket, and
 * completes a hundred at a time. Inside http only.
 */
#ifndef EVENTS_HTTP_ANSWERERS_H
#define EVENTS_HTTP_ANSWERERS_H

#include "http/deferred.h"

#include <pthread.h>
#include <stddef.h>

/* One for every four processors; on two, a second one only takes turns with the first. */
enum {
    HTTP_ANSWERERS_MAX = 8
};

struct http_answerers {
    void (*answer)(struct http_deferred *); /* must not wait; the deferred is gone afterwards */
    pthread_t threads[HTTP_ANSWERERS_MAX];
    size_t n_threads;

    pthread_mutex_t mutex; /* of all below */
    pthread_cond_t has_work;
    size_t n_idle; /* and not called yet */
    struct http_deferred *first;
    struct http_deferred *last;
    bool is_ending;
};

MUST_CHECK bool http_answerers_start(struct http_answerers *answerers,
                                     void (*answer)(struct http_deferred *deferred),
                                     struct error *error);

/* Answer what is there, end the threads. Fine for {0}. */
void http_answerers_stop(struct http_answerers *answerers);

/* Any thread; never waits. */
void http_answerers_put(struct http_answerers *answerers, struct http_deferred *deferred);

#endif
