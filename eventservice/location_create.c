#include "eventservice/creation_key.h"
#include "eventservice/event_answer.h"
#include "eventservice/event_input.h"
#include "eventservice/location_store.h"

/* Names the operation in the hashes of keys: changing it would create repeated keys anew. */
static const char route[] = "POST /locations";

enum {
    TRIES = 3
};

static bool read_body(const struct http_request *request, struct location *location,
                      struct error *error)
{
    CLEANUP(json_freep) struct json *body = NULL;

    return http_request_json(request, &body, error) &&
           location_input_read(body, "", true, location, error) &&
           location_check(location, "", error);
}

/* The location as it is now, in the place of what was asked for. */
static bool read_again(struct event_service *service, const struct object_id *id,
                       struct location *location, struct error *error)
{
    struct error missing = {0};

    location_clear(location);
    if (catalogue_store_location(service->catalogue, id, location, &missing))
        return true;
    return error_set(error, missing.code == ERROR_NOT_FOUND ? ERROR_GONE : missing.code, "%s",
                     missing.text);
}

/* Create it, or find what a request with the same key, perhaps at the same moment, has created. */
static bool create_once(struct event_service *service, struct location *location,
                        const struct creation_key *key, bool *is_replayed, struct error *error)
{
    struct object_id id;

    for (int tries = 0; tries < TRIES; tries++) {
        if (!creation_key_find(service, OUTBOX_LOCATION, key, is_replayed, &id, error))
            return false;
        if (*is_replayed)
            return read_again(service, &id, location, error);
        if (location_store_insert(service, location, creation_key_stored(key), error))
            return true;
        if (error->code != ERROR_CONFLICT)
            return false;
    }
    return error_set(error, ERROR_BUSY, "another request with this key is under way");
}

/* POST /locations */
bool location_create(void *context, const struct http_request *request,
                     struct http_response *response, struct error *error)
{
    struct event_service *service = context;
    CLEANUP(location_clear) struct location location = {0};
    struct creation_key key = {0};
    bool is_replayed = false;

    if (!creation_key_read(request, route, &key, error) || !read_body(request, &location, error) ||
        !creation_key_mean_location(&key, &location, error))
        return false;
    if (object_id_is_none(&location.id))
        location.id = object_id_random();
    if (!create_once(service, &location, &key, &is_replayed, error))
        return false;
    if (is_replayed)
        http_response_header(response, "Idempotency-Replayed", "true");
    return location_answer_created(response, &location, error);
}
