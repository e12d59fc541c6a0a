#include "bookingservice/booking_body.h"
#include "bookingservice/booking_service.h"

/* Which event's ledger has it never changes, so a look beforehand decides nothing. */
static bool cancel(struct booking_service *service, const struct http_request *request,
                   struct booking *booking, struct error *error)
{
    struct ledger_receipt receipt = {0};
    struct booking stored;
    struct object_id id;

    if (!object_id_parse(http_request_parameter(request, "id"), &id))
        return error_set(error, ERROR_NOT_FOUND, "no such booking");
    booking_traces_put(service->relay.traces, &id, trace_current());
    if (!ledger_store_booking(service->ledgers, &id, &stored, error) ||
        !ledger_cancel(service->ledger, &stored.event_id, &id,
                       request->received_ms + BOOKING_WAIT_MS, &receipt, error))
        return false;
    *booking = receipt.booking;
    return true;
}

/* DELETE /bookings/{id}: the seats come back; who repeats it gets the same answer */
bool booking_cancel(void *context, const struct http_request *request,
                    struct http_response *response, struct error *error)
{
    struct booking_service *service = context;
    struct json_writer writer = JSON_WRITER(&response->body);
    struct booking booking;

    if (!cancel(service, request, &booking, error))
        return false;
    booking_body_write(&writer, &booking);
    return buffer_ok(&response->body, error);
}
