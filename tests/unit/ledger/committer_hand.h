/* A committer driven by hand: slots, tickets and the answers of a store that is not there. */
#ifndef EVENTS_TESTS_UNIT_LEDGER_COMMITTER_HAND_H
#define EVENTS_TESTS_UNIT_LEDGER_COMMITTER_HAND_H

#include "ledger/committer.h"

enum {
    HAND_SLOTS = LEDGER_BULK_MAX + 16,
    HAND_TICKETS = 400,
    HAND_CAPACITY = 10
};

extern struct committer hand;                    /* cleared by hand_clear() */
extern struct slot hand_slots[HAND_SLOTS];       /* of different events */
extern struct ticket hand_tickets[HAND_TICKETS]; /* given out in order */
extern enum slot_rest hand_rests[HAND_SLOTS];    /* what the last release said, by slot */

void hand_init(void);
void hand_clear(void);

/* A command arrives at a slot. */
struct ticket *hand_book(size_t slot, int id, int seats);
struct ticket *hand_book_keyed(size_t slot, int id, int seats);
struct ticket *hand_book_for(size_t slot, int user, int id, int seats);
struct ticket *hand_cancel(size_t slot, int id);
struct ticket *hand_take_over(size_t slot, int64_t version, int64_t capacity);

struct object_id hand_id(int id);

/* Into the round; false when there was nothing to do. */
bool hand_take(size_t slot);

/* Assert that the committer wants exactly this now, for @n_slots slots. */
void hand_wants(enum committer_action action, size_t n_slots);

/* Answer what it wants; what is then finished is released. */
void hand_heads(int64_t sequence, int64_t seats_sold); /* -1: no entry; tokens as hand_token() */
void hand_looked_up(void);                             /* nothing was found */
void hand_decide(void);
void hand_inserted(enum ledger_outcome outcome);
void hand_token_own(void);
void hand_token_other(void);
void hand_token_none(void);
void hand_failed(enum error_code code);
void hand_performed(void); /* with results that are in the committer already */

/* Take, with a head at @sequence and @seats_sold, up to the insert. */
void hand_to_insert(size_t slot, int64_t sequence, int64_t seats_sold);

/* A ticket has its answer. */
void hand_expect(const struct ticket *ticket, enum error_code code);
void hand_expect_place(const struct ticket *ticket, enum ticket_place place);

#endif
