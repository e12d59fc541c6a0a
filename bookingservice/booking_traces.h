/*
 * Traces of the bookings and cancellations that wait for the ledger, so that their messages go on in them:
 * between the request and the committer who makes the message there is only the booking's id. They are not
 * stored, for it would make every entry larger for ever. So a message that the sweep publishes has none; nor
 * has one whose place here was taken by another booking meanwhile. Any thread; never waits for long.
 */
#ifndef EVENTS_BOOKINGSERVICE_BOOKING_TRACES_H
#define EVENTS_BOOKINGSERVICE_BOOKING_TRACES_H

#include "base/error.h"
#include "base/object_id.h"
#include "base/trace.h"

struct booking_traces;

/* NULL and ERROR_MEMORY. */
MUST_CHECK struct booking_traces *booking_traces_new(struct error *error);
void booking_traces_free(struct booking_traces *traces); /* NULL is fine */

/* What is now done to the booking is a step of @trace. Nothing happens without @traces. */
void booking_traces_put(struct booking_traces *traces, const struct object_id *booking_id,
                        const struct trace *trace);

/* The next step of it, for each of @n_bookings; none where nothing is known. */
void booking_traces_take(struct booking_traces *traces, const struct object_id *booking_ids,
                         size_t n_bookings, struct trace *steps);

#endif
