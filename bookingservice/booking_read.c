#include "bookingservice/booking_body.h"
#include "bookingservice/booking_service.h"

#include "domain/booking_code.h"

/* GET /bookings/{id} */
bool booking_get(void *context, const struct http_request *request, struct http_response *response,
                 struct error *error)
{
    struct booking_service *service = context;
    struct json_writer writer = JSON_WRITER(&response->body);
    struct booking booking;
    struct object_id id;

    if (!object_id_parse(http_request_parameter(request, "id"), &id))
        return error_set(error, ERROR_NOT_FOUND, "no such booking");
    if (!ledger_store_booking(service->ledgers, &id, &booking, error))
        return false;
    booking_body_write(&writer, &booking);
    return buffer_ok(&response->body, error);
}

/* GET /events/{id}/bookings/{code}: two are enough to know that the code does not say which */
bool booking_get_coded(void *context, const struct http_request *request,
                       struct http_response *response, struct error *error)
{
    struct booking_service *service = context;
    struct json_writer writer = JSON_WRITER(&response->body);
    struct booking_range range;
    struct booking found[2];
    size_t n = 0;

    if (!object_id_parse(http_request_parameter(request, "id"), &range.event_id) ||
        !booking_code_range(http_request_parameter(request, "code"), &range.event_id, &range.first,
                            &range.last))
        return error_set(error, ERROR_NOT_FOUND, "no such booking");
    if (!ledger_store_bookings_between(service->ledgers, &range, found, ARRAY_SIZE(found), &n,
                                       error))
        return false;
    if (n == 0)
        return error_set(error, ERROR_NOT_FOUND, "no such booking");
    if (n > 1)
        return error_set(error, ERROR_AMBIGUOUS, "two bookings share this code, ask by the id");
    booking_body_write(&writer, &found[0]);
    return buffer_ok(&response->body, error);
}

static bool list_one(void *context, const struct booking *booking, int64_t sequence, size_t index,
                     struct error *error)
{
    struct json_writer *writer = context;

    (void)sequence;
    (void)index;
    booking_body_write(writer, booking);
    return buffer_ok(writer->buffer, error);
}

/* GET /events/{id}/bookings: in the order of the ledger, cancelled ones too */
bool booking_list(void *context, const struct http_request *request, struct http_response *response,
                  struct error *error)
{
    struct booking_service *service = context;
    struct booking_page page = {.limit = PAGE_ITEMS_MAX};
    struct json_writer writer = JSON_WRITER(&response->body);
    struct ledger_head head;

    if (!object_id_parse(http_request_parameter(request, "id"), &page.event_id))
        return error_set(error, ERROR_NOT_FOUND, "no such event");
    if (!ledger_store_head(service->ledgers, &page.event_id, &head, error))
        return false;
    json_open_array(&writer, NULL);
    if (!ledger_store_bookings(service->ledgers, &page, list_one, &writer, error))
        return false;
    json_close_array(&writer);
    return buffer_ok(&response->body, error);
}
