/* From what a message says to our own values. Messages and models are different structs on purpose. */
#ifndef EVENTS_BOOKINGSERVICE_TRANSLATION_H
#define EVENTS_BOOKINGSERVICE_TRANSLATION_H

#include "contracts/message.h"
#include "domain/event.h"
#include "domain/location.h"

struct event event_from_message(const struct event_created *message);

/* The caller clears @location. ERROR_MEMORY. */
MUST_CHECK bool location_from_message(const struct location_created *message,
                                      struct location *location, struct error *error);

#endif
