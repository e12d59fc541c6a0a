/*
 * Whether what a service needs answers, known at once: a thread asks about twice a second, and says in
 * the log when that changes. For readiness and for people only; no request is decided by it.
 */
#ifndef EVENTS_SERVICE_WATCH_H
#define EVENTS_SERVICE_WATCH_H

#include "base/error.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

enum {
    WATCHED_MAX = 8
};

/* One thing that is watched. */
struct watched {
    const char *name; /* "database" */

    /* Whether it answers; sets the reason when not. May wait some seconds. */
    bool (*ask)(void *context, struct error *error);
};

enum watch_state {
    WATCH_UNKNOWN,
    WATCH_WELL,
    WATCH_AWAY
};

/* Lives as long as somebody may ask for its states; {0} knows nothing. */
struct watch {
    const struct watched *things; /* borrowed */
    size_t n_things;              /* at most WATCHED_MAX */
    void *context;
    _Atomic int states[WATCHED_MAX]; /* enum watch_state */

    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool stopping; /* under lock */
};

/* Set things, n_things and context before. Asks everything once, then starts the thread. */
MUST_CHECK bool watch_start(struct watch *watch, struct error *error);

/* Whether things[@index] answered when last asked. Any thread, at any time. */
bool watch_is_well(const struct watch *watch, size_t index);

/* Waits for the answer under way. The last states stay. */
void watch_stop(struct watch *watch);

#endif
