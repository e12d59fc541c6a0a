/*
 * The calls that wait for an answer, by their deadlines, and how long the one thread that keeps them may sleep.
 * Nearly all wait for the same time, so a call belongs behind those that came before it. Everything here is called
 * under the lock of the slots; time comes in as a parameter.
 */
#ifndef EVENTS_LEDGER_DEADLINES_H
#define EVENTS_LEDGER_DEADLINES_H

#include "ledger/call.h"

struct deadlines {
    struct call *first;
    int64_t sleeps_to_ms; /* monotonic; it has been told to */
};

/* Nobody sleeps yet. */
void deadlines_init(struct deadlines *deadlines);

/* True when whoever sleeps would sleep too long for it. */
MUST_CHECK bool deadlines_put(struct deadlines *deadlines, struct call *call);

/* It has its answer. */
void deadlines_remove(struct deadlines *deadlines, struct call *call);

/* A call whose deadline has passed, taken out; NULL: none. */
struct call *deadlines_take(struct deadlines *deadlines, int64_t now_ms);

/* How long to sleep, monotonic; INT64_MAX: until deadlines_put() says otherwise. */
int64_t deadlines_sleep(struct deadlines *deadlines);

#endif
