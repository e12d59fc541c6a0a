/*
 * `event.booked` and `booking.cancelled`: what one booking did to an event, with the sums of the
 * ledger entry that carries it. A receiver keeps the sums of the highest entry. The moment is
 * `bookedAt` in the one and `cancelledAt` in the other.
 *
 * MyEvents once told event and user only, the user in any form. A body without `entry` is taken for
 * that: only the event is read, entry is -1, and so it is below every entry that was ever heard.
 */
#ifndef EVENTS_CONTRACTS_EVENT_BOOKED_H
#define EVENTS_CONTRACTS_EVENT_BOOKED_H

#include "base/json.h"
#include "base/object_id.h"

struct event_booked {
    struct object_id event_id;
    struct object_id user_id; /* none: a guest's, null on the wire */
    struct object_id booking_id;
    int64_t seats;      /* 1 to CONTRACT_CAPACITY_MAX */
    int64_t at_ms;      /* UTC, milliseconds since 1970; RFC 3339 on the wire */
    int64_t seats_sold; /* of the event, after the entry */
    int64_t seats_left; /* at least 0; -1: no limit, null on the wire */
    int64_t entry;      /* number of the ledger entry, 0 and up; -1: not told */
};

/* @moment is the member's name: "bookedAt" or "cancelledAt". */
void event_booked_encode(const struct event_booked *message, const char *moment,
                         struct json_writer *writer);
MUST_CHECK bool event_booked_decode(const struct json *body, const char *moment,
                                    struct event_booked *message, struct error *error);

#endif
