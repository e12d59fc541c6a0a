#include "bookingservice/booking_service.h"

static const struct http_route rows[] = {
    {"GET", "/", index_get, 0},
    {"GET", "/events", event_list, 0},
    {"GET", "/events/{id}", event_get, 0},
    {"GET", "/events/{id}/availability", availability_get, 0},
    {"GET", "/events/{id}/bookings", booking_list, 0},
    {"GET", "/events/{id}/bookings/{code}", booking_get_coded, 0},
    {"POST", "/events/{id}/bookings", booking_create, 0},
    {"GET", "/bookings/{id}", booking_get, 0},
    {"DELETE", "/bookings/{id}", booking_cancel, 0},
    {"POST", "/users", user_create, 0},
    {"GET", "/users", user_list, 0},
    {"GET", "/users/{id}", user_get, 0},
    {"GET", "/users/{id}/bookings", user_bookings_list, 0},
};

const struct http_routes booking_service_routes = {rows, ARRAY_SIZE(rows)};

/* GET / */
bool index_get(void *context, const struct http_request *request, struct http_response *response,
               struct error *error)
{
    const struct booking_service *service = context;
    struct json_writer writer = JSON_WRITER(&response->body);

    (void)request;
    json_open_object(&writer, NULL);
    json_put_text(&writer, "name", service->runtime.config.service_name);
    json_put_text(&writer, "events", "/events");
    json_put_text(&writer, "users", "/users");
    json_close_object(&writer);
    return buffer_ok(&response->body, error);
}
