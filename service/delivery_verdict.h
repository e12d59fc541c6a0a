/* What becomes of a message when it was handled. */
#ifndef EVENTS_SERVICE_DELIVERY_VERDICT_H
#define EVENTS_SERVICE_DELIVERY_VERDICT_H

#include "base/error.h"
#include "base/log.h"
#include "base/metrics.h"
#include "msgqueue/event_listener.h"

enum delivery_verdict delivery_verdict_of(enum error_code code);

/* Messages of a log that were left out for what is stored of their subject; for the listener's metrics. */
extern struct metric metric_log_left_out;

/*
 * Acknowledge @delivery, whose effect is durable; @changed: it was news. One log line at @level, in the trace that
 * the message came in.
 */
void delivery_take(struct delivery *delivery, bool changed, enum log_level level);

/*
 * Write verdict, kind and reason of @error into @delivery. What comes from a log is not parked but left out: when
 * that is not for what it says itself, it is counted, and logged as an error.
 */
void delivery_fail(struct delivery *delivery, const struct error *error);

/* The same for all whose verdict is still "retry". */
void deliveries_fail(struct delivery *deliveries, size_t n_deliveries, const struct error *error);

/*
 * Handles @deliveries together. What cannot be read has its verdict at once; true: so have all others. False, for the
 * reason @error: the others have none.
 */
typedef bool deliveries_handler(void *context, struct delivery *deliveries, size_t n_deliveries,
                                struct error *error);

/*
 * Have @handler handle all of @deliveries, whose verdicts are still "retry". A failure that stays may be that of one
 * message, so each half is then handled on its own, and so on: none is parked for what is wrong with another. After
 * one that passes by itself, what is left is not tried but keeps its verdict.
 */
void deliveries_handle(deliveries_handler *handler, void *context, struct delivery *deliveries,
                       size_t n_deliveries);

#endif
