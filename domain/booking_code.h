/*
 * A booking's code, made to be read aloud: ten characters of an alphabet of 32 (upper-case letters
 * and digits without 0, O, 1, I; L is left out as well, and what is missing to 32 is explained in the
 * source) and a check character of the same alphabet. It is the leading 50 bits of the eight derived
 * bytes of the booking's id, so it needs no storage and is looked for as a range of ids within its
 * event; two bookings of one event may, very rarely, share one.
 */
#ifndef EVENTS_DOMAIN_BOOKING_CODE_H
#define EVENTS_DOMAIN_BOOKING_CODE_H

#include "base/cleanup.h"
#include "base/object_id.h"

#include <stdbool.h>

enum {
    BOOKING_CODE_CHARACTERS = 11,
    BOOKING_CODE_BYTES = 12
};

struct booking_code {
    char text[BOOKING_CODE_BYTES];
};

struct booking_code booking_code_of(const struct object_id *booking_id);

/*
 * Read a code, in any case of letters: the first and the last booking id of @event_id that have it.
 * False when it is no code: length, alphabet or check character.
 */
MUST_CHECK bool booking_code_range(const char *text, const struct object_id *event_id,
                                   struct object_id *first, struct object_id *last);

#endif
