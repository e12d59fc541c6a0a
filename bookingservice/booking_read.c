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
