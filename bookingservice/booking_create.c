#include "bookingservice/booking_body.h"
#include "bookingservice/booking_metrics.h"
#include "bookingservice/booking_service.h"

#include "base/memory.h"
#include "domain/limits.h"

#include <inttypes.h>
#include <stdio.h>

/* Names the operation in the ids of bookings: changing it would book repeated keys anew. */
static const char route[] = "POST /events/{id}/bookings";

/* Who is to hold the booking; absent or null: a guest. */
static bool read_user(const struct booking_service *service, const struct json *body,
                      struct object_id *user_id, struct error *error)
{
    const struct json *member = json_member(body, "UserID");
    const char *text = json_text(member);
    struct error missing = {0};
    struct user user;
    struct object_id id;

    if (!member || json_is_null(member))
        return true;
    if (!text || !object_id_parse(text, &id))
        return error_detail(error, "/UserID", "is no id of a user");
    if (user_store_user(service->users, &id, &user, &missing)) {
        *user_id = id;
        return true;
    }
    if (missing.code == ERROR_NOT_FOUND)
        return error_detail(error, "/UserID", "no such user");
    *error = missing;
    return false;
}

static bool read_body(const struct booking_service *service, const struct http_request *request,
                      struct ledger_order *order, struct error *error)
{
    CLEANUP(json_freep) struct json *body = NULL;
    int64_t seats = 0;

    if (!http_request_json(request, &body, error))
        return false;
    bool has_seats =
        json_get_integer(body, "", "seats", JSON_REQUIRED, 1, SEATS_PER_BOOKING_MAX, &seats, error);
    if (!read_user(service, body, &order->user_id, error) || !has_seats)
        return false;
    order->seats = (int32_t)seats;
    return true;
}

static bool read_order(const struct booking_service *service, const struct http_request *request,
                       struct ledger_order *order, struct error *error)
{
    char key[HTTP_KEY_BYTES];

    if (!object_id_parse(http_request_parameter(request, "id"), &order->event_id))
        return error_set(error, ERROR_NOT_FOUND, "no such event");
    if (!http_request_key(request, key, error) || !read_body(service, request, order, error))
        return false;
    order->keyed = key[0] != '\0';
    order->booking_id =
        booking_id_make(&order->event_id, &order->user_id, route, order->keyed ? key : NULL);
    order->fingerprint = booking_fingerprint(order->seats, &order->user_id);
    order->deadline_ms = request->received_ms + BOOKING_WAIT_MS;
    return true;
}

static bool was_booked(const struct booking_service *service, const struct ledger_order *order,
                       bool *was, struct error *error)
{
    struct error missing = {0};
    struct booking booking;

    *was = order->keyed &&
           ledger_store_booking(service->ledgers, &order->booking_id, &booking, &missing);
    if (*was || missing.code == ERROR_NONE || missing.code == ERROR_NOT_FOUND)
        return true;
    *error = missing;
    return false;
}

/* What was booked under this key while more was allowed stands: its repeat is for the ledger to answer. */
static bool check_seats(const struct booking_service *service, const struct ledger_order *order,
                        struct error *error)
{
    int64_t most = service->runtime.config.seats_per_booking;
    bool was = false;

    if (order->seats <= most)
        return true;
    if (!was_booked(service, order, &was, error))
        return false;
    return was || error_detail(error, "/seats", "must be an integer from 1 to %" PRId64, most);
}

static bool answer(const struct ledger_receipt *receipt, struct http_response *response,
                   struct error *error)
{
    struct json_writer writer = JSON_WRITER(&response->body);
    char path[64];

    snprintf(path, sizeof(path), "/bookings/%s", object_id_hex(&receipt->booking.id).text);
    http_response_created(response, path);
    if (receipt->replayed)
        http_response_header(response, "Idempotency-Replayed", "true");
    booking_body_write(&writer, &receipt->booking);
    return buffer_ok(&response->body, error);
}

/* An order that the ledger has, and what became of it. */
struct placed {
    struct http_deferred *deferred;
    bool is_booked;
    struct ledger_receipt receipt;
    struct error error;
};

static void on_outcome(void *context, const struct ledger_receipt *receipt,
                       const struct error *error)
{
    struct placed *placed = context;

    placed->is_booked = receipt != NULL;
    if (receipt)
        placed->receipt = *receipt;
    else
        placed->error = *error;
    http_deferred_complete(placed->deferred);
}

static bool finish(void *state, const struct http_request *request, struct http_response *response,
                   struct error *error)
{
    CLEANUP(memory_freep) void *memory = state;
    const struct placed *placed = memory;

    (void)request;
    if (placed->is_booked)
        return answer(&placed->receipt, response, error);
    *error = placed->error;
    booking_metrics_rejected(error->code);
    return false;
}

static bool place(struct booking_service *service, const struct ledger_order *order,
                  struct http_response *response, struct error *error)
{
    struct placed *placed = memory_new(sizeof(*placed), error);

    if (!placed)
        return false;
    booking_traces_put(service->relay.traces, &order->booking_id, trace_current());
    placed->deferred = http_defer(response, finish, placed);
    ledger_book_later(service->ledger, order, on_outcome, placed);
    return true;
}

/* POST /events/{id}/bookings */
bool booking_create(void *context, const struct http_request *request,
                    struct http_response *response, struct error *error)
{
    struct booking_service *service = context;
    struct ledger_order order = {0};

    if (read_order(service, request, &order, error) && check_seats(service, &order, error) &&
        place(service, &order, response, error))
        return true;
    booking_metrics_rejected(error->code);
    return false;
}
