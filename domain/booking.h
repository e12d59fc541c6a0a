/* A number of seats that one user holds at one event. A value that owns nothing. */
#ifndef EVENTS_DOMAIN_BOOKING_H
#define EVENTS_DOMAIN_BOOKING_H

#include "base/object_id.h"
#include "domain/limits.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct booking {
    struct object_id id;
    struct object_id event_id;
    struct object_id user_id; /* none: a guest's */
    int32_t seats;            /* 1 to SEATS_PER_BOOKING_MAX */
    int64_t made_at_ms;       /* UTC, milliseconds since 1970 */
    bool cancelled;
};

/*
 * The id of a booking: four bytes from a hash of the event's id, so that the bookings of one event
 * lie together in the index, then eight that are derived from (user, route, event, key), or random
 * when the client sent no key. Equal requests thus name the same booking, whichever replica they
 * reach. @route names the operation ("POST /events/{id}/bookings"); @key is NULL for random.
 */
struct object_id booking_id_make(const struct object_id *event_id, const struct object_id *user_id,
                                 const char *route, const char *key);

/*
 * The booking id of @event_id whose last eight bytes are @derived, most significant first: the ids
 * of one event are in the order of these numbers.
 */
struct object_id booking_id_of(const struct object_id *event_id, uint64_t derived);
uint64_t booking_id_derived(const struct object_id *booking_id);

/* The meaning of a request, for comparing a repeat with the first: seats and user, not bytes. */
uint64_t booking_fingerprint(int32_t seats, const struct object_id *user_id);

#endif
