#include "eventservice/catalogue_relay.h"

#include "base/memory.h"
#include "contracts/message.h"

#include <stdio.h>

struct outbox_item {
    struct relay_item base;
    struct outbox_message message; /* owned */
};

static const struct outbox_message *message_of(const struct relay_item *item)
{
    return &((const struct outbox_item *)(const void *)item)->message;
}

static void free_item(struct relay_item *item)
{
    struct outbox_item *self = (struct outbox_item *)(void *)item;

    if (!self)
        return;
    outbox_message_clear(&self->message);
    memory_free(self);
}

static struct relay_item *make_item(const struct outbox_message *message, struct error *error)
{
    struct outbox_item *self = memory_new(sizeof(*self), error);

    if (!self)
        return NULL;
    if (!outbox_message_copy(message, &self->message, error)) {
        memory_free(self);
        return NULL;
    }
    self->base.key = (struct relay_key){
        .subject = message->subject, .number = message->version, .kind = (int32_t)message->kind};
    self->base.n_messages = 1;
    self->base.committed_ms = message->time_ms;
    return &self->base;
}

static bool write_envelope(void *context, const struct relay_item *item, size_t index,
                           struct buffer *body, struct envelope *envelope, struct error *error)
{
    const struct catalogue_relay *relay = context;
    const struct outbox_message *message = message_of(item);

    (void)index;
    *envelope = (struct envelope){.time_ms = message->time_ms};
    message_id_of_version(&message->subject, message->version, envelope->id);
    snprintf(envelope->name, sizeof(envelope->name), "%s", message->name);
    snprintf(envelope->subject, sizeof(envelope->subject), "%s",
             object_id_hex(&message->subject).text);
    snprintf(envelope->source, sizeof(envelope->source), "%s", relay->service_name);
    snprintf(envelope->traceparent, sizeof(envelope->traceparent), "%s", message->traceparent);
    buffer_append(body, message->body, message->body_bytes);
    if (!buffer_ok(body, error))
        return false;
    envelope->body = body->data;
    envelope->body_bytes = body->size_bytes;
    return true;
}

static bool mark(void *context, struct relay_item *const items[], size_t n_items,
                 struct error *error)
{
    const struct catalogue_relay *relay = context;
    CLEANUP(memory_freep)
    const struct outbox_message **messages = memory_array(n_items, sizeof(*messages), error);

    if (!messages)
        return false;
    for (size_t i = 0; i < n_items; i++)
        messages[i] = message_of(items[i]);
    return catalogue_store_mark(relay->catalogue, messages, n_items, error);
}

static bool offer(void *context, const struct outbox_message *message, struct error *error)
{
    struct relay_item *item = make_item(message, error);

    return item && relay_offer(context, item);
}

static bool unpublished(void *context, size_t limit, struct relay *relay, struct error *error)
{
    const struct catalogue_relay *self = context;

    return catalogue_store_unpublished(self->catalogue, limit, offer, relay, error);
}

struct relay_source catalogue_relay_source(struct catalogue_relay *context)
{
    return (struct relay_source){.envelope = write_envelope,
                                 .mark = mark,
                                 .unpublished = unpublished,
                                 .free_item = free_item,
                                 .context = context};
}

void catalogue_relay_hand_over(struct relay *relay, const struct outbox_message *message)
{
    struct relay_item *item = make_item(message, NULL);

    if (item)
        relay_hand_over(relay, item);
}
