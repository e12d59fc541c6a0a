#include "eventservice/event_store.h"

#include "base/random.h"
#include "eventservice/announcement.h"
#include "eventservice/location_store.h"

#include <string.h>

/* The id of a location that comes along without one: derived, so that a repeat finds it. */
static struct object_id location_id_for(const struct object_id *event_id)
{
    const struct hash_part parts[] = {{"location of", 11}, {event_id->bytes, OBJECT_ID_BYTES}};
    uint8_t hash[HASH_BYTES];
    struct object_id id;

    hash_parts(parts, ARRAY_SIZE(parts), hash);
    memcpy(id.bytes, hash, sizeof(id.bytes));
    return id;
}

/* ERROR_NOT_FOUND when it is neither stored nor the one that the event shows already. */
static bool find_stored(struct event_service *service, const struct event_view *current,
                        struct event_view *view, struct error *error)
{
    const struct object_id *id = &view->event.location_id;

    if (current && current->has_location && object_id_equal(&current->event.location_id, id))
        return location_copy(&current->location, &view->location, error);
    return catalogue_store_location(service->catalogue, id, &view->location, error);
}

/* A copy: whoever finds another's in the place of it decides again. */
static bool bring_location(const struct event_input *input, struct event_view *view,
                           struct error *error)
{
    struct location *location = &view->location;

    if (!input->brings_location)
        return error_detail(error, "/LocationID", "no such location");
    if (!location_copy(&input->location, location, error))
        return false;
    location->id = view->event.location_id;
    location->version = 1;
    return location_check(location, "/Location", error);
}

/* An event brings one along at most, so there is nowhere to put another. */
static bool check_same(const struct event_input *input, const struct location *stored,
                       struct error *error)
{
    return location_is_same(&input->location, stored) ||
           error_detail(
               error, "/Location",
               "differs from what this event brought along; that is changed at /locations/%s",
               object_id_hex(&stored->id).text);
}

static bool find_location(struct event_service *service, const struct event_input *input,
                          const struct event_view *current, struct event_view *view, bool *is_new,
                          struct error *error)
{
    struct event *event = &view->event;
    const bool is_named = !object_id_is_none(&event->location_id);
    struct error missing = {0};

    if (!is_named) {
        if (!input->brings_location)
            return true;
        event->location_id = location_id_for(&event->id);
    }
    view->has_location = true;
    if (find_stored(service, current, view, &missing))
        return is_named || check_same(input, &view->location, error);
    if (missing.code != ERROR_NOT_FOUND) {
        *error = missing;
        return false;
    }
    *is_new = true;
    return bring_location(input, view, error);
}

/*
 * Whether a change leaves the capacity alone: it names nothing that decides it, or it says again, as a
 * PUT of what GET has shown does, that none is known.
 */
static bool keeps_capacity(const struct event_input *input, const struct event *current,
                           bool is_same_place)
{
    if (!input->names_capacity && !input->names_place)
        return true;
    return is_same_place && input->names_capacity && current->capacity == CAPACITY_UNKNOWN;
}

static bool decide_capacity(const struct event_input *input, const struct event *current,
                            struct event_view *view, struct error *error)
{
    struct event *event = &view->event;
    bool is_given = event->capacity != CAPACITY_UNKNOWN;
    bool is_same_place = current && strcmp(current->hall, event->hall) == 0 &&
                         object_id_equal(&current->location_id, &event->location_id);

    if (current && !is_given && keeps_capacity(input, current, is_same_place)) {
        event->capacity = current->capacity;
        return true;
    }
    if (is_given && is_same_place)
        return true; /* its location may have lost the hall since */
    if (event->hall[0] && !view->has_location)
        return error_detail(error, "/Hall", "needs a location that has it");
    return event_take_capacity(event, view->has_location ? &view->location : NULL, error);
}

/* Another may have brought one under the same id, with other halls: then it decides the capacity. */
static bool store_location(struct event_service *service, struct location *location,
                           struct error *error)
{
    if (location_store_insert(service, location, NULL, error))
        return true;
    if (error->code == ERROR_EXISTS)
        error->code = ERROR_CONFLICT;
    return false;
}

bool event_store_decide(struct event_service *service, const struct event_input *input,
                        const struct event_view *current, struct event_view *view,
                        struct error *error)
{
    bool is_new = false;

    view->event = input->event;
    if (!find_location(service, input, current, view, &is_new, error) ||
        !decide_capacity(input, current ? &current->event : NULL, view, error))
        return false;
    if (current) {
        view->entry = current->entry;
        view->seats_sold = current->seats_sold;
    }
    return !is_new || store_location(service, &view->location, error);
}

static bool announce(enum message_kind kind, const struct event_view *view,
                     struct outbox_message *message, struct error *error)
{
    return announce_event(kind, &view->event, view->has_location ? &view->location : NULL, message,
                          error);
}

bool event_store_insert(struct event_service *service, struct event_view *view,
                        const struct catalogue_key *key, struct error *error)
{
    CLEANUP(outbox_message_clear) struct outbox_message message = {0};

    view->event.version = 1;
    if (!announce(MESSAGE_EVENT_CREATED, view, &message, error) ||
        !catalogue_store_insert_event(service->catalogue, &view->event, key, &message, error))
        return false;
    catalogue_relay_hand_over(service->runtime.relay, &message);
    return true;
}

bool event_store_change(struct event_service *service, struct event_view *view, struct error *error)
{
    CLEANUP(outbox_message_clear) struct outbox_message message = {0};

    view->event.version++;
    if (!announce(MESSAGE_EVENT_UPDATED, view, &message, error) ||
        !catalogue_store_change_event(service->catalogue, &view->event, &message, error))
        return false;
    catalogue_relay_hand_over(service->runtime.relay, &message);
    return true;
}

bool event_store_remove(struct event_service *service, const struct event *event,
                        struct error *error)
{
    CLEANUP(outbox_message_clear) struct outbox_message message = {0};
    const struct removed removed = {.id = event->id, .version = event->version + 1};

    if (!announce_removed(MESSAGE_EVENT_REMOVED, &removed, &message, error) ||
        !catalogue_store_remove(service->catalogue, &message, error))
        return false;
    catalogue_relay_hand_over(service->runtime.relay, &message);
    return true;
}
