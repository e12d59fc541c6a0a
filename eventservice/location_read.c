#include "eventservice/event_answer.h"
#include "eventservice/event_service.h"

#include "service/event_body.h"
#include "service/page_query.h"

/* GET /locations/{id} */
bool location_get(void *context, const struct http_request *request, struct http_response *response,
                  struct error *error)
{
    struct event_service *service = context;
    CLEANUP(location_clear) struct location location = {0};
    struct object_id id;

    if (!object_id_parse(http_request_parameter(request, "id"), &id))
        return error_set(error, ERROR_NOT_FOUND, "no such location");
    return catalogue_store_location(service->catalogue, &id, &location, error) &&
           location_answer_read(request, response, &location, error);
}

struct naming {
    const struct http_request *request;
    struct http_response *response;
    bool is_found;
};

static bool answer_one(void *context, const struct location *location, struct error *error)
{
    struct naming *naming = context;

    naming->is_found = true;
    return location_answer_named(naming->request, naming->response, location, error);
}

/* GET /locations/name/{name}: the one with the lowest id */
bool location_get_named(void *context, const struct http_request *request,
                        struct http_response *response, struct error *error)
{
    struct event_service *service = context;
    struct location_page page = {.limit = 1, .name = http_request_parameter(request, "name")};
    struct naming naming = {.request = request, .response = response};
    bool walked = catalogue_store_locations(service->catalogue, &page, answer_one, &naming, error);

    if (naming.is_found)
        return page_bears_damage(walked, error);
    return walked && error_set(error, ERROR_NOT_FOUND, "no location of that name");
}

struct listing {
    struct json_writer writer;
    struct http_page *page;
    char cursor[HTTP_CURSOR_BYTES]; /* behind the last one */
};

static bool list_one(void *context, const struct location *location, struct error *error)
{
    struct listing *listing = context;

    if (!http_page_shows(listing->page, listing->writer.buffer))
        return true;
    location_body_write(&listing->writer, NULL, location);
    location_cursor_write(location, listing->cursor);
    return buffer_ok(listing->writer.buffer, error);
}

/* GET /locations */
bool location_list(void *context, const struct http_request *request,
                   struct http_response *response, struct error *error)
{
    struct event_service *service = context;
    struct location_query query = {0};
    struct listing listing = {.writer = JSON_WRITER(&response->body), .page = &query.shown};

    if (!location_query_read(request, &query, error))
        return false;
    json_open_array(&listing.writer, NULL);
    if (!page_bears_damage(
            catalogue_store_locations(service->catalogue, &query.page, list_one, &listing, error),
            error))
        return false;
    json_close_array(&listing.writer);
    if (listing.page->has_next)
        http_page_next(request, response, listing.cursor);
    return buffer_ok(&response->body, error);
}
