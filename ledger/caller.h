/*
 * A thread that waits for its commands, on a semaphore of its own: nobody else wakes with it, and it finds no
 * lock in the hands of who woke it. It lives on that thread's stack: who wakes it does not touch it
 * afterwards.
 */
#ifndef EVENTS_LEDGER_CALLER_H
#define EVENTS_LEDGER_CALLER_H

#include "base/cleanup.h"

#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum caller_stage {
    CALLER_WAITS,
    CALLER_LEAVES,
    CALLER_IS_ANSWERED
};

struct caller {
    size_t n_open;       /* commands without an answer; the ledger's, under its lock */
    struct caller *next; /* of those to be woken */

    sem_t told;
    _Atomic enum caller_stage stage;
};

void caller_init(struct caller *caller);
void caller_clear(struct caller *caller);

/*
 * Wait until woken. False: the monotonic @deadline_ms has passed, and from now on the caller is taken
 * for one who leaves by itself.
 */
MUST_CHECK bool caller_wait(struct caller *caller, int64_t deadline_ms);

/* The same without a deadline, for one who leaves but was answered just then. */
void caller_wait_for_answer(struct caller *caller);

/* Once. False when it was leaving, and so has to be expected elsewhere. */
bool caller_wake(struct caller *caller);

#endif
