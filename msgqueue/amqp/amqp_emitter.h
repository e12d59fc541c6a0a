/* Publishing over AMQP 0-9-1; see msgqueue/event_emitter.h. */
#ifndef EVENTS_MSGQUEUE_AMQP_EMITTER_H
#define EVENTS_MSGQUEUE_AMQP_EMITTER_H

#include "msgqueue/backend.h"

MUST_CHECK bool amqp_emitter_open(const struct event_emitter_options *options,
                                  struct event_emitter **emitter, struct error *error);

#endif
