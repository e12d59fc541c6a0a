#include "bookingservice/catalogue_batch.h"

#include "base/memory.h"
#include "bookingservice/translation.h"
#include "service/delivery_verdict.h"

void catalogue_batch_clear(struct catalogue_batch *batch)
{
    for (size_t i = 0; i < batch->n_locations; i++)
        location_clear(&batch->locations[i]);
    memory_free(batch->location_deliveries);
    memory_free(batch->locations);
    memory_free(batch->location_copies);
    memory_free(batch->event_deliveries);
    memory_free(batch->events);
    memory_free(batch->event_copies);
    memory_free(batch->changes);
    *batch = (struct catalogue_batch){0};
}

static bool take_room(struct catalogue_batch *batch, size_t n, struct error *error)
{
    batch->location_deliveries = memory_array(n, sizeof(struct delivery *), error);
    batch->locations = memory_array(n, sizeof(*batch->locations), error);
    batch->location_copies = memory_array(n, sizeof(*batch->location_copies), error);
    batch->event_deliveries = memory_array(n, sizeof(struct delivery *), error);
    batch->events = memory_array(n, sizeof(*batch->events), error);
    batch->event_copies = memory_array(n, sizeof(*batch->event_copies), error);
    batch->changes = memory_array(n, sizeof(*batch->changes), error);
    return batch->location_deliveries && batch->locations && batch->location_copies &&
           batch->event_deliveries && batch->events && batch->event_copies && batch->changes;
}

/* ---- reading ---- */

static void take_location(struct catalogue_batch *batch, struct delivery *delivery,
                          struct location location, bool removed)
{
    size_t i = batch->n_locations++;

    batch->location_deliveries[i] = delivery;
    batch->locations[i] = location;
    batch->location_copies[i] =
        (struct copy_location){.location = &batch->locations[i], .removed = removed};
}

static void take_event(struct catalogue_batch *batch, struct delivery *delivery,
                       const struct event *event, bool removed)
{
    size_t i = batch->n_events++;

    batch->event_deliveries[i] = delivery;
    batch->events[i] = *event;
    batch->event_copies[i] = (struct copy_event){.event = &batch->events[i], .removed = removed};
    batch->changes[i] =
        (struct ledger_change){.event_id = event->id,
                               .event_version = event->version,
                               .capacity = removed ? CAPACITY_UNKNOWN : event->capacity,
                               .closed = event->closed,
                               .removed = removed,
                               .end_s = event->end_s};
}

static bool sort_message(struct catalogue_batch *batch, struct delivery *delivery,
                         const struct message *message, struct error *error)
{
    const struct removed *removed = &message->as.removed;
    struct location location = {0};
    struct event event = {0};

    switch (message->kind) {
    case MESSAGE_EVENT_CREATED:
    case MESSAGE_EVENT_UPDATED:
        event = event_from_message(&message->as.event);
        take_event(batch, delivery, &event, false);
        return true;
    case MESSAGE_EVENT_REMOVED:
        event = (struct event){.id = removed->id, .version = removed->version};
        take_event(batch, delivery, &event, true);
        return true;
    case MESSAGE_LOCATION_CREATED:
    case MESSAGE_LOCATION_UPDATED:
        if (!location_from_message(&message->as.location, &location, error))
            return false;
        take_location(batch, delivery, location, false);
        return true;
    case MESSAGE_LOCATION_REMOVED:
        location = (struct location){.id = removed->id, .version = removed->version};
        take_location(batch, delivery, location, true);
        return true;
    case MESSAGE_EVENT_BOOKED:
    case MESSAGE_BOOKING_CANCELLED:
    case N_MESSAGE_KINDS:
        break;
    }
    return error_set(error, ERROR_UNSUPPORTED, "%s is not for this queue", delivery->envelope.name);
}

static void decode(struct catalogue_batch *batch, struct delivery *delivery)
{
    CLEANUP(message_clear) struct message message = {0};
    struct error error = {0};

    if (!message_decode(&delivery->envelope, &message, &error) ||
        !sort_message(batch, delivery, &message, &error))
        delivery_fail(delivery, &error);
}

bool catalogue_batch_read(struct catalogue_batch *batch, struct delivery *deliveries,
                          size_t n_deliveries, struct error *error)
{
    if (!take_room(batch, n_deliveries, error)) {
        catalogue_batch_clear(batch);
        return false;
    }
    for (size_t i = 0; i < n_deliveries; i++)
        decode(batch, &deliveries[i]);
    return true;
}

/* ---- the end ---- */

static void settle(struct delivery *delivery, bool done, bool changed, const struct error *error)
{
    if (done)
        delivery_take(delivery, changed, LOG_INFO);
    else
        delivery_fail(delivery, error);
}

void catalogue_batch_end_locations(struct catalogue_batch *batch, const struct error *error)
{
    for (size_t i = 0; i < batch->n_locations; i++)
        settle(batch->location_deliveries[i], !error, batch->location_copies[i].changed, error);
}

/* One event's ledger may be closed for good while another is only busy. */
static void end_event(struct catalogue_batch *batch, size_t i)
{
    const struct ledger_change *change = &batch->changes[i];
    struct error error = {0};

    if (!change->taken_over)
        error_set(&error, change->code, "the ledger of event %s did not take it over: %s",
                  object_id_hex(&change->event_id).text, error_code_name(change->code));
    settle(batch->event_deliveries[i], change->taken_over,
           batch->event_copies[i].changed || change->changed, &error);
}

void catalogue_batch_end_events(struct catalogue_batch *batch, const struct error *error)
{
    for (size_t i = 0; i < batch->n_events; i++) {
        if (error)
            settle(batch->event_deliveries[i], false, false, error);
        else
            end_event(batch, i);
    }
}
