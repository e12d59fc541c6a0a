#include "bookingservice/booking_service.h"

#include "service/event_body.h"

#include <inttypes.h>
#include <stdio.h>

static bool read_id(const struct http_request *request, struct object_id *id, struct error *error)
{
    if (object_id_parse(http_request_parameter(request, "id"), id))
        return true;
    return error_set(error, ERROR_NOT_FOUND, "no such event");
}

int64_t event_seats_left(const struct event_view *view, const struct ledger_head *head)
{
    if (head->is_unreadable)
        return CAPACITY_UNKNOWN;
    return head->exists ? ledger_state_free(&head->state) : view->event.capacity;
}

/* Without a ledger the seats shown are those of the copy, and its entry 0 may be of an older version. */
static void write_tag(char tag[SHARED_TAG_BYTES], const struct event_view *view,
                      const struct ledger_head *head)
{
    int64_t location_version = view->has_location ? view->location.version : 0;

    if (head->exists)
        snprintf(tag, SHARED_TAG_BYTES, "%" PRId64 ".%" PRId64 ".%" PRId64, view->event.version,
                 location_version, head->sequence);
    else
        snprintf(tag, SHARED_TAG_BYTES, "%" PRId64 ".%" PRId64, view->event.version,
                 location_version);
}

static bool make_event(void *context, const struct object_id *id, char tag[SHARED_TAG_BYTES],
                       struct buffer *body, struct error *error)
{
    struct booking_service *service = context;
    CLEANUP(event_view_clear) struct event_view view = {0};
    struct json_writer writer = JSON_WRITER(body);
    struct ledger_head head;

    if (!copy_store_event_sold(service->copy, id, &view, &head, error))
        return false;
    write_tag(tag, &view, &head);
    event_body_write(&writer, NULL, &view, event_seats_left(&view, &head));
    return true;
}

static bool make_availability(void *context, const struct object_id *id, char tag[SHARED_TAG_BYTES],
                              struct buffer *body, struct error *error)
{
    struct booking_service *service = context;
    struct json_writer writer = JSON_WRITER(body);
    struct ledger_head head;

    if (!ledger_store_head(service->ledgers, id, &head, error))
        return false;
    if (head.state.removed)
        return error_set(error, ERROR_GONE, "the event was removed");
    snprintf(tag, SHARED_TAG_BYTES, "%" PRId64 ".%" PRId64, head.state.event_version,
             head.sequence);
    json_open_object(&writer, NULL);
    json_put_text(&writer, "EventID", object_id_hex(id).text);
    seats_body_write(&writer, "Capacity", head.state.capacity);
    seats_body_write(&writer, "SeatsLeft", ledger_state_free(&head.state));
    json_put_bool(&writer, "Closed", head.state.closed);
    json_put_integer(&writer, "Version", head.state.event_version);
    json_put_integer(&writer, "Entry", head.sequence);
    json_close_object(&writer);
    return true;
}

void booking_service_init_reads(struct booking_service *service)
{
    shared_answers_init(&service->events_shown, make_event);
    shared_answers_init(&service->availabilities_shown, make_availability);
}

/* GET /events/{id} */
bool event_get(void *context, const struct http_request *request, struct http_response *response,
               struct error *error)
{
    struct booking_service *service = context;
    struct object_id id;

    return read_id(request, &id, error) &&
           shared_answer_get(&service->events_shown, service, &id, request, response, error);
}

/* GET /events/{id}/availability: what the ledger says */
bool availability_get(void *context, const struct http_request *request,
                      struct http_response *response, struct error *error)
{
    struct booking_service *service = context;
    struct object_id id;

    return read_id(request, &id, error) &&
           shared_answer_get(&service->availabilities_shown, service, &id, request, response,
                             error);
}
