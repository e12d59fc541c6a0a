/* What becomes of a message when handling it ended with an error. */
#ifndef EVENTS_SERVICE_DELIVERY_VERDICT_H
#define EVENTS_SERVICE_DELIVERY_VERDICT_H

#include "base/error.h"
#include "msgqueue/event_listener.h"

enum delivery_verdict delivery_verdict_of(enum error_code code);

/* Write verdict, kind and reason of @error into @delivery. */
void delivery_fail(struct delivery *delivery, const struct error *error);

#endif
