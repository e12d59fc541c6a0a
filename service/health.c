#include "service/health.h"

#include "base/json.h"
#include "base/memory.h"
#include "base/metrics.h"
#include "http/server.h"

#include <assert.h>
#include <pthread.h>

enum {
    THREADS = 4,
    QUEUE = 8,
    /* So few threads cannot wait for clients that say nothing. */
    REQUEST_TIMEOUT_MS = 1000,
    KEEP_ALIVE_MS = 100,
    STOP_WAIT_MS = 500
};

struct health {
    struct health_options options;
    struct http_server *server;
    pthread_mutex_t lock; /* held while checks are asked */
    bool serving;
};

/* What the checks said, asked once for each answer; nothing unless serving. */
struct readiness {
    bool is_well[HEALTH_CHECKS_MAX];
    bool serving;
    bool ready;
};

/* Under the lock, while serving. */
static void ask(const struct health_options *options, struct readiness *readiness)
{
    readiness->ready = true;
    for (size_t i = 0; i < options->n_checks; i++) {
        readiness->is_well[i] = options->checks[i].is_well(options->context);
        if (options->checks[i].needed && !readiness->is_well[i])
            readiness->ready = false;
    }
}

static struct readiness look(struct health *health)
{
    struct readiness readiness = {0};

    pthread_mutex_lock(&health->lock);
    readiness.serving = health->serving;
    if (readiness.serving)
        ask(&health->options, &readiness);
    pthread_mutex_unlock(&health->lock);
    return readiness;
}

static void write_check(struct json_writer *writer, const struct health_check *check, bool asked,
                        bool is_well)
{
    json_open_object(writer, NULL);
    json_put_text(writer, "name", check->name);
    if (asked)
        json_put_bool(writer, "well", is_well);
    else
        json_put_null(writer, "well");
    json_put_bool(writer, "needed", check->needed);
    json_close_object(writer);
}

static void write_object(const struct health *health, const struct readiness *readiness,
                         struct buffer *body)
{
    struct json_writer writer = JSON_WRITER(body);

    json_open_object(&writer, NULL);
    json_put_bool(&writer, "ready", readiness->ready);
    json_put_bool(&writer, "serving", readiness->serving);
    json_open_array(&writer, "checks");
    for (size_t i = 0; i < health->options.n_checks; i++)
        write_check(&writer, &health->options.checks[i], readiness->serving, readiness->is_well[i]);
    json_close_array(&writer);
    json_close_object(&writer);
}

static void write_line(struct buffer *body, const char *name, bool is_well, bool needed)
{
    buffer_format(body, "[%c] %s %s%s\n", is_well ? '+' : '-', name, is_well ? "well" : "away",
                  needed || is_well ? "" : " (not needed)");
}

static void write_lines(const struct health *health, const struct readiness *readiness,
                        struct buffer *body)
{
    buffer_format(body, "[%c] %s\n", readiness->serving ? '+' : '-',
                  readiness->serving ? "serving" : "starting or stopping");
    for (size_t i = 0; readiness->serving && i < health->options.n_checks; i++)
        write_line(body, health->options.checks[i].name, readiness->is_well[i],
                   health->options.checks[i].needed);
    buffer_text(body, readiness->ready ? "ready\n" : "not ready\n");
}

static bool readyz(void *context, const struct http_request *request,
                   struct http_response *response, struct error *error)
{
    struct health *health = context;
    const struct readiness readiness = look(health);
    struct error bad_query = {0};
    char value[16];

    if (http_request_query(request, "verbose", value, sizeof(value), &bad_query)) {
        response->content_type = "text/plain; charset=utf-8";
        write_lines(health, &readiness, &response->body);
    } else if (bad_query.code != ERROR_NONE) {
        *error = bad_query;
        return false;
    } else {
        write_object(health, &readiness, &response->body);
    }
    response->status = readiness.ready ? 200 : 503;
    return true;
}

static bool livez(void *context, const struct http_request *request, struct http_response *response,
                  struct error *error)
{
    (void)context;
    (void)request;
    (void)error;
    response->content_type = "text/plain; charset=utf-8";
    buffer_text(&response->body, "alive\n");
    return true;
}

static bool metrics(void *context, const struct http_request *request,
                    struct http_response *response, struct error *error)
{
    (void)context;
    (void)request;
    (void)error;
    response->content_type = "text/plain; version=0.0.4; charset=utf-8";
    metrics_write(&response->body);
    return true;
}

static bool info(void *context, const struct http_request *request, struct http_response *response,
                 struct error *error)
{
    const struct health *health = context;
    struct json_writer writer = JSON_WRITER(&response->body);

    (void)request;
    (void)error;
    json_open_object(&writer, NULL);
    json_put_text(&writer, "name", health->options.service_name);
    json_put_text(&writer, "version", EVENTS_VERSION);
    json_put_text(&writer, "build", EVENTS_BUILD);
    json_close_object(&writer);
    return true;
}

static bool digest(void *context, const struct http_request *request,
                   struct http_response *response, struct error *error)
{
    const struct health *health = context;
    struct digest_report report;

    (void)request;
    if (!health->options.digest)
        return error_set(error, ERROR_NOT_FOUND, "no catalogue is kept here");
    if (!digest_report(health->options.digest, &report))
        return error_set(error, ERROR_UNAVAILABLE, "the first walk is not over");
    digest_write(&report, &response->body);
    return true;
}

static const struct http_route rows[] = {
    {.method = "GET", .pattern = "/livez", .handle = livez},
    {.method = "GET", .pattern = "/readyz", .handle = readyz},
    {.method = "GET", .pattern = "/healthz", .handle = readyz},
    {.method = "GET", .pattern = "/metrics", .handle = metrics},
    {.method = "GET", .pattern = "/info", .handle = info},
    {.method = "GET", .pattern = "/digest", .handle = digest},
};

bool health_open(const struct health_options *options, struct health **health, struct error *error)
{
    CLEANUP(memory_freep) struct health *self = memory_new(sizeof(*self), error);
    const struct http_server_options server = {
        .listen = options->listen,
        .threads = THREADS,
        .queue = QUEUE,
        .request_timeout_ms = REQUEST_TIMEOUT_MS,
        .keep_alive_ms = KEEP_ALIVE_MS,
        .routes = {.rows = rows, .n_rows = ARRAY_SIZE(rows)},
        .context = self,
    };

    assert(options->n_checks <= HEALTH_CHECKS_MAX);
    if (!self)
        return false;
    self->options = *options;
    pthread_mutex_init(&self->lock, NULL);
    if (!http_server_open(&server, &self->server, error)) {
        pthread_mutex_destroy(&self->lock);
        return error_wrap(error, "opening the metrics port");
    }
    *health = self;
    self = NULL;
    return true;
}

int health_port(const struct health *health)
{
    return http_server_port(health->server);
}

void health_set_serving(struct health *health, bool serving)
{
    pthread_mutex_lock(&health->lock);
    health->serving = serving;
    pthread_mutex_unlock(&health->lock);
}

void health_free(struct health *health)
{
    if (!health)
        return;
    http_server_stop(health->server, STOP_WAIT_MS);
    pthread_mutex_destroy(&health->lock);
    memory_free(health);
}
