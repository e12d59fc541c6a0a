/*
 * The topology at the broker. Declaring what exists with equal arguments changes nothing; ERROR_EXISTS,
 * naming the queue, when it exists with others (they cannot be changed later). Any failure breaks the
 * link. Not on a link that consumes.
 */
#ifndef EVENTS_MSGQUEUE_AMQP_DECLARE_H
#define EVENTS_MSGQUEUE_AMQP_DECLARE_H

#include "contracts/topology.h"
#include "msgqueue/amqp/amqp_link.h"

/* Both exchanges and both logs. */
MUST_CHECK bool amqp_declare_common(struct amqp_link *link, int64_t log_bytes, struct error *error);

/* A stream with its bindings; @log_bytes 0 means the default. */
MUST_CHECK bool amqp_declare_log(struct amqp_link *link, const struct topology_queue *log,
                                 int64_t log_bytes, struct error *error);

/* A subscriber's quorum queue with its bindings and `<queue>.dead`; @n_ready: what waits in it. */
MUST_CHECK bool amqp_declare_queue(struct amqp_link *link, const struct topology_queue *queue,
                                   int64_t *n_ready, struct error *error);

#endif
