#include "bookingservice/ledger_relay.h"

#include "base/memory.h"
#include "contracts/message.h"

#include <stdio.h>

struct ledger_item {
    struct relay_item base;
    struct ledger_entry entry; /* owned */
    struct trace *steps;       /* owned; of each message; NULL: none is known */
};

static const struct ledger_entry *entry_of(const struct relay_item *item)
{
    return &((const struct ledger_item *)(const void *)item)->entry;
}

static void free_item(struct relay_item *item)
{
    struct ledger_item *self = (struct ledger_item *)(void *)item;

    if (!self)
        return;
    ledger_entry_clear(&self->entry);
    memory_free(self->steps);
    memory_free(self);
}

struct relay_item *ledger_relay_item(const struct ledger_entry *entry, struct error *error)
{
    struct ledger_item *self = memory_new(sizeof(*self), error);

    if (!self)
        return NULL;
    if (!ledger_entry_copy(entry, &self->entry, error)) {
        memory_free(self);
        return NULL;
    }
    self->base.key =
        (struct relay_key){.subject = entry->key.event_id, .number = entry->key.sequence};
    self->base.n_messages = entry->n_bookings + entry->n_cancellations;
    self->base.committed_ms = entry->at_ms;
    return &self->base;
}

/* Message @index of an entry: its bookings first, then its cancellations. */
static struct message message_of(const struct ledger_entry *entry, size_t index)
{
    bool is_booking = index < entry->n_bookings;
    struct message message = {
        .kind = is_booking ? MESSAGE_EVENT_BOOKED : MESSAGE_BOOKING_CANCELLED,
        .as.booking = {.event_id = entry->key.event_id,
                       .at_ms = entry->at_ms,
                       .seats_sold = entry->state.seats_sold,
                       .seats_left = ledger_state_free(&entry->state),
                       .entry = entry->key.sequence},
    };
    struct event_booked *as = &message.as.booking;

    if (is_booking) {
        const struct ledger_booking *booking = &entry->bookings[index];

        as->booking_id = booking->id;
        as->user_id = booking->user_id;
        as->seats = booking->seats;
    } else {
        const struct ledger_cancellation *gone = &entry->cancellations[index - entry->n_bookings];

        as->booking_id = gone->booking_id;
        as->user_id = gone->user_id;
        as->seats = gone->seats;
    }
    return message;
}

static void write_id(const struct ledger_entry *entry, size_t index, char id[MESSAGE_ID_BYTES])
{
    bool is_booking = index < entry->n_bookings;

    message_id_of_entry(&entry->key.event_id, entry->key.sequence, is_booking ? 'b' : 'x',
                        is_booking ? index : index - entry->n_bookings, id);
}

static void write_trace(const struct relay_item *item, size_t index,
                        char traceparent[TRACEPARENT_BYTES])
{
    const struct trace *steps = ((const struct ledger_item *)(const void *)item)->steps;

    if (steps)
        trace_format(&steps[index], traceparent);
}

static bool write_envelope(void *context, const struct relay_item *item, size_t index,
                           struct buffer *body, struct envelope *envelope, struct error *error)
{
    const struct ledger_relay *relay = context;
    const struct ledger_entry *entry = entry_of(item);
    const struct message message = message_of(entry, index);

    *envelope = (struct envelope){.time_ms = entry->at_ms};
    write_id(entry, index, envelope->id);
    snprintf(envelope->name, sizeof(envelope->name), "%s", message_name(message.kind));
    snprintf(envelope->subject, sizeof(envelope->subject), "%s",
             object_id_hex(&entry->key.event_id).text);
    snprintf(envelope->source, sizeof(envelope->source), "%s", relay->service_name);
    write_trace(item, index, envelope->traceparent);
    if (!message_encode(&message, body, error))
        return false;
    envelope->body = body->data;
    envelope->body_bytes = body->size_bytes;
    return true;
}

static bool mark(void *context, struct relay_item *const items[], size_t n_items,
                 struct error *error)
{
    const struct ledger_relay *relay = context;
    CLEANUP(memory_freep) struct ledger_key *keys = memory_array(n_items, sizeof(*keys), error);

    if (!keys)
        return false;
    for (size_t i = 0; i < n_items; i++)
        keys[i] = entry_of(items[i])->key;
    return ledger_store_mark(relay->ledgers, keys, n_items, error);
}

static bool offer(void *context, const struct ledger_entry *entry, struct error *error)
{
    struct relay_item *item = ledger_relay_item(entry, error);

    return item && relay_offer(context, item);
}

static bool unpublished(void *context, size_t limit, struct relay *relay, struct error *error)
{
    const struct ledger_relay *self = context;

    return ledger_store_unpublished(self->ledgers, limit, offer, relay, error);
}

struct relay_source ledger_relay_source(struct ledger_relay *context)
{
    return (struct relay_source){.envelope = write_envelope,
                                 .mark = mark,
                                 .unpublished = unpublished,
                                 .free_item = free_item,
                                 .context = context};
}

/* A courtesy: without memory the messages go out without a trace. */
static void take_steps(struct relay_item *item, struct booking_traces *traces)
{
    struct ledger_item *self = (struct ledger_item *)(void *)item;
    const struct ledger_entry *entry = &self->entry;
    const size_t n = item->n_messages;
    CLEANUP(memory_freep) struct object_id *ids = memory_array(n + 1, sizeof(*ids), NULL);

    self->steps = memory_array(n + 1, sizeof(*self->steps), NULL);
    if (!ids || !self->steps)
        return;
    for (size_t i = 0; i < entry->n_bookings; i++)
        ids[i] = entry->bookings[i].id;
    for (size_t i = 0; i < entry->n_cancellations; i++)
        ids[entry->n_bookings + i] = entry->cancellations[i].booking_id;
    booking_traces_take(traces, ids, n, self->steps);
}

void ledger_relay_hand_over(struct relay *relay, const struct ledger_relay *context,
                            const struct ledger_entry *entry)
{
    struct relay_item *item = ledger_relay_item(entry, NULL);

    if (!item)
        return;
    if (context->traces)
        take_steps(item, context->traces);
    relay_hand_over(relay, item);
}
