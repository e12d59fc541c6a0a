/* Changes of locations, made as those of events are. */
#include "eventservice/catalogue_tag.h"
#include "eventservice/event_answer.h"
#include "eventservice/event_input.h"
#include "eventservice/location_store.h"
#include "http/conditional.h"

#include <string.h>

enum {
    TRIES = 20
};

enum extent {
    WHOLE,  /* the body is the location; it may be new */
    PARTIAL /* the body says what becomes different */
};

struct change {
    struct event_service *service;
    const struct http_request *request;
    const struct json *body;
    enum extent extent;
    struct object_id id;
    bool is_new; /* out */
};

static bool read_id(const struct http_request *request, struct object_id *id, struct error *error)
{
    if (object_id_parse(http_request_parameter(request, "id"), id))
        return true;
    return error_set(error, ERROR_NOT_FOUND, "no such location");
}

static bool is_same_hall(const struct hall *a, const struct hall *b)
{
    return strcmp(a->name, b->name) == 0 && strcmp(a->location, b->location) == 0 &&
           a->capacity == b->capacity;
}

static bool is_same(const struct location *a, const struct location *b)
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

/* The body over what @location holds already. */
static bool read_input(const struct change *change, struct location *location, struct error *error)
{
    location->id = (struct object_id){0};
    if (!location_input_read(change->body, "", true, location, error))
        return false;
    if (!object_id_is_none(&location->id) && !object_id_equal(&location->id, &change->id))
        return error_detail(error, "/ID", "is not the id in the path");
    location->id = change->id;
    return location_check(location, error);
}

/* Another request may create it at the same moment: then there is something to change. */
static bool create(struct change *change, struct location *location, struct error *error)
{
    change->is_new = true;
    if (!http_precondition(change->request, NULL, error) || !read_input(change, location, error))
        return false;
    if (location_store_insert(change->service, location, NULL, error))
        return true;
    if (error->code == ERROR_EXISTS)
        error->code = ERROR_CONFLICT;
    return false;
}

static bool store(struct event_service *service, struct location *location, struct error *error)
{
    if (location_store_change(service, location, error))
        return true;
    if (error->code == ERROR_GONE || error->code == ERROR_NOT_FOUND)
        error->code = ERROR_CONFLICT; /* whoever reads again sees that it is gone */
    return false;
}

static bool change_found(struct change *change, const struct location *current,
                         struct location *location, struct error *error)
{
    change->is_new = false;
    if (!http_precondition(change->request, location_tag_of(current).text, error) ||
        (change->extent == PARTIAL && !location_copy(current, location, error)) ||
        !read_input(change, location, error))
        return false;
    location->version = current->version;
    return is_same(location, current) || store(change->service, location, error);
}

static bool try_change(struct change *change, struct location *location, struct error *error)
{
    CLEANUP(location_clear) struct location current = {0};
    struct error missing = {0};

    if (catalogue_store_location(change->service->catalogue, &change->id, &current, &missing))
        return change_found(change, &current, location, error);
    if (missing.code == ERROR_NOT_FOUND && change->extent == WHOLE)
        return create(change, location, error);
    *error = missing;
    return false;
}

static bool change_location(void *context, const struct http_request *request, enum extent extent,
                            struct http_response *response, struct error *error)
{
    CLEANUP(json_freep) struct json *body = NULL;
    CLEANUP(location_clear) struct location location = {0};
    struct change change = {.service = context, .request = request, .extent = extent};

    if (!read_id(request, &change.id, error) || !http_request_json(request, &body, error))
        return false;
    change.body = body;
    for (int tries = 0; tries < TRIES; tries++) {
        location_clear(&location);
        *error = (struct error){0};
        if (try_change(&change, &location, error))
            return change.is_new ? location_answer_created(response, &location, error)
                                 : location_answer(response, &location, error);
        if (error->code != ERROR_CONFLICT)
            return false;
    }
    return error_set(error, ERROR_BUSY, "too many others change this location");
}

/* PUT /locations/{id} */
bool location_put(void *context, const struct http_request *request, struct http_response *response,
                  struct error *error)
{
    return change_location(context, request, WHOLE, response, error);
}

/* PATCH and POST /locations/{id} */
bool location_patch(void *context, const struct http_request *request,
                    struct http_response *response, struct error *error)
{
    return change_location(context, request, PARTIAL, response, error);
}

/* ---- removal ---- */

static bool note_use(void *context, const struct event_view *view, struct error *error)
{
    (void)view;
    (void)error;
    *(bool *)context = true;
    return true;
}

/* A courtesy: an event may take the location at this very moment, and then goes on showing it. */
static bool check_unused(struct event_service *service, const struct object_id *id,
                         struct error *error)
{
    const struct event_page page = {.limit = 1, .location_id = id};
    bool is_used = false;

    if (!catalogue_store_events(service->catalogue, &page, note_use, &is_used, error))
        return false;
    if (is_used)
        return error_set(error, ERROR_IN_USE, "events take place there");
    return true;
}

static bool try_remove(struct event_service *service, const struct http_request *request,
                       const struct object_id *id, struct error *error)
{
    CLEANUP(location_clear) struct location location = {0};

    return catalogue_store_location(service->catalogue, id, &location, error) &&
           http_precondition(request, location_tag_of(&location).text, error) &&
           check_unused(service, id, error) && location_store_remove(service, &location, error);
}

/* DELETE /locations/{id} */
bool location_remove(void *context, const struct http_request *request,
                     struct http_response *response, struct error *error)
{
    struct object_id id;

    if (!read_id(request, &id, error))
        return false;
    for (int tries = 0; tries < TRIES; tries++) {
        if (try_remove(context, request, &id, error)) {
            event_answer_removed(response);
            return true;
        }
        if (error->code != ERROR_CONFLICT && error->code != ERROR_GONE)
            return false;
    }
    return error_set(error, ERROR_BUSY, "too many others change this location");
}
