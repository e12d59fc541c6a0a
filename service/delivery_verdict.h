/* What becomes of a message when it was handled. */
#ifndef EVENTS_SERVICE_DELIVERY_VERDICT_H
#define EVENTS_SERVICE_DELIVERY_VERDICT_H

#include "base/error.h"
#include "base/log.h"
#include "msgqueue/event_listener.h"

enum delivery_verdict delivery_verdict_of(enum error_code code);

/*
 * Acknowledge @delivery, whose effect is durable; @changed: it was news. One log line at @level, in the trace that
 * the message came in.
 */
void delivery_take(struct delivery *delivery, bool changed, enum log_level level);

/* Write verdict, kind and reason of @error into @delivery. */
void delivery_fail(struct delivery *delivery, const struct error *error);

#endif
