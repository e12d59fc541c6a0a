#include "bookingservice/booking_service.h"

static const struct http_route rows[] = {
    {"GET", "/", index_get, 0},
    {"GET", "/openapi.json", openapi_get, 0},
    {"GET", "/docs", docs_get, 0},
    {"GET", "/docs/{file}", docs_file_get, 0},
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
