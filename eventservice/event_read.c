#include "eventservice/catalogue_tag.h"
#include "eventservice/event_answer.h"
#include "eventservice/event_service.h"

#include "service/event_body.h"
#include "service/page_query.h"

static bool make_event(void *context, const struct object_id *id, char tag[SHARED_TAG_BYTES],
                       struct buffer *body, struct error *error)
{
    struct event_service *service = context;
    CLEANUP(event_view_clear) struct event_view view = {0};
    struct json_writer writer = JSON_WRITER(body);

    if (!catalogue_store_event(service->catalogue, id, &view, error))
        return false;
    snprintf(tag, SHARED_TAG_BYTES, "%s", event_tag_of(&view).text);
    event_body_write(&writer, NULL, &view, seats_left_of(view.event.capacity, view.seats_sold));
    return true;
}

void event_service_init_reads(struct event_service *service)
{
    shared_answers_init(&service->events_shown, make_event);
}

/* GET /events/{id}, /events/id/{id} */
bool event_get(void *context, const struct http_request *request, struct http_response *response,
               struct error *error)
{
    struct event_service *service = context;
    struct object_id id;

    if (!object_id_parse(http_request_parameter(request, "id"), &id))
        return error_set(error, ERROR_NOT_FOUND, "no such event");
    return shared_answer_get(&service->events_shown, service, &id, request, response, error);
}

struct naming {
    const struct http_request *request;
    struct http_response *response;
    bool is_found;
};

static bool answer_one(void *context, const struct event_view *view, struct error *error)
{
    struct naming *naming = context;

    naming->is_found = true;
    return event_answer_named(naming->request, naming->response, view, error);
}

/* GET /events/name/{name}: the earliest of that name */
bool event_get_named(void *context, const struct http_request *request,
                     struct http_response *response, struct error *error)
{
    struct event_service *service = context;
    struct event_page page = {.limit = 1, .name = http_request_parameter(request, "name")};
    struct naming naming = {.request = request, .response = response};
    bool walked = catalogue_store_events(service->catalogue, &page, answer_one, &naming, error);

    if (naming.is_found)
        return page_bears_damage(walked, error);
    return walked && error_set(error, ERROR_NOT_FOUND, "no event of that name");
}

struct listing {
    struct json_writer writer;
    struct http_page *page;
    char cursor[HTTP_CURSOR_BYTES]; /* behind the last one */
};

static bool list_one(void *context, const struct event_view *view, struct error *error)
{
    struct listing *listing = context;

    if (!http_page_shows(listing->page, listing->writer.buffer))
        return true;
    event_body_write(&listing->writer, NULL, view,
                     seats_left_of(view->event.capacity, view->seats_sold));
    event_cursor_write(&view->event, listing->cursor);
    return buffer_ok(listing->writer.buffer, error);
}

/* GET /events */
bool event_list(void *context, const struct http_request *request, struct http_response *response,
                struct error *error)
{
    struct event_service *service = context;
    struct event_query query = {0};
    struct listing listing = {.writer = JSON_WRITER(&response->body), .page = &query.shown};

    if (!event_query_read(request, &query, error))
        return false;
    json_open_array(&listing.writer, NULL);
    if (!page_bears_damage(
            catalogue_store_events(service->catalogue, &query.page, list_one, &listing, error),
            error))
        return false;
    json_close_array(&listing.writer);
    if (listing.page->has_next)
        http_page_next(request, response, listing.cursor);
    return buffer_ok(&response->body, error);
}
