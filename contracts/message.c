#include "contracts/message.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* What the kinds of message have in common once they are inside the union. */
struct message_row {
    const char *name;
    const char *spelling; /* another one, understood on receipt; NULL: none */
    void (*encode)(const struct message *message, struct json_writer *writer);
    bool (*decode)(const struct json *body, struct message *message, struct error *error);
    const struct object_id *(*subject)(const struct message *message);
};

static void encode_event(const struct message *message, struct json_writer *writer)
{
    event_created_encode(&message->as.event, writer);
}

static bool decode_event(const struct json *body, struct message *message, struct error *error)
{
    return event_created_decode(body, &message->as.event, error);
}

static const struct object_id *event_of_event(const struct message *message)
{
    return &message->as.event.id;
}

static void encode_location(const struct message *message, struct json_writer *writer)
{
    location_created_encode(&message->as.location, writer);
}

static bool decode_location(const struct json *body, struct message *message, struct error *error)
{
    return location_created_decode(body, &message->as.location, error);
}

static const struct object_id *location_of_location(const struct message *message)
{
    return &message->as.location.id;
}

static void encode_removed(const struct message *message, struct json_writer *writer)
{
    removed_encode(&message->as.removed, writer);
}

static bool decode_removed(const struct json *body, struct message *message, struct error *error)
{
    return removed_decode(body, &message->as.removed, error);
}

static const struct object_id *what_was_removed(const struct message *message)
{
    return &message->as.removed.id;
}

static void encode_booked(const struct message *message, struct json_writer *writer)
{
    event_booked_encode(&message->as.booking, "bookedAt", writer);
}

static bool decode_booked(const struct json *body, struct message *message, struct error *error)
{
    return event_booked_decode(body, "bookedAt", &message->as.booking, error);
}

static void encode_cancelled(const struct message *message, struct json_writer *writer)
{
    event_booked_encode(&message->as.booking, "cancelledAt", writer);
}

static bool decode_cancelled(const struct json *body, struct message *message, struct error *error)
{
    return event_booked_decode(body, "cancelledAt", &message->as.booking, error);
}

static const struct object_id *event_of_booking(const struct message *message)
{
    return &message->as.booking.event_id;
}

static const struct message_row rows[N_MESSAGE_KINDS] = {
    [MESSAGE_EVENT_CREATED] = {"event.created", "eventCreated", encode_event, decode_event,
                               event_of_event},
    [MESSAGE_EVENT_UPDATED] = {"event.updated", NULL, encode_event, decode_event, event_of_event},
    [MESSAGE_EVENT_REMOVED] = {"event.removed", NULL, encode_removed, decode_removed,
                               what_was_removed},
    [MESSAGE_LOCATION_CREATED] = {"location.created", "locationCreated", encode_location,
                                  decode_location, location_of_location},
    [MESSAGE_LOCATION_UPDATED] = {"location.updated", NULL, encode_location, decode_location,
                                  location_of_location},
    [MESSAGE_LOCATION_REMOVED] = {"location.removed", NULL, encode_removed, decode_removed,
                                  what_was_removed},
    [MESSAGE_EVENT_BOOKED] = {"event.booked", "eventBooked", encode_booked, decode_booked,
                              event_of_booking},
    [MESSAGE_BOOKING_CANCELLED] = {"booking.cancelled", NULL, encode_cancelled, decode_cancelled,
                                   event_of_booking},
};

const char *message_name(enum message_kind kind)
{
    return rows[kind].name;
}

static bool row_is_called(const struct message_row *row, const char *name)
{
    return strcmp(row->name, name) == 0 || (row->spelling && strcmp(row->spelling, name) == 0);
}

bool message_kind_of(const char *name, enum message_kind *kind)
{
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        if (row_is_called(&rows[i], name)) {
            *kind = (enum message_kind)i;
            return true;
        }
    }
    return false;
}

bool message_encode(const struct message *message, struct buffer *body, struct error *error)
{
    struct json_writer writer = JSON_WRITER(body);

    rows[message->kind].encode(message, &writer);
    return buffer_ok(body, error);
}

static bool parse_body(const struct envelope *envelope, struct json **body, struct error *error)
{
    if (envelope->body_bytes > MESSAGE_BODY_BYTES_MAX)
        return error_set(error, ERROR_INVALID, "a body of %zu bytes, more than %d",
                         envelope->body_bytes, MESSAGE_BODY_BYTES_MAX);
    return json_parse(envelope->body, envelope->body_bytes, body, error);
}

bool message_decode(const struct envelope *envelope, struct message *message, struct error *error)
{
    CLEANUP(json_freep) struct json *body = NULL;
    struct message read = {0};

    if (!message_kind_of(envelope->name, &read.kind))
        return error_set(error, ERROR_UNSUPPORTED, "no message is called \"%s\"", envelope->name);
    if (!parse_body(envelope, &body, error))
        return error_wrap(error, "reading %s", envelope->name);
    if (!json_is_object(body))
        return error_detail(error, "", "must be an object");
    if (!rows[read.kind].decode(body, &read, error))
        return false;
    *message = read;
    return true;
}

void message_clear(struct message *message)
{
    if (message->kind == MESSAGE_LOCATION_CREATED || message->kind == MESSAGE_LOCATION_UPDATED)
        location_created_clear(&message->as.location);
    *message = (struct message){0};
}

struct object_id message_subject(const struct message *message)
{
    return *rows[message->kind].subject(message);
}

void message_id_of_version(const struct object_id *id, int64_t version, char text[MESSAGE_ID_BYTES])
{
    snprintf(text, MESSAGE_ID_BYTES, "%s:%" PRId64, object_id_hex(id).text, version);
}

void message_id_of_entry(const struct object_id *event_id, int64_t entry, char part, size_t index,
                         char text[MESSAGE_ID_BYTES])
{
    snprintf(text, MESSAGE_ID_BYTES, "%s:%" PRId64 ":%c%zu", object_id_hex(event_id).text, entry,
             part, index);
}
