/*
 * What a store holds, judged from outside: no code of ledger/ takes part. Reads all entries, which
 * nobody has marked as published, so that ledger_store_unpublished() shows them.
 */
#ifndef EVENTS_TESTS_UNIT_LEDGER_AUDIT_H
#define EVENTS_TESTS_UNIT_LEDGER_AUDIT_H

#include "persistence/id_index.h"
#include "persistence/ledger_store.h"

struct audit {
    struct ledger_entry *entries; /* owned; by event, then by sequence */
    size_t n_entries;
    size_t capacity;
    struct id_index bookings;      /* to entries */
    struct id_index cancellations; /* to entries, by booking */
    int64_t seats_per_user;        /* 0: no limit was set */
};

MUST_CHECK bool audit_read(struct audit *audit, struct ledger_store *store, struct error *error);
void audit_clear(struct audit *audit);

/*
 * ERROR_CORRUPT with the first fault: sequences without gaps, tokens unique, versions never fall, sold adds up
 * over every prefix and is never above the capacity of an entry with bookings, each booking id and each
 * cancellation once, cancellations of bookings that are there, users within their limit.
 */
MUST_CHECK bool audit_check(struct audit *audit, struct error *error);

/* After audit_check(). NULL when it is not there. */
const struct ledger_booking *audit_booking(const struct audit *audit, const struct object_id *id,
                                           const struct ledger_entry **entry);
bool audit_is_cancelled(const struct audit *audit, const struct object_id *booking_id);

/* Entry @sequence of an event; NULL when there is none. */
const struct ledger_entry *audit_entry(const struct audit *audit, const struct object_id *event_id,
                                       int64_t sequence);

/* Seats sold at an event after its last entry. */
int64_t audit_sold(const struct audit *audit, const struct object_id *event_id);

#endif
