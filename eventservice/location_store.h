/* Storing a location with its announcement: for POST /locations and for events that bring one along. */
#ifndef EVENTS_EVENTSERVICE_LOCATION_STORE_H
#define EVENTS_EVENTSERVICE_LOCATION_STORE_H

#include "eventservice/event_service.h"

/* Errors of catalogue_store_insert_location(). */
MUST_CHECK bool location_store(struct event_service *service, const struct location *location,
                               struct error *error);

#endif
