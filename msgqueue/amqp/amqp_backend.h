/* AMQP 0-9-1, that is RabbitMQ. */
#ifndef EVENTS_MSGQUEUE_AMQP_BACKEND_H
#define EVENTS_MSGQUEUE_AMQP_BACKEND_H

#include "msgqueue/backend.h"

extern const struct msgqueue_backend msgqueue_amqp;

#endif
