/* The booking service: copies the catalogue from messages, takes bookings, tells of them. */
#include "bookingservice/booking_metrics.h"
#include "bookingservice/booking_service.h"

enum {
    LOG_EVERY_MS = 10000,
    LEDGER_STOP_MS = 3000,
};

static void configure(void *context)
{
    struct booking_service *self = context;

    self->relay.service_name = self->runtime.config.service_name;
    booking_service_init_reads(self);
}

static bool prepare(void *context, struct error *error)
{
    struct booking_service *self = context;
    struct database *database = self->runtime.database;

    self->copy = database_copy(database);
    self->ledgers = database_ledger(database);
    self->users = database_users(database);
    self->relay.ledgers = self->ledgers;
    return copy_store_prepare(self->copy, error) && ledger_store_prepare(self->ledgers, error) &&
           user_store_prepare(self->users, error);
}

static struct relay_source relay_source(void *context)
{
    struct booking_service *self = context;

    return ledger_relay_source(&self->relay);
}

static void landed(void *context, const struct ledger_entry *entry)
{
    struct booking_service *self = context;

    booking_metrics_landed(entry);
    ledger_relay_hand_over(self->runtime.relay, &self->relay, entry);
}

static void drop_traces(struct booking_service *self)
{
    booking_traces_free(self->relay.traces);
    self->relay.traces = NULL;
}

static bool start_ledger(void *context, struct error *error)
{
    struct booking_service *self = context;
    const int threads = self->runtime.room.threads;
    const struct ledger_options options = {
        .store = self->ledgers,
        /* Some connections have room to be told that the line is full. */
        .waiting_max = threads > 1 ? threads * 3 / 4 : 1,
        .seats_per_user = self->runtime.config.seats_per_user,
        .landed = landed,
        .context = self,
    };

    self->relay.traces = booking_traces_new(error);
    if (!self->relay.traces)
        return false;
    if (!ledger_open(&options, &self->ledger, error)) {
        drop_traces(self);
        return false;
    }
    booking_metrics_register(self->ledger, self->runtime.config.metrics_myevents_names);
    return true;
}

static void stop_ledger(void *context)
{
    struct booking_service *self = context;

    booking_metrics_forget();
    ledger_stop(self->ledger, LEDGER_STOP_MS);
    self->ledger = NULL;
    drop_traces(self);
}

static bool scan(void *context, const struct catalogue_scan *scan, catalogue_item_visit *visit,
                 void *visit_context, struct error *error)
{
    struct booking_service *self = context;

    return copy_store_scan(self->copy, scan, visit, visit_context, error);
}

static bool generation(void *context, uint64_t *generation, struct error *error)
{
    struct booking_service *self = context;

    return copy_store_generation(self->copy, generation, error);
}

static const struct service_part parts[] = {
    {"metrics", runtime_start_health, runtime_stop_health},
    {"database", runtime_start_database, runtime_stop_database},
    {"digest", runtime_start_digest, runtime_stop_digest},
    {"emitter", runtime_start_emitter, runtime_stop_emitter},
    {"relay", runtime_start_relay, runtime_stop_relay},
    {"ledger", start_ledger, stop_ledger},
    {"listener", runtime_start_listener, runtime_stop_listener},
    {"watch", runtime_start_watch, runtime_stop_watch},
    {"server", runtime_start_server, runtime_stop_server},
};

int main(int argc, char *argv[])
{
    const struct runtime_role role = {
        .kind = CONFIG_BOOKINGSERVICE,
        .parts = parts,
        .n_parts = ARRAY_SIZE(parts),
        .configure = configure,
        .prepare = prepare,
        .relay_source = relay_source,
        .scan = scan,
        .generation = generation,
        .handle = catalogue_heard,
        .queue = &topology_booking_queue,
        .log = &topology_catalogue_log,
        .log_every_ms = LOG_EVERY_MS,
        .database_name = "myevents_bookings",
        .routes = booking_service_routes,
        .documents = &booking_service_documents,
    };
    static struct booking_service booking;

    return runtime_main(&booking.runtime, &role, argc, argv);
}
