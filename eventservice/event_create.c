#include "eventservice/announcement.h"
#include "eventservice/event_input.h"
#include "eventservice/event_service.h"
#include "eventservice/location_store.h"

#include "base/random.h"
#include "service/event_body.h"

#include <stdio.h>
#include <string.h>

/* The id of a location that comes along without one: derived, so that a repeat finds it. */
static struct object_id location_id_for(const struct object_id *event_id)
{
    const struct hash_part parts[] = {{"location of", 11}, {event_id->bytes, OBJECT_ID_BYTES}};
    uint8_t hash[HASH_BYTES];
    struct object_id id;

    hash_parts(parts, ARRAY_SIZE(parts), hash);
    memcpy(id.bytes, hash, sizeof(id.bytes));
    return id;
}

/*
 * The location that the event will have, into @view: the stored one when it is there, else the one
 * brought along, which still has to be stored (@is_new).
 */
static bool find_location(struct event_service *service, struct event_input *input,
                          struct event_view *view, bool *is_new, struct error *error)
{
    struct event *event = &view->event;
    struct error missing = {0};

    if (object_id_is_none(&event->location_id)) {
        if (!input->brings_location)
            return true;
        event->location_id = location_id_for(&event->id);
    }
    view->has_location = true;
    if (catalogue_store_location(service->catalogue, &event->location_id, &view->location,
                                 &missing))
        return true;
    if (missing.code != ERROR_NOT_FOUND) {
        *error = missing;
        return false;
    }
    if (!input->brings_location)
        return error_detail(error, "/LocationID", "no such location");

    view->location = input->location;
    input->location = (struct location){0};
    view->location.id = event->location_id;
    view->location.version = 1;
    *is_new = true;
    return location_check(&view->location, error);
}

static bool decide_capacity(struct event_view *view, struct error *error)
{
    if (view->event.hall[0] && !view->has_location)
        return error_detail(error, "/Hall", "needs a location that has it");
    return event_take_capacity(&view->event, view->has_location ? &view->location : NULL, error);
}

static bool store_event(struct event_service *service, const struct event_view *view,
                        struct error *error)
{
    CLEANUP(outbox_message_clear) struct outbox_message message = {0};

    if (!announce_event(MESSAGE_EVENT_CREATED, &view->event,
                        view->has_location ? &view->location : NULL, &message, error))
        return false;
    if (!catalogue_store_insert_event(service->catalogue, &view->event, NULL, &message, error))
        return false;
    catalogue_relay_hand_over(service->runtime.relay, &message);
    return true;
}

static bool make_event(struct event_service *service, struct event_input *input,
                       struct event_view *view, struct error *error)
{
    bool is_new = false;

    view->event = input->event;
    view->event.version = 1;
    if (object_id_is_none(&view->event.id))
        view->event.id = object_id_random();
    if (!find_location(service, input, view, &is_new, error) || !decide_capacity(view, error))
        return false;
    /* The location first: an event must never name one that does not exist. */
    if (is_new && !location_store(service, &view->location, error) && error->code != ERROR_EXISTS)
        return false;
    return store_event(service, view, error);
}

static bool read_body(const struct http_request *request, struct event_input *input,
                      struct error *error)
{
    CLEANUP(json_freep) struct json *body = NULL;

    return http_request_json(request, &body, error) && event_input_read(body, input, error);
}

/* POST /events */
bool event_create(void *context, const struct http_request *request, struct http_response *response,
                  struct error *error)
{
    struct event_service *service = context;
    CLEANUP(event_input_clear) struct event_input input = {0};
    CLEANUP(event_view_clear) struct event_view view = {0};
    struct json_writer writer = JSON_WRITER(&response->body);
    char path[64];

    if (!read_body(request, &input, error) || !make_event(service, &input, &view, error))
        return false;

    snprintf(path, sizeof(path), "/events/%s", object_id_hex(&view.event.id).text);
    http_response_created(response, path);
    event_body_write(&writer, NULL, &view, view.event.capacity);
    return buffer_ok(&response->body, error);
}
