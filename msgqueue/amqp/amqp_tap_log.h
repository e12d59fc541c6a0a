/* Reading a log by hand: where it ends now, and from where to consume it. */
#ifndef EVENTS_MSGQUEUE_AMQP_TAP_LOG_H
#define EVENTS_MSGQUEUE_AMQP_TAP_LOG_H

#include "msgqueue/amqp/amqp_tap_visit.h"

/*
 * The offset of a marker that is put to the end of @log now. ERROR_INVALID when @log is a queue of
 * another kind, which reading would empty; it is left as it was.
 */
MUST_CHECK bool amqp_tap_log_end(struct amqp_tap_visit *visit, const char *log, int64_t *end,
                                 struct error *error);

/* Consume on @link, whose prefetch is set. */
MUST_CHECK bool amqp_tap_log_consume(struct amqp_tap_visit *visit, struct amqp_link *link,
                                     const char *log, const struct queue_tap_start *start,
                                     struct error *error);

#endif
