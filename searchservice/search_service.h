/*
 * The search service: finds events by the words of their names and places. A subscriber like any other,
 * with its own queue, its own copy of the catalogue and an index over that; it publishes nothing. Wired
 * by main.c; read-only afterwards.
 */
#ifndef EVENTS_SEARCHSERVICE_SEARCH_SERVICE_H
#define EVENTS_SEARCHSERVICE_SEARCH_SERVICE_H

#include "persistence/copy_store.h"
#include "persistence/search_store.h"
#include "service/runtime.h"

struct search_service {
    struct runtime runtime; /* first: the parts of runtime.h get the service */
    struct copy_store *copy;
    struct search_store *found;
};

/* The rows of the HTTP interface; the handlers' context is a struct search_service. */
extern const struct http_routes search_service_routes;

/* Made from docs/api/searchservice.yaml. */
extern const struct documents search_service_documents;

http_handler event_search; /* GET /search */

/* Messages heard: everything about events and locations. Handler of the listener. */
void search_heard(void *context, struct delivery *deliveries, size_t n_deliveries);

#endif
