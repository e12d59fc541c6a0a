/*
 * Bodies of requests about events and locations: the spellings of MyEvents, member names in any case,
 * unknown members ignored. Each bad member is noted in the error with its pointer.
 */
#ifndef EVENTS_EVENTSERVICE_EVENT_INPUT_H
#define EVENTS_EVENTSERVICE_EVENT_INPUT_H

#include "base/json.h"
#include "domain/event.h"

#include <stdbool.h>

struct event_input {
    struct event event;   /* id: none unless chosen by the client; capacity: unknown unless given */
    bool brings_location; /* a location stands in the body */
    bool names_capacity;  /* `Capacity` stands in the body, null too */
    bool names_place;     /* `Hall`, `Location` or `LocationID` stands there */
    struct location location; /* owned; its id: none unless given as 24 hex digits */
};

/* Members that the body lacks are those of @base, empty when it is NULL; null empties a member. */
MUST_CHECK bool event_input_read(const struct json *body, const struct event *base,
                                 struct event_input *input, struct error *error);
void event_input_clear(struct event_input *input);

/*
 * Members that the body lacks stay as @location has them; null empties one.
 * @parent: JSON pointer of @body. The caller clears @location, also after a failure. @id stays "none"
 * unless 24 hex digits stand there; with @strict anything else is a bad member.
 */
MUST_CHECK bool location_input_read(const struct json *body, const char *parent, bool strict,
                                    struct location *location, struct error *error);

#endif
