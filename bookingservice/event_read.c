#include "bookingservice/booking_service.h"

#include "service/event_body.h"

static bool read_id(const struct http_request *request, struct object_id *id, struct error *error)
{
    if (object_id_parse(http_request_parameter(request, "id"), id))
        return true;
    return error_set(error, ERROR_NOT_FOUND, "no such event");
}

/* The copy may be a message ahead of the ledger: then all its seats are left. */
static int64_t seats_left(const struct event_view *view, const struct ledger_head *head)
{
    return head->exists ? ledger_state_free(&head->state) : view->event.capacity;
}

/* The head of one event; an event without a ledger yet is no error. */
static bool read_head(struct booking_service *service, const struct object_id *id,
                      struct ledger_head *head, struct error *error)
{
    struct error missing = {0};

    if (ledger_store_head(service->ledgers, id, head, &missing))
        return true;
    if (missing.code != ERROR_NOT_FOUND) {
        *error = missing;
        return false;
    }
    *head = (struct ledger_head){0};
    return true;
}

/* GET /events/{id} */
bool event_get(void *context, const struct http_request *request, struct http_response *response,
               struct error *error)
{
    struct booking_service *service = context;
    CLEANUP(event_view_clear) struct event_view view = {0};
    struct json_writer writer = JSON_WRITER(&response->body);
    struct ledger_head head;
    struct object_id id;

    if (!read_id(request, &id, error) || !copy_store_event(service->copy, &id, &view, error) ||
        !read_head(service, &id, &head, error))
        return false;
    event_body_write(&writer, NULL, &view, seats_left(&view, &head));
    return buffer_ok(&response->body, error);
}

/* GET /events/{id}/availability: what the ledger says */
bool availability_get(void *context, const struct http_request *request,
                      struct http_response *response, struct error *error)
{
    struct booking_service *service = context;
    struct json_writer writer = JSON_WRITER(&response->body);
    struct ledger_head head;
    struct object_id id;

    if (!read_id(request, &id, error) || !ledger_store_head(service->ledgers, &id, &head, error))
        return false;
    if (head.state.removed)
        return error_set(error, ERROR_GONE, "the event was removed");
    json_open_object(&writer, NULL);
    json_put_text(&writer, "EventID", object_id_hex(&id).text);
    seats_body_write(&writer, "Capacity", head.state.capacity);
    seats_body_write(&writer, "SeatsLeft", ledger_state_free(&head.state));
    json_put_bool(&writer, "Closed", head.state.closed);
    json_put_integer(&writer, "Version", head.state.event_version);
    json_put_integer(&writer, "Entry", head.sequence);
    json_close_object(&writer);
    return buffer_ok(&response->body, error);
}

struct listing {
    struct booking_service *service;
    struct json_writer writer;
};

static bool list_one(void *context, const struct event_view *view, struct error *error)
{
    struct listing *listing = context;
    struct ledger_head head;

    if (!read_head(listing->service, &view->event.id, &head, error))
        return false;
    event_body_write(&listing->writer, NULL, view, seats_left(view, &head));
    return buffer_ok(listing->writer.buffer, error);
}

/* GET /events */
bool event_list(void *context, const struct http_request *request, struct http_response *response,
                struct error *error)
{
    struct event_page page = {.limit = PAGE_ITEMS_MAX};
    struct listing listing = {.service = context, .writer = JSON_WRITER(&response->body)};

    (void)request;
    json_open_array(&listing.writer, NULL);
    if (!copy_store_events(listing.service->copy, &page, list_one, &listing, error))
        return false;
    json_close_array(&listing.writer);
    return buffer_ok(&response->body, error);
}
