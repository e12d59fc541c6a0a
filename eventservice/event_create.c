#include "eventservice/catalogue_tag.h"
#include "eventservice/creation_key.h"
#include "eventservice/event_answer.h"
#include "eventservice/event_store.h"

#include <stdio.h>

/* Names the operation in the hashes of keys: changing it would create repeated keys anew. */
static const char route[] = "POST /events";

enum {
    TRIES = 3
};

static bool read_body(const struct http_request *request, struct event_input *input,
                      struct error *error)
{
    CLEANUP(json_freep) struct json *body = NULL;

    return http_request_json(request, &body, error) && event_input_read(body, NULL, input, error);
}

/* The event as it is now. */
static bool read_again(struct event_service *service, const struct object_id *id,
                       struct event_view *view, struct error *error)
{
    struct error missing = {0};

    if (catalogue_store_event(service->catalogue, id, view, &missing))
        return true;
    return error_set(error, missing.code == ERROR_NOT_FOUND ? ERROR_GONE : missing.code, "%s",
                     missing.text);
}

/*
 * Whether an event has the chosen id already: then no location may be stored, which later changes of that event
 * would take for theirs. Asked before the key is, so that who is second under one finds what the first has made.
 */
static bool find_taken(struct event_service *service, const struct event_input *input,
                       bool *is_taken, struct error *error)
{
    CLEANUP(event_view_clear) struct event_view taken = {0};
    struct error missing = {0};

    *is_taken = false;
    if (!input->brings_location || object_id_is_none(&input->event.id))
        return true;
    *is_taken = catalogue_store_event(service->catalogue, &input->event.id, &taken, &missing);
    if (*is_taken || missing.code == ERROR_NOT_FOUND)
        return true;
    *error = missing;
    return false;
}

/* Two requests under one key name the same event and location, so that the loser leaves nothing behind. */
static bool create(struct event_service *service, struct event_input *input,
                   const struct creation_key *key, struct event_view *view, struct error *error)
{
    const struct object_id derived = key->is_given ? creation_key_id(key) : object_id_random();

    if (object_id_is_none(&input->event.id))
        input->event.id = derived;
    if (event_store_decide(service, input, NULL, view, error) &&
        event_store_insert(service, view, creation_key_stored(key), error))
        return true;
    if (error->code == ERROR_EXISTS && object_id_equal(&input->event.id, &derived))
        error->code = ERROR_CONFLICT; /* taken under this very key */
    return false;
}

/* Create it, or find what a request with the same key, perhaps at the same moment, has created. */
static bool create_once(struct event_service *service, struct event_input *input,
                        const struct creation_key *key, struct event_view *view, bool *is_replayed,
                        struct error *error)
{
    struct object_id id;
    bool is_taken;

    for (int tries = 0; tries < TRIES; tries++) {
        event_view_clear(view);
        if (!find_taken(service, input, &is_taken, error) ||
            !creation_key_find(service, OUTBOX_EVENT, key, is_replayed, &id, error))
            return false;
        if (*is_replayed)
            return read_again(service, &id, view, error);
        if (is_taken)
            return error_set(error, ERROR_EXISTS, "id %s is taken in events",
                             object_id_hex(&input->event.id).text);
        if (create(service, input, key, view, error))
            return true;
        if (error->code != ERROR_CONFLICT)
            return false;
    }
    return error_set(error, ERROR_BUSY, "another request for the same is under way");
}

/* POST /events */
bool event_create(void *context, const struct http_request *request, struct http_response *response,
                  struct error *error)
{
    struct event_service *service = context;
    CLEANUP(event_input_clear) struct event_input input = {0};
    CLEANUP(event_view_clear) struct event_view view = {0};
    struct creation_key key = {0};
    bool is_replayed = false;

    if (!creation_key_read(request, route, &key, error) || !read_body(request, &input, error) ||
        !creation_key_mean_event(&key, &input, error) ||
        !create_once(service, &input, &key, &view, &is_replayed, error))
        return false;
    if (is_replayed)
        http_response_header(response, "Idempotency-Replayed", "true");
    return event_answer_created(response, &view, error);
}
