#include "eventservice/location_store.h"

#include "eventservice/announcement.h"

#include <string.h>

bool location_store_insert(struct event_service *service, struct location *location,
                           const struct catalogue_key *key, struct error *error)
{
    CLEANUP(outbox_message_clear) struct outbox_message message = {0};

    location->version = 1;
    if (!announce_location(MESSAGE_LOCATION_CREATED, location, &message, error) ||
        !catalogue_store_insert_location(service->catalogue, location, key, &message, error))
        return false;
    catalogue_relay_hand_over(service->runtime.relay, &message);
    return true;
}

bool location_store_change(struct event_service *service, struct location *location,
                           struct error *error)
{
    CLEANUP(outbox_message_clear) struct outbox_message message = {0};

    location->version++;
    if (!announce_location(MESSAGE_LOCATION_UPDATED, location, &message, error) ||
        !catalogue_store_change_location(service->catalogue, location, &message, error))
        return false;
    catalogue_relay_hand_over(service->runtime.relay, &message);
    return true;
}

bool location_store_remove(struct event_service *service, const struct location *location,
                           struct error *error)
{
    CLEANUP(outbox_message_clear) struct outbox_message message = {0};
    const struct removed removed = {.id = location->id, .version = location->version + 1};

    if (!announce_removed(MESSAGE_LOCATION_REMOVED, &removed, &message, error) ||
        !catalogue_store_remove(service->catalogue, &message, error))
        return false;
    catalogue_relay_hand_over(service->runtime.relay, &message);
    return true;
}

static bool is_same_hall(const struct hall *a, const struct hall *b)
{
    return strcmp(a->name, b->name) == 0 && strcmp(a->location, b->location) == 0 &&
           a->capacity == b->capacity;
}

bool location_is_same(const struct location *a, const struct location *b)
{
    if (strcmp(a->name, b->name) != 0 || strcmp(a->address, b->address) != 0 ||
        strcmp(a->country, b->country) != 0 || a->open_hour != b->open_hour ||
        a->close_hour != b->close_hour || a->n_halls != b->n_halls)
        return false;
    for (size_t i = 0; i < a->n_halls; i++) {
        if (!is_same_hall(&a->halls[i], &b->halls[i]))
            return false;
    }
    return true;
}
