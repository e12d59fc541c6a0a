#include "persistence/outbox.h"

#include "base/memory.h"

#include <string.h>

void outbox_message_clear(struct outbox_message *message)
{
    memory_free(message->body);
    *message = (struct outbox_message){0};
}

bool outbox_message_copy(const struct outbox_message *source, struct outbox_message *message,
                         struct error *error)
{
    /* A byte more than the body, so that it ends with a NUL. */
    char *body = memory_new(source->body_bytes + 1, error);

    if (!body)
        return false;
    if (source->body_bytes > 0)
        memcpy(body, source->body, source->body_bytes);
    *message = *source;
    message->body = body;
    return true;
}
