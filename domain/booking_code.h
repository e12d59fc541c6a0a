/*
 * A booking's code, made to be read aloud: ten characters of an alphabet of 31 (upper-case letters
 * and digits without 0, O, 1, I and L) and a check character of the same alphabet. The ten are a
 * number in base 31, the leading 49 bits of the eight derived bytes of the booking's id; so a code
 * needs no storage, codes of one event are in the order of the ids, and a code is looked for as a
 * range of ids within its event. Two bookings of one event may, very rarely, share one.
 *
 * The check character finds every single wrong character and every two that changed places.
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
 * False when it is no code: length, alphabet, check character, or a number beyond 49 bits.
 */
MUST_CHECK bool booking_code_range(const char *text, const struct object_id *event_id,
                                   struct object_id *first, struct object_id *last);

#endif
