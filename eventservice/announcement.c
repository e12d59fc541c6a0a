#include "eventservice/announcement.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/trace.h"

#include <stdio.h>

/* Encode @body into the outbox message about document @subject. */
static bool pack(const struct message *body, enum outbox_kind kind, int64_t version,
                 struct outbox_message *message, struct error *error)
{
    CLEANUP(buffer_clear) struct buffer buffer = {0};
    const struct trace step = trace_child(trace_current());

    buffer_init(&buffer, MESSAGE_BODY_BYTES_MAX);
    if (!message_encode(body, &buffer, error))
        return false;
    message->kind = kind;
    message->subject = message_subject(body);
    message->version = version;
    message->time_ms = clock_wall_ms();
    trace_format(&step, message->traceparent);
    snprintf(message->name, sizeof(message->name), "%s", message_name(body->kind));
    message->body_bytes = buffer.size_bytes;
    message->body = buffer_take(&buffer);
    return true;
}

bool announce_event(enum message_kind kind, const struct event *event,
                    const struct location *location, struct outbox_message *message,
                    struct error *error)
{
    struct message body = {
        .kind = kind,
        .as.event = {.id = event->id,
                     .version = event->version,
                     .location_id = event->location_id,
                     .capacity = event->capacity,
                     .closed = event->closed,
                     .duration_minutes = event->duration_minutes,
                     .start_s = event->start_s,
                     .end_s = event->end_s},
    };

    snprintf(body.as.event.name, sizeof(body.as.event.name), "%s", event->name);
    snprintf(body.as.event.hall, sizeof(body.as.event.hall), "%s", event->hall);
    if (location)
        snprintf(body.as.event.location_name, sizeof(body.as.event.location_name), "%s",
                 location->name);
    return pack(&body, OUTBOX_EVENT, event->version, message, error);
}

static bool copy_halls(const struct location *location, struct location_created *body,
                       struct error *error)
{
    if (!location->n_halls)
        return true;
    body->halls = memory_array(location->n_halls, sizeof(*body->halls), error);
    if (!body->halls)
        return false;
    body->n_halls = location->n_halls;
    for (size_t i = 0; i < location->n_halls; i++) {
        const struct hall *hall = &location->halls[i];

        snprintf(body->halls[i].name, sizeof(body->halls[i].name), "%s", hall->name);
        snprintf(body->halls[i].location, sizeof(body->halls[i].location), "%s", hall->location);
        body->halls[i].capacity = hall->capacity;
    }
    return true;
}

bool announce_location(enum message_kind kind, const struct location *location,
                       struct outbox_message *message, struct error *error)
{
    CLEANUP(message_clear)
    struct message body = {
        .kind = kind,
        .as.location = {.id = location->id,
                        .version = location->version,
                        .open_time = location->open_hour,
                        .close_time = location->close_hour},
    };
    struct location_created *as = &body.as.location;

    snprintf(as->name, sizeof(as->name), "%s", location->name);
    snprintf(as->address, sizeof(as->address), "%s", location->address);
    snprintf(as->country, sizeof(as->country), "%s", location->country);
    return copy_halls(location, as, error) &&
           pack(&body, OUTBOX_LOCATION, location->version, message, error);
}

bool announce_removed(enum message_kind kind, const struct removed *removed,
                      struct outbox_message *message, struct error *error)
{
    const struct message body = {.kind = kind, .as.removed = *removed};

    return pack(&body, kind == MESSAGE_EVENT_REMOVED ? OUTBOX_EVENT : OUTBOX_LOCATION,
                removed->version, message, error);
}
