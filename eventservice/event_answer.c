#include "eventservice/event_answer.h"

#include "eventservice/catalogue_tag.h"
#include "http/conditional.h"
#include "service/event_body.h"

#include <stdio.h>

static bool write_event(struct http_response *response, const struct event_view *view,
                        struct error *error)
{
    struct json_writer writer = JSON_WRITER(&response->body);

    event_body_write(&writer, NULL, view, seats_left_of(view->event.capacity, view->seats_sold));
    return buffer_ok(&response->body, error);
}

static bool write_location(struct http_response *response, const struct location *location,
                           struct error *error)
{
    struct json_writer writer = JSON_WRITER(&response->body);

    location_body_write(&writer, NULL, location);
    return buffer_ok(&response->body, error);
}

bool event_answer(struct http_response *response, const struct event_view *view,
                  struct error *error)
{
    http_response_header(response, "ETag", "\"%s\"", event_tag_of(view).text);
    return write_event(response, view, error);
}

bool location_answer(struct http_response *response, const struct location *location,
                     struct error *error)
{
    http_response_header(response, "ETag", "\"%s\"", location_tag_of(location).text);
    return write_location(response, location, error);
}

bool event_answer_created(struct http_response *response, const struct event_view *view,
                          struct error *error)
{
    char path[64];

    snprintf(path, sizeof(path), "/events/%s", object_id_hex(&view->event.id).text);
    http_response_created(response, path);
    return event_answer(response, view, error);
}

bool location_answer_created(struct http_response *response, const struct location *location,
                             struct error *error)
{
    char path[64];

    snprintf(path, sizeof(path), "/locations/%s", object_id_hex(&location->id).text);
    http_response_created(response, path);
    return location_answer(response, location, error);
}

bool location_answer_read(const struct http_request *request, struct http_response *response,
                          const struct location *location, struct error *error)
{
    return http_not_modified(request, response, location_tag_of(location).text) ||
           write_location(response, location, error);
}

/* The id stands last: If-Match compares the first part. */
static bool is_known(const struct http_request *request, struct http_response *response,
                     struct catalogue_tag tag, const struct object_id *id)
{
    char named[sizeof(tag.text) + sizeof(struct object_id_hex)];

    snprintf(named, sizeof(named), "%s.%s", tag.text, object_id_hex(id).text);
    return http_not_modified(request, response, named);
}

bool event_answer_named(const struct http_request *request, struct http_response *response,
                        const struct event_view *view, struct error *error)
{
    return is_known(request, response, event_tag_of(view), &view->event.id) ||
           write_event(response, view, error);
}

bool location_answer_named(const struct http_request *request, struct http_response *response,
                           const struct location *location, struct error *error)
{
    return is_known(request, response, location_tag_of(location), &location->id) ||
           write_location(response, location, error);
}

void event_answer_removed(struct http_response *response)
{
    response->status = 204;
    response->content_type = NULL;
}
