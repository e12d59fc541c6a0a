/* Something people attend. A value that owns nothing: copy it freely. */
#ifndef EVENTS_DOMAIN_EVENT_H
#define EVENTS_DOMAIN_EVENT_H

#include "base/error.h"
#include "base/object_id.h"
#include "domain/limits.h"
#include "domain/location.h"

#include <stdbool.h>
#include <stdint.h>

#define CAPACITY_UNKNOWN INT64_C(-1)

struct event {
    struct object_id id;
    int64_t version;              /* 1 and up; grows by one with each change */
    char name[TEXT_BYTES];        /* 1 to TEXT_CHARACTERS_MAX characters */
    struct object_id location_id; /* none: the event names no location */
    char hall[TEXT_BYTES];        /* a hall of that location; empty: none named */
    int64_t capacity;             /* seats, 0 to CAPACITY_MAX, or CAPACITY_UNKNOWN: no limit */
    bool closed;                  /* the organiser takes no bookings */
    int64_t duration_minutes;     /* 0: not known */
    int64_t start_s;              /* UTC, seconds since 1970; 0: not known */
    int64_t end_s;                /* the same */
};

/*
 * The rules between members: a name, an end not before the start. Notes each broken one in @error
 * under the members' names in HTTP bodies.
 */
MUST_CHECK bool event_check(const struct event *event, struct error *error);

/*
 * Decide the capacity of an event that gives none itself: that of the hall it names, else the sum
 * of the halls of @location, else CAPACITY_UNKNOWN (no halls, or @location is NULL). A capacity
 * that is given stays. ERROR_INVALID when the location lacks the hall, or when the sum is above
 * CAPACITY_MAX; @event is then unchanged.
 */
MUST_CHECK bool event_take_capacity(struct event *event, const struct location *location,
                                    struct error *error);

#endif
