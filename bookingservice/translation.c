#include "bookingservice/translation.h"

#include <stdio.h>

struct event event_from_message(const struct event_created *message)
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

bool location_from_message(const struct location_created *message, struct location *location,
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
