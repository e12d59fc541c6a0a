/*
 * Changes of events. Each starts from what was read and is stored only over that version: who finds
 * that another was first reads again and decides anew, If-Match included.
 */
#include "eventservice/catalogue_tag.h"
#include "eventservice/event_answer.h"
#include "eventservice/event_store.h"
#include "http/conditional.h"

#include <string.h>

enum {
    TRIES = 20
};

enum extent {
    WHOLE,  /* the body is the event; it may be new */
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
    return error_set(error, ERROR_NOT_FOUND, "no such event");
}

/* The version is that of what was changed. */
static bool is_same(const struct event *a, const struct event *b)
{
    return a->version == b->version && strcmp(a->name, b->name) == 0 &&
           object_id_equal(&a->location_id, &b->location_id) && strcmp(a->hall, b->hall) == 0 &&
           a->capacity == b->capacity && a->closed == b->closed &&
           a->duration_minutes == b->duration_minutes && a->start_s == b->start_s &&
           a->end_s == b->end_s;
}

static bool read_input(const struct change *change, const struct event *base,
                       struct event_input *input, struct error *error)
{
    if (!event_input_read(change->body, base, input, error))
        return false;
    if (!object_id_is_none(&input->event.id) && !object_id_equal(&input->event.id, &change->id))
        return error_detail(error, "/ID", "is not the id in the path");
    input->event.id = change->id;
    return true;
}

/* Another request may create it at the same moment: then there is something to change. */
static bool create(struct change *change, struct event_view *view, struct error *error)
{
    CLEANUP(event_input_clear) struct event_input input = {0};

    change->is_new = true;
    if (!http_precondition(change->request, NULL, error) ||
        !read_input(change, NULL, &input, error) ||
        !event_store_decide(change->service, &input, NULL, view, error))
        return false;
    if (event_store_insert(change->service, view, NULL, error))
        return true;
    if (error->code == ERROR_EXISTS)
        error->code = ERROR_CONFLICT;
    return false;
}

static bool store(struct event_service *service, struct event_view *view, struct error *error)
{
    if (event_store_change(service, view, error))
        return true;
    if (error->code == ERROR_GONE || error->code == ERROR_NOT_FOUND)
        error->code = ERROR_CONFLICT; /* whoever reads again sees that it is gone */
    return false;
}

static bool change_found(struct change *change, const struct event_view *current,
                         struct event_view *view, struct error *error)
{
    CLEANUP(event_input_clear) struct event_input input = {0};
    const struct event *base = change->extent == PARTIAL ? &current->event : NULL;

    change->is_new = false;
    if (!http_precondition(change->request, event_tag_of(current).text, error) ||
        !read_input(change, base, &input, error))
        return false;
    input.event.version = current->event.version;
    if (!event_store_decide(change->service, &input, current, view, error))
        return false;
    return is_same(&view->event, &current->event) || store(change->service, view, error);
}

static bool try_change(struct change *change, struct event_view *view, struct error *error)
{
    CLEANUP(event_view_clear) struct event_view current = {0};
    struct error missing = {0};

    if (catalogue_store_event(change->service->catalogue, &change->id, &current, &missing))
        return change_found(change, &current, view, error);
    if (missing.code == ERROR_NOT_FOUND && change->extent == WHOLE)
        return create(change, view, error);
    *error = missing;
    return false;
}

static bool change_event(void *context, const struct http_request *request, enum extent extent,
                         struct http_response *response, struct error *error)
{
    CLEANUP(json_freep) struct json *body = NULL;
    CLEANUP(event_view_clear) struct event_view view = {0};
    struct change change = {.service = context, .request = request, .extent = extent};

    if (!read_id(request, &change.id, error) || !http_request_json(request, &body, error))
        return false;
    change.body = body;
    for (int tries = 0; tries < TRIES; tries++) {
        event_view_clear(&view);
        *error = (struct error){0};
        if (try_change(&change, &view, error))
            return change.is_new ? event_answer_created(response, &view, error)
                                 : event_answer(response, &view, error);
        if (error->code != ERROR_CONFLICT)
            return false;
    }
    return error_set(error, ERROR_BUSY, "too many others change this event");
}

/* PUT /events/{id}, /events/id/{id} */
bool event_put(void *context, const struct http_request *request, struct http_response *response,
               struct error *error)
{
    return change_event(context, request, WHOLE, response, error);
}

/* PATCH and POST /events/{id}, /events/id/{id} */
bool event_patch(void *context, const struct http_request *request, struct http_response *response,
                 struct error *error)
{
    return change_event(context, request, PARTIAL, response, error);
}

static bool try_remove(struct event_service *service, const struct http_request *request,
                       const struct object_id *id, struct error *error)
{
    CLEANUP(event_view_clear) struct event_view view = {0};

    return catalogue_store_event(service->catalogue, id, &view, error) &&
           http_precondition(request, event_tag_of(&view).text, error) &&
           event_store_remove(service, &view.event, error);
}

/* DELETE /events/{id}, /events/id/{id} */
bool event_remove(void *context, const struct http_request *request, struct http_response *response,
                  struct error *error)
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
    return error_set(error, ERROR_BUSY, "too many others change this event");
}
