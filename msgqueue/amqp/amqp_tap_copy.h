/* The properties of a message that is sent on as it came. */
#ifndef EVENTS_MSGQUEUE_AMQP_TAP_COPY_H
#define EVENTS_MSGQUEUE_AMQP_TAP_COPY_H

#include "msgqueue/amqp/amqp_message.h"

/*
 * Theirs, but durable, without an expiry, without a user id, which the broker would compare with ours, and
 * without those headers that would act on the copy or say something untrue about it. A name that only
 * the routing key told becomes a header. @redriven: what says why it was parked is left out as well, and
 * `x-redriven` is one more than it was. Lives in @pool; NULL when they make no sense or there is no
 * memory.
 */
const amqp_basic_properties_t *amqp_tap_copy(const struct amqp_content *content, bool redriven,
                                             amqp_pool_t *pool);

#endif
