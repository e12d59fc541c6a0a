#include "eventservice/event_service.h"

#include "service/event_body.h"

static void write_view(struct json_writer *writer, const struct event_view *view)
{
    event_body_write(writer, NULL, view, seats_left_of(view->event.capacity, view->seats_sold));
}

/* An id that is no id names nothing. */
static bool read_id(const struct http_request *request, struct object_id *id, struct error *error)
{
    if (object_id_parse(http_request_parameter(request, "id"), id))
        return true;
    return error_set(error, ERROR_NOT_FOUND, "no such event");
}

/* GET /events/{id}, /events/id/{id} */
bool event_get(void *context, const struct http_request *request, struct http_response *response,
               struct error *error)
{
    struct event_service *service = context;
    CLEANUP(event_view_clear) struct event_view view = {0};
    struct json_writer writer = JSON_WRITER(&response->body);
    struct object_id id;

    if (!read_id(request, &id, error) ||
        !catalogue_store_event(service->catalogue, &id, &view, error))
        return false;
    write_view(&writer, &view);
    return buffer_ok(&response->body, error);
}

struct listing {
    struct json_writer writer;
    size_t n;
};

static bool list_one(void *context, const struct event_view *view, struct error *error)
{
    struct listing *listing = context;

    write_view(&listing->writer, view);
    listing->n++;
    return buffer_ok(listing->writer.buffer, error);
}

/* GET /events/name/{name}: the earliest of that name */
bool event_get_named(void *context, const struct http_request *request,
                     struct http_response *response, struct error *error)
{
    struct event_service *service = context;
    struct event_page page = {.limit = 1, .name = http_request_parameter(request, "name")};
    struct listing listing = {.writer = JSON_WRITER(&response->body)};

    if (!catalogue_store_events(service->catalogue, &page, list_one, &listing, error))
        return false;
    if (!listing.n)
        return error_set(error, ERROR_NOT_FOUND, "no event of that name");
    return true;
}

/* GET /events */
bool event_list(void *context, const struct http_request *request, struct http_response *response,
                struct error *error)
{
    struct event_service *service = context;
    struct event_page page = {.limit = PAGE_ITEMS_MAX};
    struct listing listing = {.writer = JSON_WRITER(&response->body)};

    (void)request;
    json_open_array(&listing.writer, NULL);
    if (!catalogue_store_events(service->catalogue, &page, list_one, &listing, error))
        return false;
    json_close_array(&listing.writer);
    return buffer_ok(&response->body, error);
}
