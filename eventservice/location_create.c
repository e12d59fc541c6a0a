#include "eventservice/announcement.h"
#include "eventservice/event_input.h"
#include "eventservice/event_service.h"
#include "eventservice/location_store.h"

#include "service/event_body.h"

#include <stdio.h>

bool location_store(struct event_service *service, const struct location *location,
                    struct error *error)
{
    CLEANUP(outbox_message_clear) struct outbox_message message = {0};

    if (!announce_location(MESSAGE_LOCATION_CREATED, location, &message, error))
        return false;
    if (!catalogue_store_insert_location(service->catalogue, location, NULL, &message, error))
        return false;
    catalogue_relay_hand_over(service->runtime.relay, &message);
    return true;
}

static bool read_body(const struct http_request *request, struct location *location,
                      struct error *error)
{
    CLEANUP(json_freep) struct json *body = NULL;

    return http_request_json(request, &body, error) &&
           location_input_read(body, "", true, location, error) && location_check(location, error);
}

/* POST /locations */
bool location_create(void *context, const struct http_request *request,
                     struct http_response *response, struct error *error)
{
    struct event_service *service = context;
    CLEANUP(location_clear) struct location location = {0};
    struct json_writer writer = JSON_WRITER(&response->body);
    char path[64];

    if (!read_body(request, &location, error))
        return false;
    location.version = 1;
    if (object_id_is_none(&location.id))
        location.id = object_id_random();
    if (!location_store(service, &location, error))
        return false;

    snprintf(path, sizeof(path), "/locations/%s", object_id_hex(&location.id).text);
    http_response_created(response, path);
    location_body_write(&writer, NULL, &location);
    return buffer_ok(&response->body, error);
}
