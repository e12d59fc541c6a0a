/*
 * Copying deliveries that can never be handled to `<queue>.dead`, over a publishing connection that is
 * opened when it is needed. For the listener's thread.
 */
#ifndef EVENTS_MSGQUEUE_AMQP_PARKING_H
#define EVENTS_MSGQUEUE_AMQP_PARKING_H

#include "msgqueue/amqp/amqp_delivery.h"

struct amqp_parking {
    struct amqp_link_options options; /* borrows address, name and watchdog */
    const char *queue;                /* borrowed: where the deliveries come from */
    struct amqp_link link;
};

/* Returns when the broker has confirmed the copy, or after some seconds. */
enum parking_end amqp_parking_put(struct amqp_parking *parking,
                                  const struct amqp_delivery *delivery);
void amqp_parking_close(struct amqp_parking *parking);

#endif
