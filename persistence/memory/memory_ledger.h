/* The ledgers of the memory backend, with the same unique indexes as the real one. */
#ifndef EVENTS_PERSISTENCE_MEMORY_LEDGER_H
#define EVENTS_PERSISTENCE_MEMORY_LEDGER_H

#include "persistence/id_index.h"
#include "persistence/ledger_store.h"

struct memory_entry {
    struct ledger_entry entry;
    bool is_published;
};

/* All entries of one event, in the order of their sequences. */
struct memory_chain {
    struct object_id event_id;
    struct memory_entry *entries; /* owned */
    size_t n_entries;
    size_t capacity;
};

/* Where a booking or a cancellation is. */
struct memory_place {
    size_t chain;
    int64_t sequence;
    size_t index;
};

struct memory_ledgers {
    struct memory_chain *chains; /* owned */
    size_t n_chains;
    size_t chains_capacity;
    struct id_index events; /* to chains */

    struct memory_place *places; /* owned */
    size_t n_places;
    size_t places_capacity;
    struct id_index bookings;      /* to places */
    struct id_index cancellations; /* to places, by the id of the booking */

    struct ledger_entry *late; /* owned; sent and not yet applied */
    size_t n_late;
    size_t late_capacity;
};

extern const struct ledger_store_ops memory_ledger_ops;

void memory_ledgers_clear(struct memory_ledgers *ledgers);

/* {0} of an event without entries. */
struct ledger_head memory_ledgers_head(const struct memory_ledgers *ledgers,
                                       const struct object_id *event_id);

/* NULL when there is none. Borrowed until the next insert. */
const struct memory_chain *memory_ledgers_chain(const struct memory_ledgers *ledgers,
                                                const struct object_id *event_id);
struct memory_entry *memory_ledgers_entry(const struct memory_ledgers *ledgers,
                                          const struct ledger_key *key);

/* The first entry from @sequence on; the number of entries when there is none. */
size_t memory_chain_place(const struct memory_chain *chain, int64_t sequence);

/* LANDED, TAKEN, DUPLICATE, or NOT_SENT for want of memory. Keeps a copy. */
enum ledger_outcome memory_ledgers_insert(struct memory_ledgers *ledgers,
                                          const struct ledger_entry *entry);

/* Booking @index of a stored @entry, and the same as it is shown. */
struct ledger_found memory_ledgers_found(const struct memory_ledgers *ledgers,
                                         const struct ledger_entry *entry, size_t index);
struct booking memory_booking_of(const struct ledger_found *found);

bool memory_ledger_bookings(struct ledger_store *store, const struct booking_page *page,
                            booking_visit *visit, void *context, struct error *error);
bool memory_ledger_bookings_of(struct ledger_store *store, const struct object_id *user_id,
                               const struct booking_page *page, booking_visit *visit, void *context,
                               struct error *error);
bool memory_ledger_bookings_between(struct ledger_store *store, const struct booking_range *range,
                                    struct booking *bookings, size_t n_max, size_t *n_bookings,
                                    struct error *error);

bool memory_ledger_scan(struct ledger_store *store, const struct ledger_scan *scan,
                        ledger_sum_visit *visit, void *context, struct error *error);
bool memory_ledger_entries(struct ledger_store *store, const struct ledger_scan *scan,
                           ledger_visit *visit, void *context, struct error *error);

/* Keep for later what is late; apply it. */
void memory_ledgers_keep(struct memory_ledgers *ledgers, const struct ledger_entry *const entries[],
                         size_t n_entries);
void memory_ledgers_settle(struct memory_ledgers *ledgers);

#endif
