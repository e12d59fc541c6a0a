/*
 * What the simulated database holds: ledgers with unique keys, each entry first at the primary alone and
 * then at a majority, and the copy of the catalogue. Only what happens inside it; delays and losses are
 * the network's. A value without clock; room is bounded.
 */
#ifndef EVENTS_TESTS_SIMULATOR_STORE_H
#define EVENTS_TESTS_SIMULATOR_STORE_H

#include "persistence/ledger_store.h"
#include "tests/simulator/chance.h"
#include "tests/simulator/plan.h"

enum {
    ENTRIES_MAX = 96,       /* of an event */
    ENTRY_BOOKINGS_MAX = 48 /* of an entry; as many cancellations */
};

struct stored {
    struct ledger_entry entry; /* its arrays are the two below */
    struct ledger_booking bookings[ENTRY_BOOKINGS_MAX];
    struct ledger_cancellation cancellations[ENTRY_BOOKINGS_MAX];
    int64_t number;    /* of this insert, among all */
    int author;        /* replica */
    bool has_majority; /* else it may go again */
    bool is_published;
};

/* An event as the copy has it. */
struct copied {
    int64_t version; /* 0: unknown */
    bool removed;
};

struct store {
    bool is_there[EVENTS_MAX][ENTRIES_MAX];
    struct stored entries[EVENTS_MAX][ENTRIES_MAX];
    int64_t n_entries[EVENTS_MAX];  /* highest entry there, and one */
    int64_t n_majority[EVENTS_MAX]; /* the same of those that a majority has; never falls */
    bool is_behind;                 /* the primary has not heard of all that a majority has */
    int64_t n_heard[EVENTS_MAX];    /* while it is: what it has heard of */
    struct copied copies[EVENTS_MAX];
    int64_t offset; /* of the log, that its readers have come to */
    int64_t n_inserts;
};

void store_init(struct store *store);

/* Ids of this world. */
struct object_id event_id_of(int event);
int event_of(const struct object_id *id);

/* Copy with its arrays. */
void stored_copy(struct stored *to, const struct ledger_entry *from);

/*
 * LEDGER_LANDED: it is at the primary, and waits for its majority. LEDGER_TAKEN, LEDGER_DUPLICATE: a
 * unique key refused it. LEDGER_NOT_SENT: no room is left for it here.
 */
enum ledger_outcome store_insert(struct store *store, const struct ledger_entry *entry);

/* NULL when there is none. */
struct stored *store_at(struct store *store, int event, int64_t sequence);

void store_majority(struct store *store, int event, int64_t sequence);

/*
 * Another primary: each entry without a majority stays, and then has one, or goes. Returns how many went.
 * The new one is behind until an entry of its own has a majority, or until it is told so.
 */
int store_depose(struct store *store, struct chance *chance);
void store_catch_up(struct store *store);

/* What a majority has. */
struct ledger_head store_head(const struct store *store, int event);
struct ledger_found store_find(struct store *store, const struct object_id *booking_id);
int64_t store_held(struct store *store, int event, const struct object_id *user_id);
struct object_id store_token(struct store *store, const struct ledger_key *key);

/* What a majority read of the primary shows: less, while it is behind. */
struct ledger_head store_head_shown(const struct store *store, int event);
struct ledger_found store_found_shown(struct store *store, const struct object_id *booking_id);
struct object_id store_token_shown(struct store *store, const struct ledger_key *key);

#endif
