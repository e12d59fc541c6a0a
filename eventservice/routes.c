#include "eventservice/event_service.h"

enum {
    LOCATION_BODY_BYTES_MAX = 64 * 1024
};

/* A location has up to a hundred halls, hence the larger body. */
static const struct http_route rows[] = {
    {"GET", "/", index_get, 0},
    {"GET", "/openapi.json", openapi_get, 0},
    {"GET", "/docs", docs_get, 0},
    {"GET", "/docs/{file}", docs_file_get, 0},
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
