/*
 * The one thread that an emitter or a listener owns: started, woken from any thread by a descriptor it
 * polls beside its socket, and ended. Zeroed is empty.
 */
#ifndef EVENTS_MSGQUEUE_OWN_THREAD_H
#define EVENTS_MSGQUEUE_OWN_THREAD_H

#include "base/error.h"

#include <pthread.h>
#include <stdatomic.h>

struct own_thread {
    pthread_t thread;
    bool running;
    bool has_descriptor;
    int wake_descriptor; /* readable while a wake-up is pending */
    atomic_bool stopping;
};

/* Make the descriptor; the thread starts later, when what it works on is complete. */
MUST_CHECK bool own_thread_init(struct own_thread *self, struct error *error);
MUST_CHECK bool own_thread_start(struct own_thread *self, void *(*run)(void *), void *context,
                                 struct error *error);

/* Tell it to stop, wait until it has ended, and release everything. */
void own_thread_end(struct own_thread *self);
void own_thread_clear(struct own_thread *self);

/* Any thread; never waits. */
void own_thread_wake(struct own_thread *self);

/* The rest is for the thread itself. */
bool own_thread_stopping(const struct own_thread *self);
void own_thread_drain(struct own_thread *self);

/* Do nothing for @wait_ms, or until it is to stop; a mere wake-up does not cut the wait short. */
void own_thread_rest(struct own_thread *self, int64_t wait_ms);

#endif
