/*
 * The names that every program agrees on at the broker (AMQP 0-9-1): exchange, queues, logs and
 * what they are bound to. Everything is durable. Rows, so that declaring, documents and tests read
 * the same.
 */
#ifndef EVENTS_CONTRACTS_TOPOLOGY_H
#define EVENTS_CONTRACTS_TOPOLOGY_H

#include <stddef.h>

#define TOPOLOGY_EXCHANGE "events"           /* topic */
#define TOPOLOGY_DEAD_EXCHANGE "events.dead" /* direct; key = name of the queue that parked */
#define TOPOLOGY_DEAD_SUFFIX ".dead"

/* A subscriber's quorum queue, or a log (stream), with the routing keys it is bound to. */
struct topology_queue {
    const char *name;
    const char *const *keys; /* NULL-terminated */
};

extern const struct topology_queue topology_booking_queue; /* consumed by the booking service */
extern const struct topology_queue topology_event_queue;   /* consumed by the event service */
extern const struct topology_queue topology_catalogue_log; /* stream of all catalogue messages */
extern const struct topology_queue topology_bookings_log;  /* stream of all booking messages */

#endif
