/*
 * An event as a request wants it becomes what is stored: its location is found or stored first, its
 * capacity is decided, and the change goes into one document with the message that announces it.
 */
#ifndef EVENTS_EVENTSERVICE_EVENT_STORE_H
#define EVENTS_EVENTSERVICE_EVENT_STORE_H

#include "eventservice/event_input.h"
#include "eventservice/event_service.h"

/*
 * What @input makes of @current, which is NULL for a new event. The id is that of @input. A
 * location that is brought along is stored here: an event must never name one that does not exist.
 * ERROR_INVALID names members; ERROR_GONE: the location was removed. ERROR_CONFLICT: another has
 * stored it in the meantime, decide again.
 */
MUST_CHECK bool event_store_decide(struct event_service *service, const struct event_input *input,
                                   const struct event_view *current, struct event_view *view,
                                   struct error *error);

/* Store a new event; @key may be NULL. Errors of catalogue_store_insert_event(). */
MUST_CHECK bool event_store_insert(struct event_service *service, struct event_view *view,
                                   const struct catalogue_key *key, struct error *error);

/* Store the next version. Errors of catalogue_store_change_event(). */
MUST_CHECK bool event_store_change(struct event_service *service, struct event_view *view,
                                   struct error *error);

/* Put a tombstone in the place of @event. Errors of catalogue_store_remove(). */
MUST_CHECK bool event_store_remove(struct event_service *service, const struct event *event,
                                   struct error *error);

#endif
