#include "eventservice/creation_key.h"

#include "service/event_body.h"

#include <string.h>

bool creation_key_read(const struct http_request *request, const char *route,
                       struct creation_key *key, struct error *error)
{
    char text[HTTP_KEY_BYTES];

    if (!http_request_key(request, text, error))
        return false;

    const struct hash_part parts[] = {{route, strlen(route)}, {text, strlen(text)}};

    key->is_given = text[0] != '\0';
    hash_parts(parts, ARRAY_SIZE(parts), key->stored.hash);
    return true;
}

/* What a body says once it is read and written again: spelling and order of members are gone. */
static bool mean(struct creation_key *key, const struct buffer *written, struct error *error)
{
    const struct hash_part part = {written->data, written->size_bytes};
    uint8_t hash[HASH_BYTES];

    if (!buffer_ok(written, error))
        return false;
    hash_parts(&part, 1, hash);
    memcpy(&key->stored.fingerprint, hash, sizeof(key->stored.fingerprint));
    return true;
}

bool creation_key_mean_event(struct creation_key *key, const struct event_input *input,
                             struct error *error)
{
    const struct location none = {0}; /* one that is named stands in the event */
    const struct event_view view = {.event = input->event,
                                    .has_location = input->brings_location,
                                    .location = input->brings_location ? input->location : none};
    CLEANUP(buffer_clear) struct buffer written = {0};
    struct json_writer writer = JSON_WRITER(&written);

    buffer_init(&written, HTTP_RESPONSE_BYTES_MAX);
    event_body_write(&writer, NULL, &view, 0);
    return mean(key, &written, error);
}

bool creation_key_mean_location(struct creation_key *key, const struct location *location,
                                struct error *error)
{
    CLEANUP(buffer_clear) struct buffer written = {0};
    struct json_writer writer = JSON_WRITER(&written);

    buffer_init(&written, HTTP_RESPONSE_BYTES_MAX);
    location_body_write(&writer, NULL, location);
    return mean(key, &written, error);
}

bool creation_key_find(struct event_service *service, enum outbox_kind kind,
                       const struct creation_key *key, bool *is_found, struct object_id *id,
                       struct error *error)
{
    struct catalogue_keyed keyed;
    struct error missing = {0};

    *is_found = false;
    if (!key->is_given)
        return true;
    if (!catalogue_store_find_key(service->catalogue, kind, key->stored.hash, &keyed, &missing)) {
        if (missing.code != ERROR_NOT_FOUND)
            *error = missing;
        return missing.code == ERROR_NOT_FOUND;
    }
    if (keyed.fingerprint != key->stored.fingerprint)
        return error_set(error, ERROR_KEY_REUSED,
                         "the key stands for a request that said "
                         "something else");
    *id = keyed.id;
    *is_found = true;
    return true;
}

struct object_id creation_key_id(const struct creation_key *key)
{
    const struct hash_part parts[] = {{key->stored.hash, sizeof(key->stored.hash)},
                                      {&key->stored.fingerprint, sizeof(key->stored.fingerprint)}};
    uint8_t hash[HASH_BYTES];
    struct object_id id;

    hash_parts(parts, ARRAY_SIZE(parts), hash);
    memcpy(id.bytes, hash, sizeof(id.bytes));
    return id;
}

const struct catalogue_key *creation_key_stored(const struct creation_key *key)
{
    return key->is_given ? &key->stored : NULL;
}
