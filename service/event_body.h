/*
 * Events and locations as both services show them over HTTP: the member names of MyEvents. A location
 * that an event does not have is written with empty members, as MyEvents always did.
 */
#ifndef EVENTS_SERVICE_EVENT_BODY_H
#define EVENTS_SERVICE_EVENT_BODY_H

#include "base/json.h"
#include "persistence/event_view.h"

/* @seats_left: at least 0, or CAPACITY_UNKNOWN, which is written as null. @name as in base/json.h. */
void event_body_write(struct json_writer *writer, const char *name, const struct event_view *view,
                      int64_t seats_left);
void location_body_write(struct json_writer *writer, const char *name,
                         const struct location *location);

/* A count of seats, or null for CAPACITY_UNKNOWN. */
void seats_body_write(struct json_writer *writer, const char *name, int64_t seats);

/* What is left of @capacity after @sold: at least 0; CAPACITY_UNKNOWN stays unknown. */
int64_t seats_left_of(int64_t capacity, int64_t sold);

#endif
