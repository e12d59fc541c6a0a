#include "eventservice/event_service.h"

enum {
    LOCATION_BODY_BYTES_MAX = 64 * 1024
};

/* A location has up to a hundred halls, hence the larger body. */
static const struct http_route rows[] = {
    {"GET", "/", index_get, 0},
    {"GET", "/events", event_list, 0},
    {"POST", "/events", event_create, 0},
    {"GET", "/events/{id}", event_get, 0},
    {"PUT", "/events/{id}", event_put, 0},
    {"PATCH", "/events/{id}", event_patch, 0},
    {"POST", "/events/{id}", event_patch, 0},
    {"DELETE", "/events/{id}", event_remove, 0},
    {"GET", "/events/id/{id}", event_get, 0},
    {"PUT", "/events/id/{id}", event_put, 0},
    {"PATCH", "/events/id/{id}", event_patch, 0},
    {"POST", "/events/id/{id}", event_patch, 0},
    {"DELETE", "/events/id/{id}", event_remove, 0},
    {"GET", "/events/name/{name}", event_get_named, 0},
    {"GET", "/locations", location_list, 0},
    {"POST", "/locations", location_create, LOCATION_BODY_BYTES_MAX},
    {"GET", "/locations/{id}", location_get, 0},
    {"PUT", "/locations/{id}", location_put, LOCATION_BODY_BYTES_MAX},
    {"PATCH", "/locations/{id}", location_patch, LOCATION_BODY_BYTES_MAX},
    {"POST", "/locations/{id}", location_patch, LOCATION_BODY_BYTES_MAX},
    {"DELETE", "/locations/{id}", location_remove, 0},
    {"GET", "/locations/name/{name}", location_get_named, 0},
};

const struct http_routes event_service_routes = {rows, ARRAY_SIZE(rows)};

/* GET / */
bool index_get(void *context, const struct http_request *request, struct http_response *response,
               struct error *error)
{
    const struct event_service *service = context;
    struct json_writer writer = JSON_WRITER(&response->body);

    (void)request;
    json_open_object(&writer, NULL);
    json_put_text(&writer, "name", service->runtime.config.service_name);
    json_put_text(&writer, "events", "/events");
    json_put_text(&writer, "locations", "/locations");
    json_close_object(&writer);
    return buffer_ok(&response->body, error);
}
