/* The event service: what its use cases share. Wired by main.c; read-only afterwards. */
#ifndef EVENTS_EVENTSERVICE_EVENT_SERVICE_H
#define EVENTS_EVENTSERVICE_EVENT_SERVICE_H

#include "base/metrics.h"
#include "eventservice/catalogue_relay.h"
#include "persistence/catalogue_store.h"
#include "service/runtime.h"
#include "service/shared_answer.h"

struct event_service {
    struct runtime runtime; /* first: the parts of runtime.h get the service */
    struct catalogue_store *catalogue;
    struct catalogue_relay relay;
    struct shared_answers events_shown;
};

/* What GET shares among those who ask at once; before the first request. */
void event_service_init_reads(struct event_service *service);

/* The rows of the HTTP interface; the handlers' context is a struct event_service. */
extern const struct http_routes event_service_routes;

/* Made from docs/api/eventservice.yaml. */
extern const struct documents event_service_documents;

http_handler event_list;         /* GET /events */
http_handler event_get;          /* GET /events/{id}, /events/id/{id} */
http_handler event_get_named;    /* GET /events/name/{name} */
http_handler event_create;       /* POST /events */
http_handler event_put;          /* PUT /events/{id}, /events/id/{id} */
http_handler event_patch;        /* PATCH and POST /events/{id}, /events/id/{id} */
http_handler event_remove;       /* DELETE /events/{id}, /events/id/{id} */
http_handler location_list;      /* GET /locations */
http_handler location_get;       /* GET /locations/{id} */
http_handler location_get_named; /* GET /locations/name/{name} */
http_handler location_create;    /* POST /locations */
http_handler location_put;       /* PUT /locations/{id} */
http_handler location_patch;     /* PATCH and POST /locations/{id} */
http_handler location_remove;    /* DELETE /locations/{id} */

/* Messages heard: event.booked and booking.cancelled. Handler of the listener. */
void sales_heard(void *context, struct delivery *deliveries, size_t n_deliveries);

/* event.booked or booking.cancelled of an event that is not in the catalogue. */
extern struct metric metric_unknown_event;

#endif
