/* Messages inside one process; see memory_broker.h. */
#ifndef EVENTS_MSGQUEUE_MEMORY_BACKEND_H
#define EVENTS_MSGQUEUE_MEMORY_BACKEND_H

#include "msgqueue/backend.h"

extern const struct msgqueue_backend msgqueue_memory;

MUST_CHECK bool memory_emitter_open(const struct event_emitter_options *options,
                                    struct event_emitter **emitter, struct error *error);
MUST_CHECK bool memory_listener_open(const struct event_listener_options *options,
                                     struct event_listener **listener, struct error *error);

#endif
