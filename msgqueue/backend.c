#include "msgqueue/backend.h"

#include "msgqueue/amqp/amqp_backend.h"
#include "msgqueue/memory/memory_backend.h"

#include <string.h>

static const struct msgqueue_backend *const backends[] = {&msgqueue_amqp, &msgqueue_memory};

const struct msgqueue_backend *msgqueue_backend_find(const char *name)
{
    for (size_t i = 0; i < ARRAY_SIZE(backends); i++) {
        if (strcmp(backends[i]->name, name) == 0)
            return backends[i];
    }
    return NULL;
}
