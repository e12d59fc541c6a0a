/*
 * A gate that is opened once, for any number of threads at the same time: nobody meets a lock behind it, which the
 * others would queue for. What was written before it was opened is seen by all who have passed. {0} is a closed gate;
 * there is nothing to clear. Any thread; whoever opens it must not need the gate to stay: it may be gone as soon as
 * the first has passed.
 */
#ifndef EVENTS_BASE_GATE_H
#define EVENTS_BASE_GATE_H

#include <stdatomic.h>
#include <stdbool.h>

enum gate_state {
    GATE_CLOSED,
    GATE_AWAITED, /* closed, and somebody may sleep before it */
    GATE_OPEN
};

struct gate {
    atomic_int state; /* enum gate_state */
};

/* Wait until it is open, however long. */
void gate_pass(struct gate *gate);

/* Once. */
void gate_open(struct gate *gate);

#endif
