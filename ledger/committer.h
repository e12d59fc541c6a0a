/*
 * A round: up to LEDGER_BULK_MAX slots brought forward together, so that each call of the store serves
 * all of them. A state machine without thread, clock or store: committer_next() says what to do now,
 * and what came of it is handed in; the order (heads, then the look-up, then the insert) is part of the
 * protocol. Slots leave the round one by one, as soon as they are finished.
 *
 *     do {
 *         action = committer_next(&committer);
 *         if (action == COMMITTER_DECIDE)
 *             committer_decide(&committer, now_ms, token_of, &answered);   under the lock of the slots
 *         else
 *             committer_perform(&committer, store);                        not under it
 *         while ((slot = committer_take_finished(&committer)))
 *             slot_release(slot, &answered);                               under it again
 *     } while (action != COMMITTER_DONE);
 *
 * Slots with an unknown outcome come back in a later round, of their own kind only: the same documents
 * again. So nobody waits for them, and a document that cannot be written takes no other along.
 */
#ifndef EVENTS_LEDGER_COMMITTER_H
#define EVENTS_LEDGER_COMMITTER_H

#include "ledger/slot.h"

enum committer_action {
    COMMITTER_READ_HEADS,
    COMMITTER_LOOK_UP,
    COMMITTER_DECIDE,
    COMMITTER_INSERT,
    COMMITTER_READ_TOKENS,
    COMMITTER_DONE, /* what is left in the round is finished */
};

/* What a committer has seen, since its start. */
struct committer_counts {
    int64_t lost_races;
    int64_t resends;
    int64_t own_found;
    int64_t corrupt;
};

struct committer {
    int64_t seats_per_user; /* 0: no limit */
    struct committer_counts counts;

    struct slot *slots[LEDGER_BULK_MAX]; /* in the round */
    size_t n_slots;

    /* What the action asks for, and room for the result; [i] belongs to asked[i]. */
    enum committer_action action;
    struct slot *asked[LEDGER_BULK_MAX];
    size_t n_asked;
    struct object_id event_ids[LEDGER_BULK_MAX];
    int64_t n_known[LEDGER_BULK_MAX]; /* entries */
    struct ledger_head heads[LEDGER_BULK_MAX];
    const struct ledger_entry *entries[LEDGER_BULK_MAX];
    enum ledger_outcome outcomes[LEDGER_BULK_MAX];
    struct ledger_key keys[LEDGER_BULK_MAX];
    struct object_id tokens[LEDGER_BULK_MAX];

    struct ledger_look_up look_up; /* by line, in the order of the slots asked */
    struct object_id *booking_ids; /* owned, as are found and holdings of look_up */
    size_t n_lines_max;            /* these three have room for */
};

/* {0} with seats_per_user is an empty one. */
void committer_clear(struct committer *committer);

/* Into an empty round, or one whose slots are of the same kind: all or none have an entry in flight. */
bool committer_has_room_for(const struct committer *committer, const struct slot *slot);
void committer_add(struct committer *committer, struct slot *slot); /* taken, and with room */

enum committer_action committer_next(struct committer *committer);

/* Carry out, with @store, what committer_next() said; COMMITTER_DECIDE is not for it. */
void committer_perform(struct committer *committer, struct ledger_store *store);

/*
 * The same by hand: the results stand in heads, look_up, outcomes or tokens. @code is ERROR_NONE, or why
 * the call failed; an insert never fails as a whole.
 */
void committer_performed(struct committer *committer, enum error_code code);

/* Under the lock of the slots. @token_of gives each entry its token. */
void committer_decide(struct committer *committer, int64_t now_ms,
                      struct object_id (*token_of)(void), struct ticket_list *answered);

/* Out of the round; NULL when no other is finished by now. The caller releases it. */
struct slot *committer_take_finished(struct committer *committer);

#endif
