/*
 * A server with routes that answer what they saw, for the numbered scripts beside it. It prints
 * "port N tls N", obeys the words drain and reload on standard input, stops when that ends, and then says
 * "stopped". With --defer=yes all answers are deferred, and completed by another thread.
 */
#include "base/json.h"
#include "http/conditional.h"
#include "http/paging.h"
#include "http/server.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    LARGE_BODY_BYTES = 1024 * 1024,
    STOP_WAIT_MS = 60000,
    ITEMS = 45
};

/* Requests to /wait stand here until one to /release opens the gate. */
struct lock {
    pthread_mutex_t mutex;
    pthread_cond_t opened;
    bool is_open;
    int waiting;
    struct http_deferred *held; /* of those who wait, the ones whose answer is deferred */
};

static struct lock gate = {.mutex = PTHREAD_MUTEX_INITIALIZER, .opened = PTHREAD_COND_INITIALIZER};

static bool hello(void *context, const struct http_request *request, struct http_response *response,
                  struct error *error)
{
    (void)context;
    (void)request;
    (void)error;
    buffer_text(&response->body, "{\"hello\":\"world\"}");
    return true;
}

/* What the handler was given. */
static bool show(void *context, const struct http_request *request, struct http_response *response,
                 struct error *error)
{
    struct json_writer writer = JSON_WRITER(&response->body);

    (void)context;
    (void)error;
    json_open_object(&writer, NULL);
    json_put_text(&writer, "method", request->method);
    json_put_text(&writer, "path", request->path);
    json_put_text(&writer, "query", request->query ? request->query : "");
    json_put_integer(&writer, "headers", (int64_t)request->n_headers);
    json_put_text(&writer, "request_id", request->request_id);
    if (request->n_parameters > 0)
        json_put_text(&writer, "id", http_request_parameter(request, "id"));
    json_put_integer(&writer, "body_bytes", (int64_t)request->body_bytes);
    json_put_text(&writer, "body",
                  utf8_valid(request->body, request->body_bytes) ? request->body : "");
    json_close_object(&writer);
    return true;
}

static bool size(void *context, const struct http_request *request, struct http_response *response,
                 struct error *error)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz";
    long rest = strtol(http_request_parameter(request, "bytes"), NULL, 10);

    (void)context;
    (void)error;
    response->content_type = "text/plain";
    for (; rest >= 26; rest -= 26)
        buffer_append(&response->body, letters, 26);
    buffer_append(&response->body, letters, (size_t)rest);
    return true;
}

static bool query(void *context, const struct http_request *request, struct http_response *response,
                  struct error *error)
{
    struct json_writer writer = JSON_WRITER(&response->body);
    char value[32] = "absent";

    (void)context;
    if (!http_request_query(request, "value", value, sizeof(value), error) && error->code)
        return false;
    json_open_object(&writer, NULL);
    json_put_text(&writer, "value", value);
    json_close_object(&writer);
    return true;
}

static bool number(void *context, const struct http_request *request,
                   struct http_response *response, struct error *error)
{
    CLEANUP(json_freep) struct json *document = NULL;
    struct json_writer writer = JSON_WRITER(&response->body);
    int64_t n = 0;

    (void)context;
    if (!http_request_json(request, &document, error))
        return false;
    if (!json_get_integer(document, "", "number", JSON_REQUIRED, 1, 10, &n, error))
        return false;
    http_response_created(response, "/numbers/1");
    json_open_object(&writer, NULL);
    json_put_integer(&writer, "number", n);
    json_close_object(&writer);
    return true;
}

static bool nothing(void *context, const struct http_request *request,
                    struct http_response *response, struct error *error)
{
    (void)context;
    (void)request;
    (void)error;
    response->status = 204;
    response->content_type = NULL;
    return true;
}

static bool fail(void *context, const struct http_request *request, struct http_response *response,
                 struct error *error)
{
    const char *name = http_request_parameter(request, "name");
    enum error_code code = ERROR_INVALID;

    (void)context;
    while (code < ERROR_INTERNAL && strcmp(error_code_name(code), name) != 0)
        code++;
    buffer_text(&response->body, "half an answer");
    error_set(error, code, "it did not work");
    error_add_number(error, "seatsLeft", 3);
    return false;
}

static bool wait_at_gate(void *context, const struct http_request *request,
                         struct http_response *response, struct error *error)
{
    pthread_mutex_lock(&gate.mutex);
    gate.waiting++;
    while (!gate.is_open)
        pthread_cond_wait(&gate.opened, &gate.mutex);
    gate.waiting--;
    pthread_mutex_unlock(&gate.mutex);
    return hello(context, request, response, error);
}

static bool open_gate(void *context, const struct http_request *request,
                      struct http_response *response, struct error *error)
{
    pthread_mutex_lock(&gate.mutex);
    gate.is_open = true;
    pthread_cond_broadcast(&gate.opened);
    while (gate.held) {
        struct http_deferred *deferred = gate.held;

        gate.held = deferred->next;
        gate.waiting--;
        http_deferred_complete(deferred);
    }
    pthread_mutex_unlock(&gate.mutex);
    return nothing(context, request, response, error);
}

static bool count_waiting(void *context, const struct http_request *request,
                          struct http_response *response, struct error *error)
{
    (void)context;
    (void)request;
    (void)error;
    pthread_mutex_lock(&gate.mutex);
    buffer_number(&response->body, gate.waiting);
    pthread_mutex_unlock(&gate.mutex);
    return true;
}

static bool read_tagged(void *context, const struct http_request *request,
                        struct http_response *response, struct error *error)
{
    return http_not_modified(request, response, "7.2.9") ||
           hello(context, request, response, error);
}

static bool change_tagged(void *context, const struct http_request *request,
                          struct http_response *response, struct error *error)
{
    return http_precondition(request, "7.2.9", error) && nothing(context, request, response, error);
}

/* The numbers from 0 to ITEMS - 1; a cursor is the last number of a page. */
static bool list_pages(void *context, const struct http_request *request,
                       struct http_response *response, struct error *error)
{
    struct json_writer writer = JSON_WRITER(&response->body);
    char cursor[HTTP_CURSOR_BYTES];
    size_t limit;
    long first;

    (void)context;
    if (!http_page_limit(request, 10, &limit, error) || !http_page_cursor(request, cursor, error))
        return false;
    first = cursor[0] ? strtol(cursor, NULL, 10) + 1 : 0;
    json_open_array(&writer, NULL);
    for (long i = first; i < ITEMS && i < first + (long)limit; i++)
        json_put_integer(&writer, NULL, i);
    json_close_array(&writer);
    if (first + (long)limit < ITEMS) {
        snprintf(cursor, sizeof(cursor), "%ld", first + (long)limit - 1);
        http_page_next(request, response, cursor);
    }
    return true;
}

static const struct http_route routes[] = {
    {"GET", "/hello", hello, 0},          {"GET", "/things/{id}", show, 0},
    {"PUT", "/things/{id}", show, 0},     {"DELETE", "/things/{id}", nothing, 0},
    {"POST", "/echo", show, 0},           {"POST", "/large", show, LARGE_BODY_BYTES},
    {"GET", "/sizes/{bytes}", size, 0},   {"GET", "/query", query, 0},
    {"POST", "/numbers", number, 0},      {"GET", "/errors/{name}", fail, 0},
    {"GET", "/wait", wait_at_gate, 0},    {"GET", "/waiting", count_waiting, 0},
    {"POST", "/release", open_gate, 0},   {"GET", "/tagged", read_tagged, 0},
    {"PUT", "/tagged", change_tagged, 0}, {"GET", "/pages/{kind}", list_pages, 0},
};

/* The answers that are deferred, for a thread to complete. */
static struct {
    pthread_mutex_t mutex;
    pthread_cond_t has_some;
    struct http_deferred *first;
    bool is_ending;
} later = {.mutex = PTHREAD_MUTEX_INITIALIZER, .has_some = PTHREAD_COND_INITIALIZER};

static void *complete(void *unused)
{
    pthread_mutex_lock(&later.mutex);
    while (later.first || !later.is_ending) {
        struct http_deferred *deferred = later.first;

        if (!deferred) {
            pthread_cond_wait(&later.has_some, &later.mutex);
            continue;
        }
        later.first = deferred->next;
        pthread_mutex_unlock(&later.mutex);
        http_deferred_complete(deferred);
        pthread_mutex_lock(&later.mutex);
    }
    pthread_mutex_unlock(&later.mutex);
    return unused;
}

static bool hold(struct http_response *response)
{
    struct http_deferred *deferred;

    pthread_mutex_lock(&gate.mutex);
    deferred = http_defer(response, hello, NULL);
    deferred->next = gate.held;
    gate.held = deferred;
    gate.waiting++;
    pthread_mutex_unlock(&gate.mutex);
    return true;
}

/* What the handler of the same route would answer. */
static bool defer(void *context, const struct http_request *request, struct http_response *response,
                  struct error *error)
{
    static const struct http_routes at_once = {.rows = routes, .n_rows = ARRAY_SIZE(routes)};
    const struct http_route *route = NULL;
    struct http_request same = *request;
    char path[HTTP_URI_BYTES_MAX + 1];
    char allow[HTTP_ALLOW_BYTES];

    (void)error;
    snprintf(path, sizeof(path), "%s", request->path);
    http_router_match(&at_once, request->method, path, &same, &route, allow);
    if (route->handle == wait_at_gate)
        return hold(response);
    pthread_mutex_lock(&later.mutex);
    struct http_deferred *deferred = http_defer(response, route->handle, context);
    deferred->next = later.first;
    later.first = deferred;
    pthread_cond_signal(&later.has_some);
    pthread_mutex_unlock(&later.mutex);
    return true;
}

static struct http_routes routes_for(bool is_deferred)
{
    static struct http_route deferred[ARRAY_SIZE(routes)];

    for (size_t i = 0; i < ARRAY_SIZE(routes); i++) {
        deferred[i] = routes[i];
        deferred[i].handle = is_deferred ? defer : routes[i].handle;
    }
    return (struct http_routes){.rows = deferred, .n_rows = ARRAY_SIZE(routes)};
}

/* One line for each request, so that a script can see what an observer is told. */
static void log_request(void *context, const struct http_request *request,
                        const struct http_route *route, int status, const struct error *error,
                        int64_t duration_us)
{
    (void)context;
    printf("done %s %s route=%s status=%d error=%s known_duration=%d id=%s\n", request->method,
           request->path, route ? route->pattern : "none", status,
           error ? error_code_name(error->code) : "none", duration_us >= 0, request->request_id);
    fflush(stdout);
}

/* The value of `--name=value`. */
static const char *option(int argc, char **argv, const char *name, const char *otherwise)
{
    size_t length = strlen(name);

    for (int i = 1; i < argc; i++) {
        if (strncmp(argv[i], name, length) == 0 && argv[i][length] == '=')
            return argv[i] + length + 1;
    }
    return otherwise;
}

static void obey(struct http_server *server, const char *line)
{
    struct error error = {0};

    if (strcmp(line, "drain\n") == 0) {
        http_server_drain(server);
        puts("draining");
    } else if (strcmp(line, "reload\n") == 0) {
        puts(http_server_reload_certificate(server, &error) ? "reloaded" : error.text);
    }
    fflush(stdout);
}

int main(int argc, char **argv)
{
    struct http_server_options options = {
        .listen = option(argc, argv, "--listen", "127.0.0.1:0"),
        .tls_listen = option(argc, argv, "--tls-listen", NULL),
        .tls_certificate = option(argc, argv, "--certificate", NULL),
        .tls_key = option(argc, argv, "--key", NULL),
        .cors_origins = option(argc, argv, "--cors-origins", NULL),
        .threads = atoi(option(argc, argv, "--threads", "64")),
        .request_timeout_ms = atoi(option(argc, argv, "--request-timeout", "0")),
        .keep_alive_ms = atoi(option(argc, argv, "--keep-alive", "0")),
        .stays_from = atoi(option(argc, argv, "--stays-from", "1")),
        .routes = routes_for(strcmp(option(argc, argv, "--defer", "no"), "yes") == 0),
    };
    struct http_server *server = NULL;
    struct error error = {0};
    char line[32];
    pthread_t completer;

    if (strcmp(option(argc, argv, "--log", "no"), "yes") == 0)
        options.observer.done = log_request;
    if (pthread_create(&completer, NULL, complete, NULL) != 0 ||
        !http_server_open(&options, &server, &error)) {
        fprintf(stderr, "%s\n", error.text);
        return 1;
    }
    printf("port %d tls %d\n", http_server_port(server), http_server_tls_port(server));
    fflush(stdout);
    while (fgets(line, sizeof(line), stdin))
        obey(server, line);
    http_server_stop(server, STOP_WAIT_MS);
    pthread_mutex_lock(&later.mutex);
    later.is_ending = true;
    pthread_cond_signal(&later.has_some);
    pthread_mutex_unlock(&later.mutex);
    pthread_join(completer, NULL);
    puts("stopped");
    return 0;
}
