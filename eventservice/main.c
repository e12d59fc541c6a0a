/* The event service: keeps events and locations, tells of every change, hears of bookings. */
#include "eventservice/event_service.h"

static void configure(void *context)
{
    struct event_service *self = context;

    self->relay.service_name = self->runtime.config.service_name;
    event_service_init_reads(self);
    metric_register(&metric_unknown_event);
}

static bool prepare(void *context, struct error *error)
{
    struct event_service *self = context;

    self->catalogue = database_catalogue(self->runtime.database);
    self->relay.catalogue = self->catalogue;
    return catalogue_store_prepare(self->catalogue, error);
}

static struct relay_source relay_source(void *context)
{
    struct event_service *self = context;

    return catalogue_relay_source(&self->relay);
}

static bool scan(void *context, const struct catalogue_scan *scan, catalogue_item_visit *visit,
                 void *visit_context, struct error *error)
{
    struct event_service *self = context;

    return catalogue_store_scan(self->catalogue, scan, visit, visit_context, error);
}

static bool generation(void *context, uint64_t *generation, struct error *error)
{
    struct event_service *self = context;

    return catalogue_store_sales_generation(self->catalogue, generation, error);
}

static const struct service_part parts[] = {
    {"metrics", runtime_start_health, runtime_stop_health},
    {"database", runtime_start_database, runtime_stop_database},
    {"digest", runtime_start_digest, runtime_stop_digest},
    {"emitter", runtime_start_emitter, runtime_stop_emitter},
    {"relay", runtime_start_relay, runtime_stop_relay},
    {"listener", runtime_start_listener, runtime_stop_listener},
    {"watch", runtime_start_watch, runtime_stop_watch},
    {"server", runtime_start_server, runtime_stop_server},
};

/* Of an event only its last message is written, so the more come together the less there is to write. */
enum {
    SALES_PREFETCH = 2048,
    SALES_EVERY_MS = 200
};

int main(int argc, char *argv[])
{
    const struct runtime_role role = {
        .kind = CONFIG_EVENTSERVICE,
        .parts = parts,
        .n_parts = ARRAY_SIZE(parts),
        .configure = configure,
        .prepare = prepare,
        .relay_source = relay_source,
        .scan = scan,
        .generation = generation,
        .handle = sales_heard,
        .queue = &topology_event_queue,
        .log = &topology_bookings_log,
        .prefetch = SALES_PREFETCH,
        .batch_every_ms = SALES_EVERY_MS,
        .database_name = "myevents_events",
        .routes = event_service_routes,
        .documents = &event_service_documents,
    };
    static struct event_service events;

    return runtime_main(&events.runtime, &role, argc, argv);
}
