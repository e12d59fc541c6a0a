#include "http/exchange.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/random.h"
#include "http/framing.h"
#include "http/problem.h"

#include <civetweb.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum {
    /* A read waits for every byte it asks for, so small ones are what bounds a client that trickles. */
    READ_BYTES = 16,
    UNREAD_BYTES_MAX = 64 * 1024,
    KEPT_BYTES_MAX = 2 * 1024,
    HEAD_BYTES_MAX = 32 * 1024
};

struct exchange {
    struct mg_connection *connection;
    struct http_worker *worker;
    const struct http_route *route; /* NULL: none */
    char allow[HTTP_ALLOW_BYTES];   /* "" unless the path is answered for other methods only */
    struct http_framing framing;
    bool must_close;
    bool has_unread; /* the client may be sending what nobody will read */
    bool has_error;
    struct error error;
    int64_t started_us;
};

struct http_worker *http_worker_new(struct http_shared *shared)
{
    struct http_worker *worker = memory_new(sizeof(*worker), NULL);

    if (!worker)
        return NULL;
    worker->shared = shared;
    worker->id_prefix = random_u64();
    http_response_init(&worker->response);
    buffer_init(&worker->written, HTTP_RESPONSE_BYTES_MAX + HEAD_BYTES_MAX);
    return worker;
}

void http_worker_free(struct http_worker *worker)
{
    if (!worker)
        return;
    http_response_clear(&worker->response);
    buffer_clear(&worker->written);
    memory_free(worker->body);
    memory_free(worker);
}

static void keep_small(struct buffer *buffer)
{
    size_t ceiling_bytes = buffer->ceiling_bytes;

    if (buffer->capacity_bytes <= KEPT_BYTES_MAX)
        return;
    buffer_clear(buffer);
    buffer_init(buffer, ceiling_bytes);
}

/* Hundreds of threads each keeping their largest answer would add up. */
static void worker_shrink(struct http_worker *worker)
{
    keep_small(&worker->response.headers);
    keep_small(&worker->response.body);
    keep_small(&worker->written);
    if (worker->body_capacity_bytes > KEPT_BYTES_MAX) {
        memory_free(worker->body);
        worker->body = NULL;
        worker->body_capacity_bytes = 0;
    }
}

static bool worker_grow_body(struct http_worker *worker, size_t size_bytes, struct error *error)
{
    char *body;

    if (size_bytes <= worker->body_capacity_bytes)
        return true;
    body = memory_resize(worker->body, size_bytes, 1, error);
    if (!body)
        return false;
    worker->body = body;
    worker->body_capacity_bytes = size_bytes;
    return true;
}

static const char *worker_date(struct http_worker *worker)
{
    time_t now = (time_t)(clock_wall_ms() / 1000);
    struct tm parts;

    if (now != worker->date_s && gmtime_r(&now, &parts)) {
        strftime(worker->date, sizeof(worker->date), "%a, %d %b %Y %H:%M:%S GMT", &parts);
        worker->date_s = now;
    }
    return worker->date;
}

static bool is_request_id(const char *text)
{
    size_t length =
        strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");

    return length > 0 && length < HTTP_REQUEST_ID_BYTES && text[length] == '\0';
}

static void set_request_id(struct http_worker *worker)
{
    const char *sent = http_request_header(&worker->request, "X-Request-Id");
    char *id = worker->request.request_id;

    if (sent && is_request_id(sent))
        memcpy(id, sent, strlen(sent) + 1);
    else
        snprintf(id, HTTP_REQUEST_ID_BYTES, "%016" PRIx64 "-%" PRIx64, worker->id_prefix,
                 ++worker->id_count);
}

/* An empty request, for the answer to a head that could not be read. */
static void forget_request(struct exchange *exchange)
{
    struct http_request *request = &exchange->worker->request;

    request->method = "";
    request->path = "";
    request->query = NULL;
    request->n_headers = 0;
    request->n_parameters = 0;
    request->body = "";
    request->body_bytes = 0;
    request->received_ms = exchange->started_us / 1000;
}

/* The headers that fit; check_head() refuses a request that brought more. */
static void take_request(struct exchange *exchange, const struct mg_request_info *info)
{
    struct http_request *request = &exchange->worker->request;
    size_t n = (size_t)info->num_headers;

    forget_request(exchange);
    request->method = info->request_method;
    request->path = info->local_uri_raw;
    request->query = info->query_string;
    request->n_headers = n < HTTP_HEADERS_MAX ? n : HTTP_HEADERS_MAX;
    for (size_t i = 0; i < request->n_headers; i++)
        request->headers[i] = (struct http_header){.name = info->http_headers[i].name,
                                                   .value = info->http_headers[i].value};
}

static int refuse(struct exchange *exchange, int status, const char *text)
{
    error_set(&exchange->error, ERROR_INVALID, "%s", text);
    return status;
}

/* 0, or the status of a refusal after which the connection cannot be used any more. */
static int check_head(struct exchange *exchange, const struct mg_request_info *info)
{
    struct http_worker *worker = exchange->worker;
    struct http_request *request = &worker->request;
    bool whole =
        request->n_headers == HTTP_HEADERS_MAX ||
        http_framing_headers_whole(info->http_version, request->headers, request->n_headers);
    int status = 0;

    if (!whole)
        return refuse(exchange, 400, "a line of the head is malformed");
    status = http_framing_check(request, info->http_version, &exchange->framing, &exchange->error);
    if (!status && atomic_load(&worker->shared->closed)) {
        error_set(&exchange->error, ERROR_UNAVAILABLE, "the service is stopping");
        status = 503;
    }
    exchange->has_unread = !exchange->framing.expects_continue;
    return status;
}

/* How many of @n bytes came before @deadline_ms. */
static size_t read_bytes(struct mg_connection *connection, char *bytes, size_t n,
                         int64_t deadline_ms)
{
    size_t done = 0;

    while (done < n) {
        size_t wanted = n - done < READ_BYTES ? n - done : READ_BYTES;
        int got = mg_read(connection, bytes + done, wanted);

        if (got > 0)
            done += (size_t)got;
        if (got < (int)wanted || clock_monotonic_ms() >= deadline_ms)
            break;
    }
    return done;
}

static int read_body(struct exchange *exchange)
{
    static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
    struct http_worker *worker = exchange->worker;
    struct http_request *request = &worker->request;
    size_t n = exchange->framing.body_bytes;
    int64_t deadline_ms = request->received_ms + worker->shared->body_timeout_ms;
    size_t limit = exchange->route && exchange->route->body_bytes_max
                       ? exchange->route->body_bytes_max
                       : HTTP_BODY_BYTES_DEFAULT;

    if (n > limit) {
        error_set(&exchange->error, ERROR_TOO_LARGE, "the body is larger than %zu bytes", limit);
        return 413;
    }
    exchange->has_unread = false;
    if (n == 0)
        return 0;
    if (!worker_grow_body(worker, n + 1, &exchange->error))
        return 503;
    if (exchange->framing.expects_continue)
        mg_write(exchange->connection, go_on, sizeof(go_on) - 1);
    request->body_bytes = read_bytes(exchange->connection, worker->body, n, deadline_ms);
    worker->body[request->body_bytes] = '\0';
    request->body = worker->body;
    if (request->body_bytes == n)
        return 0;
    return clock_monotonic_ms() >= deadline_ms
               ? refuse(exchange, 408, "the body took too long to arrive")
               : refuse(exchange, 400, "the body is shorter than its Content-Length");
}

/* What the client still sends is read for a while: closing at once could take our answer back. */
static void read_unread(struct exchange *exchange)
{
    char bytes[READ_BYTES];
    int64_t deadline_ms = clock_monotonic_ms() + exchange->worker->shared->body_timeout_ms;

    for (size_t done = 0; done < UNREAD_BYTES_MAX; done += sizeof(bytes)) {
        if (read_bytes(exchange->connection, bytes, sizeof(bytes), deadline_ms) < sizeof(bytes) ||
            clock_monotonic_ms() >= deadline_ms)
            return;
    }
}

static void set_problem(struct exchange *exchange, int status)
{
    struct http_problem_kind kind =
        status ? http_problem_of_status(status) : http_problem_of_code(exchange->error.code);

    exchange->has_error = true;
    http_problem_write(&exchange->worker->response, &kind, &exchange->error,
                       exchange->worker->request.request_id);
}

static void call_handler(struct exchange *exchange)
{
    struct http_worker *worker = exchange->worker;
    struct http_response *response = &worker->response;

    if (!exchange->route->handle(worker->shared->context, &worker->request, response,
                                 &exchange->error) ||
        !buffer_ok(&response->headers, &exchange->error) ||
        !buffer_ok(&response->body, &exchange->error))
        set_problem(exchange, 0);
}

static void answer_without_handler(struct exchange *exchange, enum http_match match)
{
    struct http_response *response = &exchange->worker->response;

    if (match == HTTP_MATCH_NO_PATH) {
        error_set(&exchange->error, ERROR_NOT_FOUND, "there is no such path");
        set_problem(exchange, 0);
        return;
    }
    if (strcmp(exchange->worker->request.method, "OPTIONS") == 0) {
        response->status = 204;
        response->content_type = NULL;
    } else {
        set_problem(exchange, refuse(exchange, 405, "the path is answered for other methods only"));
    }
    http_response_header(response, "Allow", "%s", exchange->allow);
}

/* Everything between the head and the answer. */
static void answer(struct exchange *exchange, const struct mg_request_info *info)
{
    struct http_worker *worker = exchange->worker;
    struct http_request *request = &worker->request;
    enum http_match match;
    int refusal = check_head(exchange, info);

    if (!refusal) {
        memcpy(worker->path, request->path, strlen(request->path) + 1);
        match = http_router_match(&worker->shared->routes, request->method, worker->path, request,
                                  &exchange->route, exchange->allow);
        refusal = read_body(exchange);
    }
    if (refusal) {
        exchange->must_close = true;
        set_problem(exchange, refusal);
    } else if (match == HTTP_MATCH_FOUND) {
        call_handler(exchange);
    } else {
        answer_without_handler(exchange, match);
    }
}

/* Open connections hold threads, so nobody may keep one while others wait for theirs. */
static bool may_keep_alive(const struct exchange *exchange)
{
    struct http_shared *shared = exchange->worker->shared;
    int unused = shared->threads - atomic_load(&shared->connections);

    return !exchange->must_close && exchange->framing.keep_alive &&
           unused >= (shared->threads + 7) / 8 && !atomic_load(&shared->draining);
}

static void put_header(struct buffer *buffer, const char *name, const char *value)
{
    buffer_text(buffer, name);
    buffer_text(buffer, value);
    buffer_append(buffer, "\r\n", 2);
}

static void put_status(struct buffer *buffer, int status)
{
    buffer_text(buffer, "HTTP/1.1 ");
    buffer_number(buffer, status);
    buffer_char(buffer, ' ');
    put_header(buffer, http_reason_of(status), "");
}

static void put_head(struct exchange *exchange, bool keep_alive)
{
    struct http_worker *worker = exchange->worker;
    const struct http_response *response = &worker->response;
    struct buffer *head = &worker->written;
    bool has_length = response->status != 204 && response->status != 304;

    put_status(head, response->status);
    put_header(head, "Date: ", worker_date(worker));
    if (response->content_type && has_length)
        put_header(head, "Content-Type: ", response->content_type);
    if (has_length) {
        buffer_text(head, "Content-Length: ");
        buffer_number(head, (int64_t)response->body.size_bytes);
        buffer_append(head, "\r\n", 2);
    }
    put_header(head, "Connection: ", keep_alive ? "keep-alive" : "close");
    put_header(head, "X-Request-Id: ", worker->request.request_id);
    put_header(head, "X-Content-Type-Options: ", "nosniff");
    if (!http_response_has_header(response, "Cache-Control"))
        put_header(head, "Cache-Control: ", "no-cache");
    http_cors_write(worker->shared->cors, &worker->request, exchange->allow, head);
    buffer_append(head, response->headers.data, response->headers.size_bytes);
    buffer_append(head, "\r\n", 2);
}

static bool has_body(const struct exchange *exchange)
{
    int status = exchange->worker->response.status;

    return status != 204 && status != 304 && strcmp(exchange->worker->request.method, "HEAD") != 0;
}

static void write_answer(struct exchange *exchange)
{
    static const char no_memory[] = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n"
                                    "Connection: close\r\nRetry-After: 1\r\n\r\n";
    struct buffer *written = &exchange->worker->written;
    const struct buffer *body = &exchange->worker->response.body;
    bool keep_alive = may_keep_alive(exchange);

    buffer_reset(written);
    put_head(exchange, keep_alive);
    if (has_body(exchange))
        buffer_append(written, body->data, body->size_bytes);
    if (!buffer_ok(written, &exchange->error)) {
        keep_alive = false;
        mg_write(exchange->connection, no_memory, sizeof(no_memory) - 1);
    } else {
        mg_write(exchange->connection, written->data, written->size_bytes);
    }
    if (!keep_alive)
        mg_disable_connection_keep_alive(exchange->connection);
}

static void begin(struct exchange *exchange, struct mg_connection *connection)
{
    struct http_worker *worker = mg_get_thread_pointer(connection);

    *exchange = (struct exchange){
        .connection = connection, .worker = worker, .started_us = clock_monotonic_us()};
    atomic_fetch_add(&worker->shared->in_flight, 1);
    http_response_reset(&worker->response);
}

static void end(struct exchange *exchange)
{
    struct http_worker *worker = exchange->worker;
    struct http_shared *shared = worker->shared;
    const struct http_observer *observer = &shared->observer;

    if (observer->done)
        observer->done(observer->context, &worker->request, exchange->route,
                       worker->response.status, exchange->has_error ? &exchange->error : NULL,
                       clock_monotonic_us() - exchange->started_us);
    worker_shrink(worker);
    if (atomic_fetch_sub(&shared->in_flight, 1) == 1 && atomic_load(&shared->draining)) {
        pthread_mutex_lock(&shared->mutex);
        pthread_cond_broadcast(&shared->idle);
        pthread_mutex_unlock(&shared->mutex);
    }
}

int http_exchange(struct mg_connection *connection)
{
    const struct mg_request_info *info = mg_get_request_info(connection);
    struct exchange exchange;

    begin(&exchange, connection);
    take_request(&exchange, info);
    set_request_id(exchange.worker);
    answer(&exchange, info);
    write_answer(&exchange);
    if (exchange.must_close && exchange.has_unread)
        read_unread(&exchange);
    end(&exchange);
    return exchange.worker->response.status;
}

void http_exchange_refuse(struct mg_connection *connection, int status, const char *reason)
{
    struct exchange exchange;

    begin(&exchange, connection);
    forget_request(&exchange);
    set_request_id(exchange.worker);
    exchange.must_close = true;
    set_problem(&exchange, refuse(&exchange, status, reason));
    write_answer(&exchange);
    end(&exchange);
}
