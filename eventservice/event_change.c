/* Changes of events. */
#include "eventservice/catalogue_change.h"
#include "eventservice/event_answer.h"
#include "eventservice/event_store.h"

#include <string.h>

static bool read_stored(struct event_service *service, const struct object_id *id,
                        union catalogue_thing *item, struct error *error)
{
    return catalogue_store_event(service->catalogue, id, &item->event, error);
}

static struct catalogue_tag tag(const union catalogue_thing *item)
{
    return event_tag_of(&item->event);
}

static bool decide(const struct catalogue_change *change, const union catalogue_thing *current,
                   union catalogue_thing *item, struct error *error)
{
    CLEANUP(event_input_clear) struct event_input input = {0};
    const struct event_view *view = current ? &current->event : NULL;
    const struct event *base = view && change->is_partial ? &view->event : NULL;

    if (!event_input_read(change->body, base, &input, error) ||
        !catalogue_change_check_id(change, &input.event.id, error))
        return false;
    input.event.id = change->id;
    input.event.version = view ? view->event.version : 0;
    return event_store_decide(change->service, &input, view, &item->event, error);
}

static bool is_same(const union catalogue_thing *one, const union catalogue_thing *other)
{
    const struct event *a = &one->event.event;
    const struct event *b = &other->event.event;

    return strcmp(a->name, b->name) == 0 && object_id_equal(&a->location_id, &b->location_id) &&
           strcmp(a->hall, b->hall) == 0 && a->capacity == b->capacity && a->closed == b->closed &&
           a->duration_minutes == b->duration_minutes && a->start_s == b->start_s &&
           a->end_s == b->end_s;
}

static bool insert(struct event_service *service, union catalogue_thing *item, struct error *error)
{
    return event_store_insert(service, &item->event, NULL, error);
}

static bool store(struct event_service *service, union catalogue_thing *item, struct error *error)
{
    return event_store_change(service, &item->event, error);
}

static bool remove_stored(struct event_service *service, const union catalogue_thing *item,
                          struct error *error)
{
    return event_store_remove(service, &item->event.event, error);
}

static bool answer(struct http_response *response, const union catalogue_thing *item,
                   struct error *error)
{
    return event_answer(response, &item->event, error);
}

static bool answer_created(struct http_response *response, const union catalogue_thing *item,
                           struct error *error)
{
    return event_answer_created(response, &item->event, error);
}

static void clear(union catalogue_thing *item)
{
    event_view_clear(&item->event);
}

static const struct catalogue_noun events = {
    .name = "event",
    .read = read_stored,
    .tag = tag,
    .decide = decide,
    .is_same = is_same,
    .insert = insert,
    .store = store,
    .remove = remove_stored,
    .answer = answer,
    .answer_created = answer_created,
    .clear = clear,
};

/* PUT /events/{id}, /events/id/{id} */
bool event_put(void *context, const struct http_request *request, struct http_response *response,
               struct error *error)
{
    struct catalogue_change change = {.service = context, .request = request};

    return catalogue_put(&events, &change, response, error);
}

/* PATCH and POST /events/{id}, /events/id/{id} */
bool event_patch(void *context, const struct http_request *request, struct http_response *response,
                 struct error *error)
{
    struct catalogue_change change = {.service = context, .request = request, .is_partial = true};

    return catalogue_put(&events, &change, response, error);
}

/* DELETE /events/{id}, /events/id/{id} */
bool event_remove(void *context, const struct http_request *request, struct http_response *response,
                  struct error *error)
{
    struct catalogue_change change = {.service = context, .request = request};

    return catalogue_remove(&events, &change, response, error);
}
