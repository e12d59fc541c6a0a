/* Subscribing over AMQP 0-9-1; see msgqueue/event_listener.h. */
#ifndef EVENTS_MSGQUEUE_AMQP_LISTENER_H
#define EVENTS_MSGQUEUE_AMQP_LISTENER_H

#include "msgqueue/backend.h"

MUST_CHECK bool amqp_listener_open(const struct event_listener_options *options,
                                   struct event_listener **listener, struct error *error);

#endif
