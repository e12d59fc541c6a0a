/*
 * Frees a thread that is stuck inside a library call. librabbitmq waits without bound while the
 * broker does not read; shutting the socket down from outside ends that wait with an error. One
 * watchdog belongs to one emitter or listener and lives as long.
 */
#ifndef EVENTS_MSGQUEUE_AMQP_WATCHDOG_H
#define EVENTS_MSGQUEUE_AMQP_WATCHDOG_H

#include "base/error.h"

#include <pthread.h>
#include <stdint.h>

struct watchdog {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool running;
    bool stopping;
    bool asleep;         /* waits without a deadline */
    int64_t deadline_ms; /* 0: nothing is guarded */
    int descriptor;
};

MUST_CHECK bool watchdog_start(struct watchdog *watchdog, struct error *error);
void watchdog_stop(struct watchdog *watchdog); /* {0} is fine */

/* From here on @descriptor is shut down unless watchdog_release() comes within @timeout_ms. */
void watchdog_guard(struct watchdog *watchdog, int descriptor, int64_t timeout_ms);
void watchdog_release(struct watchdog *watchdog);

#endif
