#include "eventservice/event_service.h"

#include "service/event_body.h"

/* GET /locations/{id} */
bool location_get(void *context, const struct http_request *request, struct http_response *response,
                  struct error *error)
{
    struct event_service *service = context;
    CLEANUP(location_clear) struct location location = {0};
    struct json_writer writer = JSON_WRITER(&response->body);
    struct object_id id;

    if (!object_id_parse(http_request_parameter(request, "id"), &id))
        return error_set(error, ERROR_NOT_FOUND, "no such location");
    if (!catalogue_store_location(service->catalogue, &id, &location, error))
        return false;
    location_body_write(&writer, NULL, &location);
    return buffer_ok(&response->body, error);
}

static bool list_one(void *context, const struct location *location, struct error *error)
{
    struct json_writer *writer = context;

    location_body_write(writer, NULL, location);
    return buffer_ok(writer->buffer, error);
}

/* GET /locations */
bool location_list(void *context, const struct http_request *request,
                   struct http_response *response, struct error *error)
{
    struct event_service *service = context;
    struct location_page page = {.limit = PAGE_ITEMS_MAX};
    struct json_writer writer = JSON_WRITER(&response->body);

    (void)request;
    json_open_array(&writer, NULL);
    if (!catalogue_store_locations(service->catalogue, &page, list_one, &writer, error))
        return false;
    json_close_array(&writer);
    return buffer_ok(&response->body, error);
}
