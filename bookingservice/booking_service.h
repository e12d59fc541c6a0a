/* The booking service: what its use cases share. Wired by main.c; read-only afterwards. */
#ifndef EVENTS_BOOKINGSERVICE_BOOKING_SERVICE_H
#define EVENTS_BOOKINGSERVICE_BOOKING_SERVICE_H

#include "bookingservice/ledger_relay.h"
#include "ledger/ledger.h"
#include "persistence/copy_store.h"
#include "persistence/user_store.h"
#include "service/runtime.h"
#include "service/shared_answer.h"

/* How long a request waits for its booking; the client hears within 2 s whatever happens. */
enum {
    BOOKING_WAIT_MS = 1500,
    TAKE_OVER_WAIT_MS = 2000
};

struct booking_service {
    struct runtime runtime; /* first: the parts of runtime.h get the service */
    struct copy_store *copy;
    struct ledger_store *ledgers; /* for reading */
    struct ledger *ledger;        /* for booking */
    struct user_store *users;
    struct ledger_relay relay;
    struct shared_answers events_shown;
    struct shared_answers availabilities_shown;
};

/* What GET shares among those who ask at once; before the first request. */
void booking_service_init_reads(struct booking_service *service);

/* The rows of the HTTP interface; the handlers' context is a struct booking_service. */
extern const struct http_routes booking_service_routes;

/* Made from docs/api/bookingservice.yaml. */
extern const struct documents booking_service_documents;

http_handler event_list;         /* GET /events */
http_handler event_get;          /* GET /events/{id} */
http_handler availability_get;   /* GET /events/{id}/availability */
http_handler booking_create;     /* POST /events/{id}/bookings */
http_handler booking_list;       /* GET /events/{id}/bookings */
http_handler booking_get_coded;  /* GET /events/{id}/bookings/{code} */
http_handler booking_get;        /* GET /bookings/{id} */
http_handler booking_cancel;     /* DELETE /bookings/{id} */
http_handler user_create;        /* POST /users */
http_handler user_list;          /* GET /users */
http_handler user_get;           /* GET /users/{id} */
http_handler user_bookings_list; /* GET /users/{id}/bookings */

/*
 * What is left of an event; CAPACITY_UNKNOWN when its ledger cannot be read. The copy may be a message ahead of the
 * ledger: then all its seats are.
 */
int64_t event_seats_left(const struct event_view *view, const struct ledger_head *head);

/* The user that the path names. ERROR_NOT_FOUND. */
MUST_CHECK bool user_of_request(struct booking_service *service, const struct http_request *request,
                                struct user *user, struct error *error);

/* Messages heard: everything about events and locations. Handler of the listener. */
void catalogue_heard(void *context, struct delivery *deliveries, size_t n_deliveries);

#endif
