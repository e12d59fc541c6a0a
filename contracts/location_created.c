#include "contracts/location_created.h"

#include "base/memory.h"
#include "contracts/member.h"

#include <stdio.h>

void location_created_clear(struct location_created *message)
{
    memory_free(message->halls);
    *message = (struct location_created){0};
}

static void encode_hall(const struct location_created_hall *hall, struct json_writer *writer)
{
    json_open_object(writer, NULL);
    json_put_text(writer, "name", hall->name);
    json_put_text(writer, "location", hall->location);
    json_put_integer(writer, "capacity", hall->capacity);
    json_close_object(writer);
}

void location_created_encode(const struct location_created *message, struct json_writer *writer)
{
    json_open_object(writer, NULL);
    member_put_id(writer, "id", &message->id);
    json_put_integer(writer, "version", message->version);
    json_put_text(writer, "name", message->name);
    json_put_text(writer, "address", message->address);
    json_put_text(writer, "country", message->country);
    json_put_integer(writer, "open_time", message->open_time);
    json_put_integer(writer, "close_time", message->close_time);
    json_open_array(writer, "halls");
    for (size_t i = 0; i < message->n_halls; i++)
        encode_hall(&message->halls[i], writer);
    json_close_array(writer);
    json_close_object(writer);
}

static bool decode_hall(const struct json *item, size_t index, struct location_created_hall *hall,
                        struct error *error)
{
    char parent[ERROR_POINTER_BYTES];
    bool fine;

    snprintf(parent, sizeof(parent), "/halls/%zu", index);
    if (!json_is_object(item))
        return error_detail(error, parent, "must be an object");
    fine = member_get_text(item, parent, "name", JSON_OPTIONAL, hall->name, error);
    fine &= member_get_text(item, parent, "location", JSON_OPTIONAL, hall->location, error);
    fine &= json_get_integer(item, parent, "capacity", JSON_OPTIONAL, 0, CONTRACT_CAPACITY_MAX,
                             &hall->capacity, error);
    return fine;
}

static bool decode_halls(const struct json *body, struct location_created *read,
                         struct error *error)
{
    const struct json *halls = json_member(body, "halls");
    bool fine = true;

    /* Programs in Go write null for a list that is empty. */
    if (!halls || json_is_null(halls))
        return true;
    if (!json_is_array(halls) || json_size(halls) > CONTRACT_HALLS_MAX)
        return error_detail(error, "/halls", "must be a list of at most %d halls",
                            CONTRACT_HALLS_MAX);
    if (json_size(halls) == 0)
        return true;
    read->halls = memory_array(json_size(halls), sizeof(*read->halls), error);
    if (!read->halls)
        return false;
    read->n_halls = json_size(halls);
    for (size_t i = 0; i < read->n_halls; i++)
        fine &= decode_hall(json_item(halls, i), i, &read->halls[i], error);
    return fine;
}

static bool decode_texts(const struct json *body, struct location_created *read,
                         struct error *error)
{
    bool fine = member_get_text(body, "", "name", JSON_REQUIRED, read->name, error);

    fine &= member_get_text(body, "", "address", JSON_OPTIONAL, read->address, error);
    fine &= member_get_text(body, "", "country", JSON_OPTIONAL, read->country, error);
    return fine;
}

bool location_created_decode(const struct json *body, struct location_created *message,
                             struct error *error)
{
    CLEANUP(location_created_clear) struct location_created read = {0};
    bool fine = member_get_id(body, "id", JSON_REQUIRED, &read.id, error);

    fine &= member_get_version(body, &read.version, error);
    fine &= decode_texts(body, &read, error);
    fine &= json_get_integer(body, "", "open_time", JSON_OPTIONAL, 0, CONTRACT_HOUR_MAX,
                             &read.open_time, error);
    fine &= json_get_integer(body, "", "close_time", JSON_OPTIONAL, 0, CONTRACT_HOUR_MAX,
                             &read.close_time, error);
    /* Last: that memory is short must not be overwritten by what is wrong with a member. */
    fine = fine && decode_halls(body, &read, error);
    if (!fine)
        return false;
    *message = read;
    read = (struct location_created){0};
    return true;
}
