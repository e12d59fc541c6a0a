#include "contracts/event_created.h"

#include "contracts/member.h"

void event_created_encode(const struct event_created *message, struct json_writer *writer)
{
    json_open_object(writer, NULL);
    member_put_id(writer, "id", &message->id);
    json_put_integer(writer, "version", message->version);
    json_put_text(writer, "name", message->name);
    member_put_id(writer, "location_id", &message->location_id);
    json_put_text(writer, "location_name", message->location_name);
    json_put_text(writer, "hall", message->hall);
    member_put_limit(writer, "capacity", message->capacity);
    json_put_bool(writer, "closed", message->closed);
    json_put_integer(writer, "duration", message->duration_minutes);
    member_put_date(writer, "start_date", message->start_s);
    member_put_date(writer, "end_date", message->end_s);
    json_close_object(writer);
}

static bool decode_place(const struct json *body, struct event_created *read, struct error *error)
{
    bool fine = member_get_id(body, "location_id", JSON_OPTIONAL, &read->location_id, error);

    fine &= member_get_text(body, "", "location_name", JSON_OPTIONAL, read->location_name, error);
    fine &= member_get_text(body, "", "hall", JSON_OPTIONAL, read->hall, error);
    return fine;
}

static bool decode_times(const struct json *body, struct event_created *read, struct error *error)
{
    bool fine = json_get_integer(body, "", "duration", JSON_OPTIONAL, 0, CONTRACT_NUMBER_MAX,
                                 &read->duration_minutes, error);

    fine &= member_get_date(body, "start_date", &read->start_s, error);
    fine &= member_get_date(body, "end_date", &read->end_s, error);
    return fine;
}

bool event_created_decode(const struct json *body, struct event_created *message,
                          struct error *error)
{
    struct event_created read = {.capacity = -1};
    bool fine = member_get_id(body, "id", JSON_REQUIRED, &read.id, error);

    fine &= member_get_version(body, &read.version, error);
    fine &= member_get_text(body, "", "name", JSON_REQUIRED, read.name, error);
    fine &= decode_place(body, &read, error);
    fine &= json_get_integer(body, "", "capacity", JSON_OPTIONAL, 0, CONTRACT_CAPACITY_MAX,
                             &read.capacity, error);
    fine &= json_get_bool(body, "", "closed", JSON_OPTIONAL, &read.closed, error);
    fine &= decode_times(body, &read, error);
    if (fine)
        *message = read;
    return fine;
}
