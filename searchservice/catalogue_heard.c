/*
 * Messages about the catalogue. A batch is brought into the copy, then what it touches is made to be found
 * by what the copy says. All of it may be done again at any time: versions decide.
 */
#include "base/memory.h"
#include "contracts/message.h"
#include "searchservice/finding.h"
#include "service/delivery_verdict.h"

#include <stdio.h>

/* A batch, sorted by what it is about. Arrays have room for all deliveries. */
struct heard {
    struct search_service *service;
    struct event *events;
    struct copy_event *event_copies;
    struct delivery **event_deliveries;
    size_t n_events;
    struct location *places; /* without halls, so they own nothing */
    struct copy_location *place_copies;
    struct delivery **place_deliveries;
    size_t n_places;
};

static void heard_clear(struct heard *heard)
{
    memory_free(heard->events);
    memory_free(heard->event_copies);
    memory_free(heard->event_deliveries);
    memory_free(heard->places);
    memory_free(heard->place_copies);
    memory_free(heard->place_deliveries);
}

static bool heard_make(struct heard *heard, size_t n, struct error *error)
{
    heard->events = memory_array(n, sizeof(*heard->events), error);
    heard->event_copies = memory_array(n, sizeof(*heard->event_copies), error);
    heard->event_deliveries = memory_array(n, sizeof(struct delivery *), error);
    heard->places = memory_array(n, sizeof(*heard->places), error);
    heard->place_copies = memory_array(n, sizeof(*heard->place_copies), error);
    heard->place_deliveries = memory_array(n, sizeof(struct delivery *), error);
    return heard->events && heard->event_copies && heard->event_deliveries && heard->places &&
           heard->place_copies && heard->place_deliveries;
}

/* ---- sorting ---- */

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

/* Nobody looks for halls of a place: an event says which one it is in. */
static struct location place_of(const struct location_created *message)
{
    struct location place = {.id = message->id, .version = message->version};

    snprintf(place.name, sizeof(place.name), "%s", message->name);
    snprintf(place.address, sizeof(place.address), "%s", message->address);
    snprintf(place.country, sizeof(place.country), "%s", message->country);
    return place;
}

static void take_event(struct heard *heard, struct delivery *delivery, struct event event,
                       bool removed)
{
    size_t i = heard->n_events++;

    heard->events[i] = event;
    heard->event_copies[i] = (struct copy_event){.event = &heard->events[i], .removed = removed};
    heard->event_deliveries[i] = delivery;
}

static void take_place(struct heard *heard, struct delivery *delivery, struct location place,
                       bool removed)
{
    size_t i = heard->n_places++;

    heard->places[i] = place;
    heard->place_copies[i] =
        (struct copy_location){.location = &heard->places[i], .removed = removed};
    heard->place_deliveries[i] = delivery;
}

static bool sort_message(struct heard *heard, struct delivery *delivery,
                         const struct message *message, struct error *error)
{
    const struct removed *removed = &message->as.removed;

    switch (message->kind) {
    case MESSAGE_EVENT_CREATED:
    case MESSAGE_EVENT_UPDATED:
        take_event(heard, delivery, event_of(&message->as.event), false);
        return true;
    case MESSAGE_EVENT_REMOVED:
        take_event(heard, delivery, (struct event){.id = removed->id, .version = removed->version},
                   true);
        return true;
    case MESSAGE_LOCATION_CREATED:
    case MESSAGE_LOCATION_UPDATED:
        take_place(heard, delivery, place_of(&message->as.location), false);
        return true;
    case MESSAGE_LOCATION_REMOVED:
        take_place(heard, delivery,
                   (struct location){.id = removed->id, .version = removed->version}, true);
        return true;
    case MESSAGE_EVENT_BOOKED:
    case MESSAGE_BOOKING_CANCELLED:
    case N_MESSAGE_KINDS:
        break;
    }
    return error_set(error, ERROR_UNSUPPORTED, "%s is not for this queue", delivery->envelope.name);
}

static void decode(struct heard *heard, struct delivery *delivery)
{
    CLEANUP(message_clear) struct message message = {0};
    struct error error = {0};

    if (!message_decode(&delivery->envelope, &message, &error) ||
        !sort_message(heard, delivery, &message, &error))
        delivery_fail(delivery, &error);
}

/* ---- applying ---- */

static bool find_removed(struct heard *heard, struct error *error)
{
    for (size_t i = 0; i < heard->n_events; i++) {
        const struct search_entry entry = {
            .event_id = heard->events[i].id,
            .event_version = heard->events[i].version,
            .removed = true,
        };

        if (heard->event_copies[i].removed &&
            !search_store_put(heard->service->found, &entry, 1, error))
            return false;
    }
    return true;
}

static bool find_events(struct heard *heard, struct error *error)
{
    CLEANUP(memory_freep)
    struct object_id *ids = memory_array(heard->n_events + 1, sizeof(*ids), error);

    if (!ids)
        return false;
    for (size_t i = 0; i < heard->n_events; i++)
        ids[i] = heard->events[i].id;
    return finding_events(heard->service, ids, heard->n_events, error) &&
           find_removed(heard, error);
}

static bool find_places(struct heard *heard, struct error *error)
{
    for (size_t i = 0; i < heard->n_places; i++) {
        if (!finding_place(heard->service, &heard->places[i].id, error))
            return false;
    }
    return true;
}

static bool apply(struct heard *heard, struct error *error)
{
    struct copy_store *copy = heard->service->copy;

    return copy_store_put_locations(copy, heard->place_copies, heard->n_places, error) &&
           copy_store_put_events(copy, heard->event_copies, heard->n_events, error) &&
           find_events(heard, error) && find_places(heard, error);
}

static void settle(struct delivery *delivery, bool changed, const struct error *error)
{
    if (error)
        delivery_fail(delivery, error);
    else
        delivery_take(delivery, changed, LOG_INFO);
}

void search_heard(void *context, struct delivery *deliveries, size_t n_deliveries)
{
    CLEANUP(heard_clear) struct heard heard = {.service = context};
    struct error error = {0};
    const struct error *failure = NULL;

    if (!heard_make(&heard, n_deliveries, &error))
        return; /* the verdicts stay: retry */
    for (size_t i = 0; i < n_deliveries; i++)
        decode(&heard, &deliveries[i]);
    if (!apply(&heard, &error))
        failure = &error;
    for (size_t i = 0; i < heard.n_places; i++)
        settle(heard.place_deliveries[i], heard.place_copies[i].changed, failure);
    for (size_t i = 0; i < heard.n_events; i++)
        settle(heard.event_deliveries[i], heard.event_copies[i].changed, failure);
}
