/*
 * What both services run on, and the parts that bring it up and down. A service's own struct starts with
 * a runtime, and its table of parts names these functions beside its own; each finds in the runtime what
 * the parts before it have put there.
 */
#ifndef EVENTS_SERVICE_RUNTIME_H
#define EVENTS_SERVICE_RUNTIME_H

#include "configs/config.h"
#include "http/server.h"
#include "msgqueue/event_emitter.h"
#include "msgqueue/event_listener.h"
#include "persistence/database.h"
#include "service/digest.h"
#include "service/documents.h"
#include "service/health.h"
#include "service/relay.h"
#include "service/room.h"
#include "service/service.h"
#include "service/watch.h"

/* What a service is, beside what all are. The context of everything here is the service's own struct. */
struct runtime_role {
    enum config_service kind;
    const struct service_part *parts; /* those of this header, and the service's own */
    size_t n_parts;
    void (*configure)(void *context); /* config and room stand in the runtime; NULL: nothing */
    bool (*prepare)(void *context,
                    struct error *error);               /* stores and indexes; needs the database */
    struct relay_source (*relay_source)(void *context); /* NULL without that part */
    void (*handle)(void *context, struct delivery *deliveries, size_t n_deliveries);

    /* The catalogue that is kept here, as catalogue_store_scan(); NULL: none. */
    bool (*scan)(void *context, const struct catalogue_scan *scan, catalogue_item_visit *visit,
                 void *visit_context, struct error *error);
    const struct topology_queue *queue; /* own queue */
    const struct topology_queue *log;   /* log it reads */
    int64_t log_every_ms;               /* 0: at connect only */
    int prefetch;                       /* as in struct event_listener_options */
    int batch_every_ms;                 /* the same */

    /* Of the store that the log is read into, as copy_store_generation(); NULL: always the same. */
    bool (*generation)(void *context, uint64_t *generation, struct error *error);
    const char *database_name; /* when the url names none */
    struct http_routes routes;
    const struct documents *documents; /* what /openapi.json and /docs show */
};

struct runtime {
    struct config config;
    struct room room; /* for clients: the configured threads, as far as files allow */
    const struct runtime_role *role;

    struct digest digest; /* asked from the metrics port at any time */
    struct health *health;
    struct database *database;
    struct watch watch; /* asked from the metrics port at any time */
    struct event_emitter *emitter;
    struct relay *relay;
    struct event_listener *listener;
    uint64_t generation; /* of what the log is read into now; the listener's thread */
    struct http_server *server;
};

/* Parts in the order in which they stand on each other; @context is a struct runtime. */
bool runtime_start_health(void *context, struct error *error);
bool runtime_start_database(void *context, struct error *error);
bool runtime_start_emitter(void *context, struct error *error);
bool runtime_start_relay(void *context, struct error *error);
bool runtime_start_listener(void *context, struct error *error);
bool runtime_start_server(void *context, struct error *error);
bool runtime_start_watch(void *context, struct error *error);
bool runtime_start_digest(void *context, struct error *error);

void runtime_stop_health(void *context);
void runtime_stop_database(void *context);
void runtime_stop_emitter(void *context);
void runtime_stop_relay(void *context);
void runtime_stop_listener(void *context);
void runtime_stop_server(void *context);
void runtime_stop_watch(void *context);
void runtime_stop_digest(void *context);

/*
 * The whole of main: service_main() with the parts of @role. @runtime is empty, and the start of the
 * service's own struct.
 */
int runtime_main(struct runtime *runtime, const struct runtime_role *role, int argc, char *argv[]);

#endif
