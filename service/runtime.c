#include "service/runtime.h"

#include "base/log.h"
#include "persistence/attempt_store.h"
#include "service/access.h"
#include "service/listener_metrics.h"
#include "service/process_metrics.h"
#include "service/relay_metrics.h"
#include "service/service.h"

#include <stdio.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum watched_index {
    WATCHED_DATABASE,
    WATCHED_BROKER,
};

enum {
    NAME_BYTES = 256,
    EMITTER_QUEUE = 1024, /* behind its window; the relay keeps the rest in less space */
    STOP_WAIT_MS = 5000,
    FLUSH_MS = 3000
};

/* "bookingservice@host#role": who this is, for the management UI and the database's log. */
static void name_connection(const struct runtime *self, const char *role, char name[NAME_BYTES])
{
    char host[128] = "";

    gethostname(host, sizeof(host) - 1);
    snprintf(name, NAME_BYTES, "%s@%s-%d#%s", self->config.service_name, host, (int)getpid(), role);
}

static bool ask_database(void *context, struct error *error)
{
    const struct runtime *self = context;

    return database_ping(self->database, error);
}

static bool ask_broker(void *context, struct error *error)
{
    const struct runtime *self = context;

    /* Who publishes nothing has no emitter. */
    return (!self->emitter || event_emitter_check(self->emitter, error)) &&
           event_listener_check(self->listener, error);
}

static const struct watched watched[] = {
    [WATCHED_DATABASE] = {"database", ask_database},
    [WATCHED_BROKER] = {"broker", ask_broker},
};

static bool database_is_well(void *context)
{
    const struct runtime *self = context;

    return watch_is_well(&self->watch, WATCHED_DATABASE);
}

static bool broker_is_well(void *context)
{
    const struct runtime *self = context;

    return watch_is_well(&self->watch, WATCHED_BROKER);
}

bool runtime_start_health(void *context, struct error *error)
{
    static const struct health_check checks[] = {
        {.name = "database", .is_well = database_is_well, .needed = true},
        {.name = "broker", .is_well = broker_is_well, .needed = false},
    };
    struct runtime *self = context;
    const struct health_options options = {
        .listen = self->config.metrics_listen,
        .service_name = self->config.service_name,
        .checks = checks,
        .n_checks = ARRAY_SIZE(checks),
        .context = self,
        .digest = self->role->scan ? &self->digest : NULL,
    };

    process_metrics_register();
    if (!health_open(&options, &self->health, error))
        return false;
    log_info("metrics port open", LOG_NUMBER("port", health_port(self->health)));
    return true;
}

void runtime_stop_health(void *context)
{
    struct runtime *self = context;

    health_free(self->health);
    self->health = NULL;
}

bool runtime_start_database(void *context, struct error *error)
{
    struct runtime *self = context;
    char name[NAME_BYTES];

    name_connection(self, "database", name);
    const struct database_options options = {
        .backend = self->config.database_type,
        .url = self->config.database_url,
        .name = self->role->database_name,
        .app_name = name,
    };

    if (!self->database && !database_open(&options, &self->database, error))
        return false;
    return self->role->prepare(self, error);
}

void runtime_stop_database(void *context)
{
    struct runtime *self = context;

    database_free(self->database);
    self->database = NULL;
}

bool runtime_start_emitter(void *context, struct error *error)
{
    struct runtime *self = context;
    char name[NAME_BYTES];

    name_connection(self, "relay", name);
    const struct event_emitter_options options = {
        .backend = self->config.broker_type,
        .url = self->config.broker_url,
        .connection_name = name,
        .queue = EMITTER_QUEUE,
        .log_bytes = self->config.log_bytes,
    };

    return event_emitter_open(&options, &self->emitter, error);
}

void runtime_stop_emitter(void *context)
{
    struct runtime *self = context;

    event_emitter_free(self->emitter);
    self->emitter = NULL;
}

bool runtime_start_relay(void *context, struct error *error)
{
    struct runtime *self = context;
    const struct relay_options options = {
        .source = self->role->relay_source(self),
        .emitter = self->emitter,
    };

    if (!relay_open(&options, &self->relay, error))
        return false;
    relay_metrics_register(self->relay, self->emitter);
    return true;
}

void runtime_stop_relay(void *context)
{
    struct runtime *self = context;

    relay_metrics_forget();
    relay_stop(self->relay, FLUSH_MS);
    self->relay = NULL;
}

/*
 * An offset counts for the store that it was read into alone, so that whoever starts with an empty one
 * reads everything. One listener of a process and queue, so the name of the log is enough.
 */
static bool load_offset(void *context, int64_t *offset, struct error *error)
{
    struct runtime *self = context;
    uint64_t generation = 0;

    if (self->role->generation && !self->role->generation(self, &generation, error))
        return false;
    self->generation = generation;
    return database_load_offset(self->database, self->role->log->name, generation, offset, error);
}

static bool store_offset(void *context, int64_t offset, struct error *error)
{
    const struct runtime *self = context;

    return database_store_offset(self->database, self->role->log->name, self->generation, offset,
                                 error);
}

static void log_cut(void *context, int64_t wanted, int64_t first)
{
    const struct runtime *self = context;

    log_warning("the log was cut before it was read: have everything announced again",
                LOG_TEXT("log", self->role->log->name), LOG_NUMBER("wanted", wanted),
                LOG_NUMBER("first", first));
}

static bool note_attempt(void *context, const char *what, const struct object_id *by, int *n_noted,
                         struct error *error)
{
    const struct runtime *self = context;

    if (!attempt_store_note(database_attempts(self->database), what, by, n_noted, error))
        return false;
    if (*n_noted > 1)
        log_info("others began and have not come back", LOG_TEXT("with", what),
                 LOG_NUMBER("others", *n_noted - 1));
    return true;
}

static bool forget_attempts(void *context, const char *what, struct error *error)
{
    const struct runtime *self = context;

    return attempt_store_forget(database_attempts(self->database), what, error);
}

static bool can_store(void *context)
{
    const struct runtime *self = context;

    return database_ping(self->database, NULL);
}

bool runtime_start_listener(void *context, struct error *error)
{
    struct runtime *self = context;
    char name[NAME_BYTES];

    name_connection(self, "consumer", name);
    const struct event_listener_options options = {
        .backend = self->config.broker_type,
        .url = self->config.broker_url,
        .connection_name = name,
        .queue = self->role->queue,
        .log = self->role->log,
        .log_every_ms = self->role->log_every_ms,
        .log_bytes = self->config.log_bytes,
        .prefetch = self->role->prefetch,
        .batch_every_ms = self->role->batch_every_ms,
        .handler = {.handle = self->role->handle,
                    .ready = can_store,
                    .load_offset = load_offset,
                    .store_offset = store_offset,
                    .log_cut = log_cut,
                    .note_attempt = note_attempt,
                    .forget_attempts = forget_attempts,
                    .context = self},
    };

    if (!event_listener_open(&options, &self->listener, error))
        return false;
    listener_metrics_register(self->listener);
    return true;
}

void runtime_stop_listener(void *context)
{
    struct runtime *self = context;

    listener_metrics_forget();
    event_listener_free(self->listener);
    self->listener = NULL;
}

/* A new certificate that cannot be used must not end a service that works with the old one. */
static void reload_certificate(void *context)
{
    const struct runtime *self = context;
    struct error error = {0};

    if (!http_server_tls_port(self->server))
        log_info("nothing to read again: no certificate is configured");
    else if (http_server_reload_certificate(self->server, &error))
        log_info("certificate read again", LOG_TEXT("file", self->config.tls_certificate));
    else
        log_error("the old certificate stays", LOG_CAUSE(&error));
}

bool runtime_start_server(void *context, struct error *error)
{
    struct runtime *self = context;
    const bool tls = self->config.tls_certificate[0] != '\0';
    const struct http_server_options options = {
        .listen = self->config.listen,
        .tls_listen = tls ? self->config.tls_listen : NULL,
        .tls_certificate = self->config.tls_certificate,
        .tls_key = self->config.tls_key,
        .cors_origins = self->config.cors_origins,
        .threads = self->room.threads,
        .queue = self->room.queue,
        .routes = self->role->routes,
        .context = self,
        .observer = access_observer(&self->role->routes),
    };

    if (!http_server_open(&options, &self->server, error))
        return false;
    access_watch(self->server);
    service_on_hangup(reload_certificate, self);
    return true;
}

void runtime_stop_server(void *context)
{
    struct runtime *self = context;

    service_on_hangup(NULL, NULL);
    access_forget();
    http_server_stop(self->server, STOP_WAIT_MS);
    self->server = NULL;
}

bool runtime_start_watch(void *context, struct error *error)
{
    struct runtime *self = context;

    self->watch.things = watched;
    self->watch.n_things = ARRAY_SIZE(watched);
    self->watch.context = self;
    return watch_start(&self->watch, error);
}

void runtime_stop_watch(void *context)
{
    struct runtime *self = context;

    watch_stop(&self->watch);
}

bool runtime_start_digest(void *context, struct error *error)
{
    struct runtime *self = context;

    self->digest.source = (struct digest_source){.scan = self->role->scan, .context = self};
    return digest_start(&self->digest, error);
}

void runtime_stop_digest(void *context)
{
    struct runtime *self = context;

    digest_stop(&self->digest);
}

static void serving(void *context)
{
    struct runtime *self = context;

    health_set_serving(self->health, true);
    log_info("serving", LOG_NUMBER("port", http_server_port(self->server)),
             LOG_NUMBER("tls_port", http_server_tls_port(self->server)),
             LOG_NUMBER("metrics_port", health_port(self->health)));
}

static void drain(void *context)
{
    struct runtime *self = context;
    const struct timespec wait = {.tv_sec = self->config.drain_ms / 1000,
                                  .tv_nsec = self->config.drain_ms % 1000 * 1000000};

    health_set_serving(self->health, false);
    http_server_drain(self->server);
    /* Time for proxies and clients to see that it is not ready any more. */
    nanosleep(&wait, NULL);
}

static int64_t limit_of(__rlimit_resource_t resource)
{
    struct rlimit limit = {.rlim_cur = RLIM_INFINITY};

    (void)getrlimit(resource, &limit);
    return (int64_t)(limit.rlim_cur > INT64_MAX ? INT64_MAX : limit.rlim_cur);
}

/* So many clients that files and memory are left for what answering them takes. */
static struct room room_here(int threads)
{
    const struct room_limits limits = {.files = limit_of(RLIMIT_NOFILE),
                                       .data_bytes = limit_of(RLIMIT_DATA),
                                       .address_bytes = limit_of(RLIMIT_AS)};
    const struct room room = room_for(&limits, threads, HTTP_QUEUE);

    if (room.threads < threads)
        log_warning("fewer threads than configured, for want of files or memory",
                    LOG_NUMBER("threads", room.threads), LOG_NUMBER("configured", threads),
                    LOG_NUMBER("files", limits.files), LOG_NUMBER("data_bytes", limits.data_bytes),
                    LOG_NUMBER("address_bytes", limits.address_bytes));
    return room;
}

static void configure(void *context, const struct config *config)
{
    struct runtime *self = context;

    self->config = *config;
    self->room = room_here((int)config->threads);
    if (self->role->scan)
        digest_init(&self->digest); /* here, for parts may have to be started more than once */
    if (self->role->configure)
        self->role->configure(self);
}

int runtime_main(struct runtime *runtime, const struct runtime_role *role, int argc, char *argv[])
{
    const struct service service = {
        .kind = role->kind,
        .parts = role->parts,
        .n_parts = role->n_parts,
        .context = runtime,
        .configure = configure,
        .serving = serving,
        .drain = drain,
    };

    runtime->role = role;
    return service_main(&service, argc, argv);
}
