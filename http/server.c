#include "http/server.h"

#include "base/memory.h"
#include "base/random.h"
#include "http/exchange.h"
#include "http/framing.h"
#include "http/listening.h"
#include "http/tls.h"
#include "http/worker.h"

#include <arpa/inet.h>
#include <civetweb.h>
#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    PORTS_MAX = 2,
    HOST_BYTES = 256,
    PORTS_BYTES = 64,
    NUMBER_BYTES = 12,
    REASON_BYTES = 160,
    POKE_MS = 20
};

struct http_server {
    struct http_shared shared;
    bool library_is_ready;
    struct http_tls *tls; /* NULL: none */
    struct mg_context *context;
    int port;
    int tls_port;
    pthread_t starter;
    char reason[REASON_BYTES]; /* the library's own words while it starts */
};

static struct http_server *server_of(const struct mg_connection *connection)
{
    return mg_get_user_data(mg_get_context(connection));
}

static void on_thread_end(const struct mg_context *context, int thread_type, void *pointer)
{
    (void)context;
    (void)thread_type;
    (void)pointer;
    http_worker_end();
}

static int on_connection(const struct mg_connection *connection, void **data)
{
    struct http_worker *worker = http_worker_here(&server_of(connection)->shared);

    *data = worker;
    if (!worker)
        return 0;
    http_worker_begin_connection(worker);
    atomic_fetch_add(&worker->shared->connections, 1);
    return 0;
}

/* Called for connections as well that ended in the handshake; those have no worker. */
static void on_connection_end(const struct mg_connection *connection)
{
    struct http_worker *worker = mg_get_user_connection_data(connection);

    if (!worker)
        return;
    http_exchange_settle(worker);
    atomic_fetch_sub(&worker->shared->connections, 1);
}

static int on_request(struct mg_connection *connection)
{
    struct http_worker *worker = mg_get_user_connection_data(connection);

    if (worker && http_exchange_settle(worker))
        return http_exchange(worker, connection);
    /* Its last answer said so, or there was no memory for this thread. */
    mg_disable_connection_keep_alive(connection);
    return 503;
}

static int on_refusal(struct mg_connection *connection, int status, const char *reason)
{
    struct http_worker *worker = mg_get_user_connection_data(connection);

    if (worker && http_exchange_settle(worker))
        http_exchange_refuse(worker, connection, status, reason);
    return 0;
}

/* Asked once at the start, and once at the end, when freeing it is not the library's business. */
static int on_tls_context(void **context, void *user_data)
{
    struct http_server *server = user_data;

    if (!server->tls)
        return 0;
    *context = http_tls_context(server->tls);
    return 1;
}

/* Kept for the error of a start that fails; its threads have nothing to say that we need. */
static int on_message(const struct mg_connection *connection, const char *message)
{
    struct http_server *server = server_of(connection);

    if (pthread_equal(pthread_self(), server->starter) && !server->reason[0])
        snprintf(server->reason, sizeof(server->reason), "%s", message);
    return 1;
}

/* The IPv4 address of a host, as text; no host is every interface. */
static bool resolve(const char *option, const char *host, char address[INET_ADDRSTRLEN],
                    struct error *error)
{
    const struct addrinfo hints = {
        .ai_family = AF_INET, .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
    struct addrinfo *found = NULL;
    const struct sockaddr_in *first;
    int failure = getaddrinfo(host[0] ? host : NULL, "0", &hints, &found);

    if (failure)
        return error_set(error, ERROR_UNAVAILABLE, "%s: %s: %s", option, host,
                         gai_strerror(failure));
    first = (const struct sockaddr_in *)(const void *)found->ai_addr;
    inet_ntop(AF_INET, &first->sin_addr, address, INET_ADDRSTRLEN);
    freeaddrinfo(found);
    return true;
}

/*
 * "host:port" as the library wants it, with @mark behind. Strict, because the library takes a list and
 * reads more into a text than we offer: letters after a port, several ports, redirections.
 */
static bool put_address(const char *listen, const char *option, const char *mark,
                        struct buffer *ports, struct error *error)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-";
    char host[HOST_BYTES] = "";
    char address[INET_ADDRSTRLEN];
    size_t length = strspn(listen, letters);
    const char *port = listen[length] == ':' ? listen + length + 1 : "";
    size_t digits = strspn(port, "0123456789");

    if (length >= sizeof(host) || digits == 0 || digits > 5 || port[digits] ||
        strtol(port, NULL, 10) > 65535)
        return error_set(error, ERROR_INVALID, "%s: \"%.200s\" is not host:port or :port", option,
                         listen);
    memcpy(host, listen, length);
    if (!resolve(option, host, address, error))
        return false;
    buffer_format(ports, "%s%s:%s%s", ports->size_bytes ? "," : "", address, port, mark);
    return true;
}

/* Both addresses, the one with TLS marked by an s. */
static bool put_addresses(const struct http_server_options *options, struct buffer *ports,
                          struct error *error)
{
    buffer_init(ports, PORTS_BYTES);
    if (!put_address(options->listen, "listen", "", ports, error))
        return false;
    if (options->tls_listen && !put_address(options->tls_listen, "tls_listen", "s", ports, error))
        return false;
    return buffer_ok(ports, error);
}

static bool check_options(const struct http_server_options *options, struct error *error)
{
    if (!options->listen)
        return error_set(error, ERROR_INVALID, "listen: is missing");
    if (options->threads < 1 || options->threads > HTTP_THREADS_MAX)
        return error_set(error, ERROR_INVALID, "threads: %d is not 1 to %d", options->threads,
                         HTTP_THREADS_MAX);
    if (options->tls_listen && !options->tls_certificate)
        return error_set(error, ERROR_INVALID, "tls_certificate: is missing");
    if (options->tls_listen && !options->tls_key)
        return error_set(error, ERROR_INVALID, "tls_key: is missing");
    return true;
}

static bool share(const struct http_server_options *options, struct http_shared *shared,
                  struct error *error)
{
    shared->routes = options->routes;
    shared->context = options->context;
    shared->observer = options->observer;
    shared->threads = options->threads;
    shared->body_timeout_ms =
        options->request_timeout_ms ? options->request_timeout_ms : HTTP_REQUEST_TIMEOUT_MS;
    shared->stays_from = options->stays_from ? options->stays_from : HTTP_STAYS_FROM;
    shared->keep_alive_ms = options->keep_alive_ms ? options->keep_alive_ms : HTTP_KEEP_ALIVE_MS;
    pthread_mutex_init(&shared->mutex, NULL);
    pthread_cond_init(&shared->idle, NULL);
    return http_cors_new(options->cors_origins, &shared->cors, error) &&
           http_answerers_start(&shared->answerers, http_exchange_answer, error);
}

static bool start(struct http_server *server, const struct http_server_options *options,
                  const char *ports, struct error *error)
{
    char threads[NUMBER_BYTES];
    char backlog[NUMBER_BYTES];
    char queue[NUMBER_BYTES];
    char request_timeout[NUMBER_BYTES];
    char keep_alive[NUMBER_BYTES];
    char head[NUMBER_BYTES];
    const char *settings[] = {
        "listening_ports", ports, "num_threads", threads, "request_timeout_ms", request_timeout,
        "keep_alive_timeout_ms", keep_alive, "enable_keep_alive", "yes", "tcp_nodelay", "1",
        "decode_url", "no", "enable_auth_domain_check", "no", "listen_backlog", backlog,
        "connection_queue", queue, "max_request_size", head,
        /* What the library would serve by itself, were a request ever to get past our callback. */
        "enable_directory_listing", "no", "cgi_pattern", "", "ssi_pattern", "",
        "access_control_allow_origin", "", "access_control_allow_methods", "",
        "access_control_allow_headers", "", NULL};
    /*
     * begin_request is the catch-all: handlers are looked up under a lock, and requests to become a
     * WebSocket pass them by.
     */
    const struct mg_callbacks callbacks = {.begin_request = on_request,
                                           .external_ssl_ctx = on_tls_context,
                                           .http_error = on_refusal,
                                           .log_message = on_message,
                                           .exit_thread = on_thread_end,
                                           .init_connection = on_connection,
                                           .connection_close = on_connection_end};
    struct mg_init_data init = {
        .callbacks = &callbacks, .user_data = server, .configuration_options = settings};
    char words[REASON_BYTES] = "";
    struct mg_error_data said = {.text = words, .text_buffer_size = sizeof(words)};

    snprintf(threads, sizeof(threads), "%d", options->threads);
    snprintf(backlog, sizeof(backlog), "%d", HTTP_BACKLOG);
    snprintf(queue, sizeof(queue), "%d", options->queue ? options->queue : HTTP_QUEUE);
    snprintf(request_timeout, sizeof(request_timeout), "%d", (int)server->shared.body_timeout_ms);
    snprintf(keep_alive, sizeof(keep_alive), "%d", (int)server->shared.keep_alive_ms);
    snprintf(head, sizeof(head), "%d", HTTP_HEAD_BYTES_MAX);
    server->starter = pthread_self();
    server->context = mg_start2(&init, &said);
    if (server->context)
        return true;
    return error_set(error, ERROR_UNAVAILABLE, "listening on %s: %s", ports,
                     server->reason[0] ? server->reason : words);
}

static void find_ports(struct http_server *server)
{
    struct mg_server_port ports[PORTS_MAX];
    int n = mg_get_server_ports(server->context, PORTS_MAX, ports);

    for (int i = 0; i < n; i++) {
        if (ports[i].is_ssl)
            server->tls_port = ports[i].port;
        else
            server->port = ports[i].port;
    }
}

static void server_free(struct http_server *server)
{
    if (!server)
        return;
    if (server->library_is_ready)
        mg_exit_library();
    http_answerers_stop(&server->shared.answerers);
    http_tls_free(server->tls);
    pthread_cond_destroy(&server->shared.idle);
    pthread_mutex_destroy(&server->shared.mutex);
    http_cors_free(server->shared.cors);
    memory_free(server);
}

DEFINE_FREEP(server_free, struct http_server)

/* Where the library says that it has no TLS, the first connection would end the process. */
static bool init_library(struct http_server *server, const struct http_server_options *options,
                         struct error *error)
{
    unsigned wanted = options->tls_listen ? MG_FEATURES_TLS : MG_FEATURES_DEFAULT;
    unsigned found = mg_init_library(wanted);

    server->library_is_ready = true;
    if ((found & wanted) != wanted)
        return error_set(error, ERROR_UNSUPPORTED, "tls_listen: civetweb cannot use this OpenSSL");
    if (!options->tls_listen)
        return true;
    return http_tls_new(options->tls_certificate, options->tls_key, &server->tls, error);
}

bool http_server_open(const struct http_server_options *options, struct http_server **server,
                      struct error *error)
{
    CLEANUP(server_freep) struct http_server *self = NULL;
    CLEANUP(buffer_clear) struct buffer ports = {0};

    if (!check_options(options, error) || !put_addresses(options, &ports, error) ||
        !random_init(error))
        return false;
    self = memory_new(sizeof(*self), error);
    if (!self)
        return false;
    if (!share(options, &self->shared, error) || !init_library(self, options, error) ||
        !start(self, options, ports.data, error))
        return false;

    find_ports(self);
    http_listening_defer(self->port);
    http_listening_defer(self->tls_port);
    *server = self;
    self = NULL;
    return true;
}

bool http_server_reload_certificate(struct http_server *server, struct error *error)
{
    return !server->tls || http_tls_reload(server->tls, error);
}

int http_server_port(const struct http_server *server)
{
    return server->port;
}

int http_server_tls_port(const struct http_server *server)
{
    return server->tls_port;
}

void http_server_drain(struct http_server *server)
{
    atomic_store(&server->shared.draining, true);
}

int http_server_in_flight(const struct http_server *server)
{
    return atomic_load(&server->shared.in_flight);
}

static struct timespec after_ms(clockid_t clock, int64_t wait_ms)
{
    struct timespec moment;

    clock_gettime(clock, &moment);
    moment.tv_nsec += wait_ms % 1000 * 1000000;
    moment.tv_sec += wait_ms / 1000 + moment.tv_nsec / 1000000000;
    moment.tv_nsec %= 1000000000;
    return moment;
}

static void wait_idle(struct http_shared *shared, int64_t wait_ms)
{
    struct timespec until = after_ms(CLOCK_MONOTONIC, wait_ms);
    int result = 0;

    pthread_mutex_lock(&shared->mutex);
    while (atomic_load(&shared->in_flight) > 0 && result == 0)
        result = pthread_cond_clockwait(&shared->idle, &shared->mutex, CLOCK_MONOTONIC, &until);
    pthread_mutex_unlock(&shared->mutex);
}

static void *stop_library(void *context)
{
    mg_stop(context);
    return NULL;
}

/* The thread that accepts sleeps up to two seconds at a time; a connection wakes it. */
static void poke(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (descriptor < 0)
        return;
    (void)connect(descriptor, (const struct sockaddr *)&address, sizeof(address));
    close(descriptor);
}

static void stop_and_poke(struct http_server *server)
{
    pthread_t stopper;
    struct timespec until;

    if (pthread_create(&stopper, NULL, stop_library, server->context) != 0) {
        mg_stop(server->context);
        return;
    }
    do {
        poke(server->port);
        until = after_ms(CLOCK_REALTIME, POKE_MS);
    } while (pthread_timedjoin_np(stopper, NULL, &until) == ETIMEDOUT);
}

void http_server_stop(struct http_server *server, int64_t wait_ms)
{
    if (!server)
        return;
    http_server_drain(server);
    wait_idle(&server->shared, wait_ms);
    /* Whoever comes from here on is refused, so that nothing is done whose answer would be lost. */
    atomic_store(&server->shared.closed, true);
    wait_idle(&server->shared, wait_ms);
    stop_and_poke(server);
    server_free(server);
}
