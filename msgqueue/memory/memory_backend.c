#include "msgqueue/memory/memory_backend.h"

const struct msgqueue_backend msgqueue_memory = {
    .name = "memory",
    .open_emitter = memory_emitter_open,
    .open_listener = memory_listener_open,
};
