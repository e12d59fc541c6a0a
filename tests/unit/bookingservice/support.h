/* A booking service over the memory backends, and requests as the server would hand them in. */
#ifndef EVENTS_TESTS_UNIT_BOOKINGSERVICE_SUPPORT_H
#define EVENTS_TESTS_UNIT_BOOKINGSERVICE_SUPPORT_H

#include "bookingservice/booking_service.h"

struct fixture {
    struct booking_service service;
    struct database *database;
};

void fixture_init(struct fixture *fixture);
void fixture_clear(struct fixture *fixture);

/* The deadline of a call to the ledger that no machine is too slow for. */
int64_t fixture_deadline_ms(void);

/* An event with so many seats, taken over by the ledger. */
struct object_id fixture_event(struct fixture *fixture, int64_t capacity);

/* POST /events/{id}/bookings with @body; @key may be NULL. Pointers are borrowed. */
struct http_request request_to_book(const char *event_id, const char *key, const char *body);

/* A request for one thing: the parameter @name of its route. Pointers are borrowed. */
struct http_request request_for(const char *name, const char *value);

/* What a handler answered. Texts are cut when they are long. */
struct answer {
    bool ok;
    int status;
    bool replayed;
    char headers[512];
    char body[4096];
    struct error error;
};

struct answer fixture_call(struct fixture *fixture, http_handler *handle,
                           const struct http_request *request);

#endif
