/*
 * An entry of an event's ledger: a whole batch of bookings and cancellations, the state of the
 * event from here on, and, by being unpublished, the outbox of their messages. Entries of one event
 * are numbered 0, 1, 2 ... without gaps; only one successor of an entry can exist.
 */
#ifndef EVENTS_PERSISTENCE_LEDGER_ENTRY_H
#define EVENTS_PERSISTENCE_LEDGER_ENTRY_H

#include "base/error.h"
#include "base/object_id.h"
#include "domain/booking.h"
#include "domain/event.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    LEDGER_BATCH_MAX = 256,
    LEDGER_BULK_MAX = 128
};

/* The `_id` of an entry. */
struct ledger_key {
    struct object_id event_id;
    int64_t sequence; /* 0 and up */
};

/* State of the event from an entry on. */
struct ledger_state {
    int64_t event_version; /* of the event, taken over */
    int64_t capacity;      /* CAPACITY_UNKNOWN: no limit */
    bool closed;           /* closed by the organiser, or removed */
    bool removed;
    int64_t end_s;      /* known end of the event; 0: not known */
    int64_t seats_sold; /* booked minus cancelled */
};

struct ledger_booking {
    struct object_id id;
    struct object_id user_id; /* none: a guest's */
    int32_t seats;
    uint64_t fingerprint; /* of the request, to know a repeat from another use of its key */
};

struct ledger_cancellation {
    struct object_id booking_id;
    struct object_id user_id; /* of the booking */
    int32_t seats;            /* that come back */
};

struct ledger_entry {
    struct ledger_key key;
    struct object_id token; /* of the attempt: twelve random bytes */
    int64_t at_ms;          /* UTC, milliseconds since 1970 */
    struct ledger_state state;
    struct ledger_booking *bookings; /* owned */
    size_t n_bookings;               /* bookings and cancellations: at most LEDGER_BATCH_MAX */
    struct ledger_cancellation *cancellations; /* owned */
    size_t n_cancellations;
};

void ledger_entry_clear(struct ledger_entry *entry);

/* Room for zeroed bookings and cancellations in an entry that has none. ERROR_MEMORY. */
MUST_CHECK bool ledger_entry_make(struct ledger_entry *entry, size_t n_bookings,
                                  size_t n_cancellations, struct error *error);
MUST_CHECK bool ledger_entry_copy(const struct ledger_entry *source, struct ledger_entry *entry,
                                  struct error *error);

/* Seats still free: at least 0; CAPACITY_UNKNOWN when there is no limit. */
int64_t ledger_state_free(const struct ledger_state *state);

#endif
