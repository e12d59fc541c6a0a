#include "service/copy_batch.h"

#include "base/memory.h"
#include "contracts/message.h"
#include "service/delivery_verdict.h"

#include <stdio.h>

void copy_batch_empty(struct copy_batch *batch)
{
    for (size_t i = 0; i < batch->n_locations; i++)
        location_clear(&batch->locations[i]);
    batch->n_locations = 0;
    batch->n_events = 0;
}

void copy_batch_clear(struct copy_batch *batch)
{
    copy_batch_empty(batch);
    memory_free(batch->locations);
    memory_free(batch->location_copies);
    memory_free(batch->location_deliveries);
    memory_free(batch->events);
    memory_free(batch->event_copies);
    memory_free(batch->event_deliveries);
    *batch = (struct copy_batch){0};
}

bool copy_batch_make(struct copy_batch *batch, size_t n_max, struct error *error)
{
    batch->locations = memory_array(n_max, sizeof(*batch->locations), error);
    batch->location_copies = memory_array(n_max, sizeof(*batch->location_copies), error);
    batch->location_deliveries = memory_array(n_max, sizeof(struct delivery *), error);
    batch->events = memory_array(n_max, sizeof(*batch->events), error);
    batch->event_copies = memory_array(n_max, sizeof(*batch->event_copies), error);
    batch->event_deliveries = memory_array(n_max, sizeof(struct delivery *), error);
    if (batch->locations && batch->location_copies && batch->location_deliveries && batch->events &&
        batch->event_copies && batch->event_deliveries)
        return true;
    copy_batch_clear(batch);
    return false;
}

/* ---- from what a message says to our own values ---- */

static struct event event_of(const struct event_created *message)
{
    struct event event = {
        .id = message->id,
        .version = message->version,
        .location_id = message->location_id,
        .capacity = message->capacity,
        .closed = message->closed,
        .duration_minutes = message->duration_minutes,
        .start_s = message->start_s,
        .end_s = message->end_s,
    };

    snprintf(event.name, sizeof(event.name), "%s", message->name);
    snprintf(event.hall, sizeof(event.hall), "%s", message->hall);
    return event;
}

static bool location_of(const struct location_created *message, struct location *location,
                        struct error *error)
{
    struct location made = {.id = message->id,
                            .version = message->version,
                            .open_hour = message->open_time,
                            .close_hour = message->close_time};

    if (!location_make_halls(&made, message->n_halls, error))
        return false;
    snprintf(made.name, sizeof(made.name), "%s", message->name);
    snprintf(made.address, sizeof(made.address), "%s", message->address);
    snprintf(made.country, sizeof(made.country), "%s", message->country);
    for (size_t i = 0; i < made.n_halls; i++) {
        const struct location_created_hall *hall = &message->halls[i];

        snprintf(made.halls[i].name, sizeof(made.halls[i].name), "%s", hall->name);
        snprintf(made.halls[i].location, sizeof(made.halls[i].location), "%s", hall->location);
        made.halls[i].capacity = hall->capacity;
    }
    *location = made;
    return true;
}

/* ---- sorting ---- */

static void add_location(struct copy_batch *batch, struct delivery *delivery,
                         struct location location, bool removed)
{
    size_t i = batch->n_locations++;

    batch->locations[i] = location;
    batch->location_copies[i] =
        (struct copy_location){.location = &batch->locations[i], .removed = removed};
    batch->location_deliveries[i] = delivery;
}

static void add_event(struct copy_batch *batch, struct delivery *delivery, struct event event,
                      bool removed)
{
    size_t i = batch->n_events++;

    batch->events[i] = event;
    batch->event_copies[i] = (struct copy_event){.event = &batch->events[i], .removed = removed};
    batch->event_deliveries[i] = delivery;
}

static bool sort_message(struct copy_batch *batch, const struct message *message,
                         struct delivery *delivery, struct error *error)
{
    const struct removed *removed = &message->as.removed;
    struct location location = {0};
    struct event event;

    switch (message->kind) {
    case MESSAGE_EVENT_CREATED:
    case MESSAGE_EVENT_UPDATED:
        add_event(batch, delivery, event_of(&message->as.event), false);
        return true;
    case MESSAGE_EVENT_REMOVED:
        event = (struct event){.id = removed->id, .version = removed->version};
        add_event(batch, delivery, event, true);
        return true;
    case MESSAGE_LOCATION_CREATED:
    case MESSAGE_LOCATION_UPDATED:
        if (!location_of(&message->as.location, &location, error))
            return false;
        add_location(batch, delivery, location, false);
        return true;
    case MESSAGE_LOCATION_REMOVED:
        location = (struct location){.id = removed->id, .version = removed->version};
        add_location(batch, delivery, location, true);
        return true;
    case MESSAGE_EVENT_BOOKED:
    case MESSAGE_BOOKING_CANCELLED:
    case N_MESSAGE_KINDS:
        break;
    }
    return error_set(error, ERROR_UNSUPPORTED, "%s says nothing of the catalogue",
                     message_name(message->kind));
}

bool copy_batch_take(struct copy_batch *batch, const struct envelope *envelope,
                     struct delivery *delivery, struct error *error)
{
    CLEANUP(message_clear) struct message message = {0};

    return message_decode(envelope, &message, error) &&
           sort_message(batch, &message, delivery, error);
}

void copy_batch_read(struct copy_batch *batch, struct delivery *deliveries, size_t n_deliveries)
{
    for (size_t i = 0; i < n_deliveries; i++) {
        struct error error = {0};

        if (!copy_batch_take(batch, &deliveries[i].envelope, &deliveries[i], &error))
            delivery_fail(&deliveries[i], &error);
    }
}

/* ---- the end ---- */

bool copy_batch_put(struct copy_batch *batch, struct copy_store *copy, struct error *error)
{
    return copy_store_put_locations(copy, batch->location_copies, batch->n_locations, error) &&
           copy_store_put_events(copy, batch->event_copies, batch->n_events, error);
}

void copy_batch_end_locations(struct copy_batch *batch)
{
    for (size_t i = 0; i < batch->n_locations; i++)
        delivery_take(batch->location_deliveries[i], batch->location_copies[i].changed, LOG_INFO);
}

void copy_batch_end_events(struct copy_batch *batch)
{
    for (size_t i = 0; i < batch->n_events; i++)
        delivery_take(batch->event_deliveries[i], batch->event_copies[i].changed, LOG_INFO);
}
