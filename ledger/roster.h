/*
 * The slots of all events, and where each stands: resting, ready to be taken, to be taken later, or in
 * the hands of a committer. The number of slots is bounded; when one more is needed, the slot that has
 * rested longest goes, never one with work. Everything here is called under the lock of the slots; time
 * comes in as a parameter.
 */
#ifndef EVENTS_LEDGER_ROSTER_H
#define EVENTS_LEDGER_ROSTER_H

#include "ledger/committer.h"

struct roster_slot;

enum roster_place {
    ROSTER_RESTING,
    ROSTER_READY,
    ROSTER_LATER,
    ROSTER_IN_HAND,
    ROSTER_PLACES
};

struct roster {
    size_t slots_max;
    uint64_t seed; /* any random number: clients choose ids, but not which of them collide */

    struct roster_slot *slots; /* owned; by event */
    size_t n_slots;
    size_t n_at_work;                         /* not resting */
    struct roster_slot *lists[ROSTER_PLACES]; /* of those at each place, who came first first */
};

/* {0} with slots_max and seed is an empty one. */
void roster_clear(struct roster *roster);

/*
 * The slot of an event, made when there is none. ERROR_MEMORY, or ERROR_BUSY: the roster is full of
 * slots at work. Borrowed until it rests.
 */
MUST_CHECK bool roster_find(struct roster *roster, const struct object_id *event_id,
                            struct slot **slot, struct error *error);

/* A command was put. True when that made the slot ready: it rested, or what it waited for has gathered. */
bool roster_call(struct roster *roster, struct slot *slot);

/* Take what is ready, or due by now, into an empty round, as far as it fits together. */
void roster_fill(struct roster *roster, int64_t now_ms, struct committer *committer,
                 struct ticket_list *answered);

/*
 * Back from the committer, released with @rest. Slots that come back together with the same @random are
 * due together.
 */
void roster_return(struct roster *roster, struct slot *slot, enum slot_rest rest, int64_t now_ms,
                   uint64_t random);

/* When the next slot is due, monotonic; INT64_MAX: none will be. */
int64_t roster_due_ms(const struct roster *roster);

/* slot_give_up() for all; none is in hand. */
void roster_give_up(struct roster *roster, enum error_code code, struct ticket_list *answered);

#endif
