/* A message that came over AMQP, kept until it is settled. */
#ifndef EVENTS_MSGQUEUE_AMQP_DELIVERY_H
#define EVENTS_MSGQUEUE_AMQP_DELIVERY_H

#include "msgqueue/amqp/amqp_message.h"
#include "msgqueue/listener_common.h"

struct amqp_delivery {
    struct listened listened;
    struct buffer properties; /* as they were encoded */
    struct buffer body;       /* the envelope's lies in it */
};

/*
 * Move what @content holds into a delivery. @state says what to do with it: WAITING, or TO_PARK with a reason when
 * nobody could handle it, or TO_REJECT when it is too large even to be copied.
 */
MUST_CHECK struct amqp_delivery *amqp_delivery_new(struct amqp_content *content,
                                                   struct amqp_facts *facts, enum held_state *state,
                                                   struct error *error);
void amqp_delivery_free(struct amqp_delivery *delivery);

/* All that @flow needs no more. */
void amqp_delivery_free_finished(struct listener_common *common, struct listener_flow *flow);

#endif
