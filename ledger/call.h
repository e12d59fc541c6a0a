/*
 * A command that was handed in for an event, from then until it has its answer. Memory of who hands it in.
 */
#ifndef EVENTS_LEDGER_CALL_H
#define EVENTS_LEDGER_CALL_H

#include "ledger/slot.h"

struct call {
    struct object_id event_id;
    int64_t deadline_ms; /* monotonic: it is answered by then */

    /*
     * Told once that ticket.answer is there, from a thread of the ledger, from within desk_hand_in() or from
     * within desk_stop(), without a lock of the ledger; must not wait. The call is not touched afterwards.
     */
    void (*answered)(struct call *call);
    void *context;

    struct ticket ticket; /* ticket.command is filled in before */

    struct call *prev; /* these are of struct deadlines */
    struct call *next;
};

#endif
