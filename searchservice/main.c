/* The search service: copies the catalogue from messages and finds events in it. Publishes nothing. */
#include "searchservice/search_service.h"

enum {
    LOG_EVERY_MS = 10000
};

/* Its own, known to nobody else: what a subscriber needs at the broker it declares itself. */
static const char *const keys[] = {
    "event.created",
    "event.updated",
    "event.removed",
    "location.*",
    "eventCreated",
    "locationCreated",
    NULL,
};
static const struct topology_queue queue = {"search", keys};

static bool prepare(void *context, struct error *error)
{
    struct search_service *self = context;

    self->copy = database_copy(self->runtime.database);
    self->found = database_search(self->runtime.database);
    return copy_store_prepare(self->copy, error) && search_store_prepare(self->found, error);
}

static bool generation(void *context, uint64_t *generation, struct error *error)
{
    struct search_service *self = context;

    return copy_store_generation(self->copy, generation, error);
}

static const struct service_part parts[] = {
    {"metrics", runtime_start_health, runtime_stop_health},
    {"database", runtime_start_database, runtime_stop_database},
    {"listener", runtime_start_listener, runtime_stop_listener},
    {"watch", runtime_start_watch, runtime_stop_watch},
    {"server", runtime_start_server, runtime_stop_server},
};

int main(int argc, char *argv[])
{
    const struct runtime_role role = {
        .kind = CONFIG_SEARCHSERVICE,
        .parts = parts,
        .n_parts = ARRAY_SIZE(parts),
        .prepare = prepare,
        .generation = generation,
        .handle = search_heard,
        .queue = &queue,
        .log = &topology_catalogue_log,
        .log_every_ms = LOG_EVERY_MS,
        .database_name = "myevents_search",
        .routes = search_service_routes,
        .documents = &search_service_documents,
    };
    static struct search_service search;

    return runtime_main(&search.runtime, &role, argc, argv);
}
