#include "http/exchange.h"

#include "base/clock.h"
#include "base/trace.h"
#include "http/framing.h"
#include "http/problem.h"

#include <civetweb.h>
#include <string.h>

enum {
    /*
     * A read waits for every byte it asks for, each for as long as a whole body may take: small ones are
     * what bounds a client that trickles.
     */
    READ_BYTES = 4,
    UNREAD_BYTES_MAX = 64 * 1024,
    /* The same for writing. Larger answers are not copied behind their head either. */
    WRITE_BYTES = HTTP_WRITTEN_BODY_BYTES_MAX,
    WRITE_TIMEOUTS = 8 /* an answer may be taken more slowly than a body is sent */
};

struct exchange {
    struct mg_connection *connection;
    struct http_worker *worker;
    const struct http_route *route; /* NULL: none */
    char allow[HTTP_ALLOW_BYTES];   /* "" unless the path is answered for other methods only */
    struct http_framing framing;
    bool must_close;
    bool has_unread; /* the client may be sending what nobody will read */
    bool is_cut;     /* what was written ends in the middle: nothing may follow it */
    bool has_error;
    struct error error;
    int64_t started_us;
};

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
        http_framing_headers_whole(info->http_version, request->headers, request->n_headers,
                                   worker->head_start + HTTP_HEAD_BYTES_MAX);
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

/* False when the client does not take it in time, or has gone. */
static bool put(struct exchange *exchange, const char *bytes, size_t n)
{
    int64_t timeout_ms = exchange->worker->shared->body_timeout_ms * WRITE_TIMEOUTS;
    int64_t deadline_ms = clock_monotonic_ms() + timeout_ms;

    for (size_t done = 0; done < n && !exchange->is_cut; done += WRITE_BYTES) {
        size_t slice = n - done < WRITE_BYTES ? n - done : WRITE_BYTES;

        exchange->is_cut = clock_monotonic_ms() > deadline_ms ||
                           mg_write(exchange->connection, bytes + done, slice) != (int)slice;
    }
    return !exchange->is_cut;
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
    if (!http_worker_make_body(worker, n + 1, &exchange->error))
        return 503;
    if (exchange->framing.expects_continue && !put(exchange, go_on, sizeof(go_on) - 1))
        return refuse(exchange, 408, "the client does not read");
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
    struct error *error = &exchange->error;

    if (exchange->route->handle(worker->shared->context, &worker->request, response, error) &&
        buffer_ok(&response->headers, error) && buffer_ok(&response->body, error))
        return;
    /* As an error it would mean that the request is too large. */
    if (response->body.failed == ERROR_TOO_LARGE || response->headers.failed == ERROR_TOO_LARGE)
        error_set(error, ERROR_INTERNAL, "the answer became too large");
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
    put_header(head, "Date: ", http_worker_date(worker));
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
    size_t body_bytes = has_body(exchange) ? body->size_bytes : 0;
    bool is_joined = body_bytes <= HTTP_WRITTEN_BODY_BYTES_MAX;
    bool keep_alive = may_keep_alive(exchange);

    buffer_reset(written);
    put_head(exchange, keep_alive);
    if (is_joined)
        buffer_append(written, body->data, body_bytes);
    if (!buffer_ok(written, &exchange->error)) {
        keep_alive = false;
        put(exchange, no_memory, sizeof(no_memory) - 1);
    } else if (put(exchange, written->data, written->size_bytes) && !is_joined) {
        put(exchange, body->data, body_bytes);
    }
    if (!keep_alive || exchange->is_cut)
        mg_disable_connection_keep_alive(exchange->connection);
}

static void begin(struct exchange *exchange, struct http_worker *worker,
                  struct mg_connection *connection)
{
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
    trace_leave();
    http_worker_shrink(worker);
    if (atomic_fetch_sub(&shared->in_flight, 1) == 1 && atomic_load(&shared->draining)) {
        pthread_mutex_lock(&shared->mutex);
        pthread_cond_broadcast(&shared->idle);
        pthread_mutex_unlock(&shared->mutex);
    }
}

void http_exchange_refuse(struct http_worker *worker, struct mg_connection *connection, int status,
                          const char *reason)
{
    struct exchange exchange;

    begin(&exchange, worker, connection);
    forget_request(&exchange);
    http_worker_name_request(worker);
    exchange.must_close = true;
    set_problem(&exchange, refuse(&exchange, status, reason));
    write_answer(&exchange);
    end(&exchange);
}

int http_exchange(struct http_worker *worker, struct mg_connection *connection)
{
    const struct mg_request_info *info = mg_get_request_info(connection);
    struct exchange exchange;

    if (!http_framing_begins_well(info->request_method, &worker->head_start)) {
        http_exchange_refuse(worker, connection, 400, "there are blanks before the request");
        return worker->response.status;
    }
    begin(&exchange, worker, connection);
    take_request(&exchange, info);
    http_worker_name_request(worker);
    answer(&exchange, info);
    write_answer(&exchange);
    if (exchange.must_close && exchange.has_unread)
        read_unread(&exchange);
    end(&exchange);
    return worker->response.status;
}
