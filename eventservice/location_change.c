/* Changes of locations. */
#include "eventservice/catalogue_change.h"
#include "eventservice/event_answer.h"
#include "eventservice/event_input.h"
#include "eventservice/location_store.h"

static bool read_stored(struct event_service *service, const struct object_id *id,
                        union catalogue_thing *item, struct error *error)
{
    return catalogue_store_location(service->catalogue, id, &item->location, error);
}

static struct catalogue_tag tag(const union catalogue_thing *item)
{
    return location_tag_of(&item->location);
}

static bool decide(const struct catalogue_change *change, const union catalogue_thing *current,
                   union catalogue_thing *item, struct error *error)
{
    struct location *location = &item->location;

    if (current && change->is_partial && !location_copy(&current->location, location, error))
        return false;
    location->id = (struct object_id){0};
    if (!location_input_read(change->body, "", true, location, error) ||
        !catalogue_change_check_id(change, &location->id, error))
        return false;
    location->id = change->id;
    location->version = current ? current->location.version : 0;
    return location_check(location, "", error);
}

static bool is_same(const union catalogue_thing *one, const union catalogue_thing *other)
{
    return location_is_same(&one->location, &other->location);
}

static bool insert(struct event_service *service, union catalogue_thing *item, struct error *error)
{
    return location_store_insert(service, &item->location, NULL, error);
}

static bool store(struct event_service *service, union catalogue_thing *item, struct error *error)
{
    return location_store_change(service, &item->location, error);
}

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
    bool walked = catalogue_store_events(service->catalogue, &page, note_use, &is_used, error);

    if (is_used)
        return error_set(error, ERROR_IN_USE, "events take place there");
    return walked; /* one that cannot be read takes place there as well */
}

static bool remove_stored(struct event_service *service, const union catalogue_thing *item,
                          struct error *error)
{
    return check_unused(service, &item->location.id, error) &&
           location_store_remove(service, &item->location, error);
}

static bool answer(struct http_response *response, const union catalogue_thing *item,
                   struct error *error)
{
    return location_answer(response, &item->location, error);
}

static bool answer_created(struct http_response *response, const union catalogue_thing *item,
                           struct error *error)
{
    return location_answer_created(response, &item->location, error);
}

static void clear(union catalogue_thing *item)
{
    location_clear(&item->location);
}

static const struct catalogue_noun locations = {
    .name = "location",
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

/* PUT /locations/{id} */
bool location_put(void *context, const struct http_request *request, struct http_response *response,
                  struct error *error)
{
    struct catalogue_change change = {.service = context, .request = request};

    return catalogue_put(&locations, &change, response, error);
}

/* PATCH and POST /locations/{id} */
bool location_patch(void *context, const struct http_request *request,
                    struct http_response *response, struct error *error)
{
    struct catalogue_change change = {.service = context, .request = request, .is_partial = true};

    return catalogue_put(&locations, &change, response, error);
}

/* DELETE /locations/{id} */
bool location_remove(void *context, const struct http_request *request,
                     struct http_response *response, struct error *error)
{
    struct catalogue_change change = {.service = context, .request = request};

    return catalogue_remove(&locations, &change, response, error);
}
