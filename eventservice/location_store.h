/* Changes of locations go into one document with the message that announces them. */
#ifndef EVENTS_EVENTSERVICE_LOCATION_STORE_H
#define EVENTS_EVENTSERVICE_LOCATION_STORE_H

#include "eventservice/event_service.h"

/* Store a new location; @key may be NULL. Errors of catalogue_store_insert_location(). */
MUST_CHECK bool location_store_insert(struct event_service *service, struct location *location,
                                      const struct catalogue_key *key, struct error *error);

/* Store the next version. Errors of catalogue_store_change_location(). */
MUST_CHECK bool location_store_change(struct event_service *service, struct location *location,
                                      struct error *error);

/* Put a tombstone in its place. Errors of catalogue_store_remove(). */
MUST_CHECK bool location_store_remove(struct event_service *service,
                                      const struct location *location, struct error *error);

/* Whether they say the same; ids and versions may differ. */
bool location_is_same(const struct location *a, const struct location *b);

#endif
