/*
 * Messages about the catalogue. A batch is decoded, brought into the copy, and its events are taken
 * over by their ledgers; a message is acknowledged when both have it. Copy and ledger each know by the
 * version what they already have, so repeats and disorder do no harm.
 */
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "bookingservice/booking_service.h"
#include "bookingservice/translation.h"
#include "service/delivery_verdict.h"

struct heard_event {
    struct delivery *delivery;
    struct event event;
    bool removed;
};

struct heard_location {
    struct delivery *delivery;
    struct location location; /* owned */
    bool removed;
};

/* A batch, sorted by what it is about. Arrays have room for all deliveries. */
struct heard {
    struct heard_event *events;
    size_t n_events;
    struct heard_location *locations;
    size_t n_locations;
};

static void heard_clear(struct heard *heard)
{
    for (size_t i = 0; i < heard->n_locations; i++)
        location_clear(&heard->locations[i].location);
    memory_free(heard->events);
    memory_free(heard->locations);
}

static void take_event(struct heard *heard, struct delivery *delivery, struct event event,
                       bool removed)
{
    heard->events[heard->n_events++] =
        (struct heard_event){.delivery = delivery, .event = event, .removed = removed};
}

static void take_location(struct heard *heard, struct delivery *delivery, struct location location,
                          bool removed)
{
    heard->locations[heard->n_locations++] =
        (struct heard_location){.delivery = delivery, .location = location, .removed = removed};
}

static bool sort_message(struct heard *heard, struct delivery *delivery,
                         const struct message *message, struct error *error)
{
    const struct removed *removed = &message->as.removed;
    struct location location = {0};

    switch (message->kind) {
    case MESSAGE_EVENT_CREATED:
    case MESSAGE_EVENT_UPDATED:
        take_event(heard, delivery, event_from_message(&message->as.event), false);
        return true;
    case MESSAGE_EVENT_REMOVED:
        take_event(heard, delivery, (struct event){.id = removed->id, .version = removed->version},
                   true);
        return true;
    case MESSAGE_LOCATION_CREATED:
    case MESSAGE_LOCATION_UPDATED:
        if (!location_from_message(&message->as.location, &location, error))
            return false;
        take_location(heard, delivery, location, false);
        return true;
    case MESSAGE_LOCATION_REMOVED:
        take_location(heard, delivery,
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

static void settle(struct delivery *delivery, bool done, bool changed, const struct error *error)
{
    if (!done) {
        delivery_fail(delivery, error);
        return;
    }
    delivery->verdict = DELIVERY_ACKNOWLEDGE;
    delivery->changed = changed;
    log_info("message taken over", LOG_TEXT("name", delivery->envelope.name),
             LOG_TEXT("id", delivery->envelope.id), LOG_NUMBER("news", changed),
             LOG_NUMBER("from_log", delivery->from_log));
}

static void apply_locations(struct booking_service *service, struct heard *heard)
{
    CLEANUP(memory_freep)
    struct copy_location *copies = memory_array(heard->n_locations, sizeof(*copies), NULL);
    struct error error = {0};

    if (!copies)
        return; /* the verdict stays: retry */
    for (size_t i = 0; i < heard->n_locations; i++)
        copies[i] = (struct copy_location){.location = &heard->locations[i].location,
                                           .removed = heard->locations[i].removed};

    bool stored = copy_store_put_locations(service->copy, copies, heard->n_locations, &error);

    for (size_t i = 0; i < heard->n_locations; i++)
        settle(heard->locations[i].delivery, stored, copies[i].changed, &error);
}

static struct ledger_change change_of(const struct heard_event *heard)
{
    return (struct ledger_change){
        .event_id = heard->event.id,
        .event_version = heard->event.version,
        .capacity = heard->removed ? CAPACITY_UNKNOWN : heard->event.capacity,
        .closed = heard->event.closed,
        .removed = heard->removed,
        .end_s = heard->event.end_s,
    };
}

/* Copy and ledger are brought forward independently: each may be ahead after a crash. */
static void apply_events(struct booking_service *service, struct heard *heard)
{
    CLEANUP(memory_freep)
    struct copy_event *copies = memory_array(heard->n_events, sizeof(*copies), NULL);
    CLEANUP(memory_freep)
    struct ledger_change *changes = memory_array(heard->n_events, sizeof(*changes), NULL);
    struct error error = {0};

    if (!copies || !changes)
        return;
    for (size_t i = 0; i < heard->n_events; i++) {
        copies[i] = (struct copy_event){.event = &heard->events[i].event,
                                        .removed = heard->events[i].removed};
        changes[i] = change_of(&heard->events[i]);
    }

    bool copied = copy_store_put_events(service->copy, copies, heard->n_events, &error);
    bool taken = copied && ledger_take_over(service->ledger, changes, heard->n_events,
                                            clock_monotonic_ms() + TAKE_OVER_WAIT_MS, &error);

    for (size_t i = 0; i < heard->n_events; i++)
        settle(heard->events[i].delivery, taken || (copied && changes[i].taken_over),
               copies[i].changed || changes[i].changed, &error);
}

void catalogue_heard(void *context, struct delivery *deliveries, size_t n_deliveries)
{
    struct booking_service *service = context;
    CLEANUP(heard_clear)
    struct heard heard = {.events = memory_array(n_deliveries, sizeof(struct heard_event), NULL),
                          .locations =
                              memory_array(n_deliveries, sizeof(struct heard_location), NULL)};

    if (!heard.events || !heard.locations)
        return;
    for (size_t i = 0; i < n_deliveries; i++)
        decode(&heard, &deliveries[i]);
    /* Locations first, so that an event is never shown without the one that came before it. */
    if (heard.n_locations)
        apply_locations(service, &heard);
    if (heard.n_events)
        apply_events(service, &heard);
}
