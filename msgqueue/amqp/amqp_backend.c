#include "msgqueue/amqp/amqp_backend.h"

#include "msgqueue/amqp/amqp_emitter.h"
#include "msgqueue/amqp/amqp_listener.h"

const struct msgqueue_backend msgqueue_amqp = {
    .name = "amqp",
    .open_emitter = amqp_emitter_open,
    .open_listener = amqp_listener_open,
};
