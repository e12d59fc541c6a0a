#include "http/exchange.h"

#include "base/clock.h"
#include "base/trace.h"
#include "http/answer.h"
#include "http/framing.h"
#include "http/problem.h"
#include "http/sockets.h"

#include <civetweb.h>
#include <string.h>

enum {
    /*
     * A read waits for every byte it asks for, each for as long as a whole body may take: small ones are
     * what bounds a client that trickles.
     */
    READ_BYTES = 4,
    UNREAD_BYTES_MAX = 64 * 1024
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
    if (exchange->framing.expects_continue && !http_answer_put(exchange, go_on, sizeof(go_on) - 1))
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

/* What a handler, or the end of what it deferred, has left behind. */
static void take_answer(struct exchange *exchange, bool is_answered)
{
    struct http_response *response = &exchange->worker->response;
    struct error *error = &exchange->error;

    if (is_answered && buffer_ok(&response->headers, error) && buffer_ok(&response->body, error))
        return;
    /* As an error it would mean that the request is too large. */
    if (response->body.failed == ERROR_TOO_LARGE || response->headers.failed == ERROR_TOO_LARGE)
        error_set(error, ERROR_INTERNAL, "the answer became too large");
    set_problem(exchange, 0);
}

/* False: others answer, and the exchange is theirs. */
static bool call_handler(struct exchange *exchange)
{
    struct http_worker *worker = exchange->worker;
    struct http_response *response = &worker->response;
    bool is_answered = exchange->route->handle(worker->shared->context, &worker->request, response,
                                               &exchange->error);

    if (response->deferred.finish && exchange->leaves)
        return false;
    if (response->deferred.finish)
        is_answered = http_deferred_finish(&worker->request, response, &exchange->error);
    take_answer(exchange, is_answered);
    return true;
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

/* Everything between the head and the answer. False: others answer. */
static bool answer(struct exchange *exchange, const struct mg_request_info *info)
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
        return call_handler(exchange);
    } else {
        answer_without_handler(exchange, match);
    }
    return true;
}

/*
 * A client that does not read is written to with patience, and by its own thread. Of one that has read all before,
 * the socket takes at once what is no larger than HTTP_WRITTEN_BODY_BYTES_MAX.
 */
static bool may_leave(const struct exchange *exchange)
{
    int descriptor = exchange->worker->descriptor;

    return descriptor >= 0 && http_socket_is_drained(descriptor) &&
           http_answer_may_keep_alive(exchange);
}

static void on_begun(struct http_deferred *deferred)
{
    struct http_worker *worker = CONTAINER_OF(deferred, struct http_worker, response.deferred);
    struct exchange *exchange = &worker->exchange;

    exchange->leaves = may_leave(exchange) && http_worker_keep_request(worker);
    exchange->trace = *trace_current();
    worker->is_settled = (struct gate){0};
}

static bool on_completed(struct http_deferred *deferred)
{
    struct http_worker *worker = CONTAINER_OF(deferred, struct http_worker, response.deferred);

    if (!worker->exchange.leaves)
        return false;
    http_answerers_put(&worker->shared->answerers, deferred);
    return true;
}

static int descriptor_of(const struct mg_connection *connection)
{
    const struct mg_request_info *info = mg_get_request_info(connection);

    if (info->is_ssl)
        return -1;
    return http_socket_connected(info->server_port, info->remote_addr, info->remote_port);
}

static struct exchange *begin(struct http_worker *worker, struct mg_connection *connection)
{
    static const struct http_deferral deferral = {.begun = on_begun, .completed = on_completed};
    struct exchange *exchange = &worker->exchange;

    *exchange = (struct exchange){
        .connection = connection, .worker = worker, .started_us = clock_monotonic_us()};
    atomic_fetch_add(&worker->shared->in_flight, 1);
    http_response_reset(&worker->response);
    worker->response.deferred = (struct http_deferred){.server = &deferral};
    if (++worker->n_requests == worker->shared->stays_from)
        worker->descriptor = descriptor_of(connection);
    return exchange;
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

bool http_exchange_settle(struct http_worker *worker)
{
    struct exchange *exchange = &worker->exchange;

    if (!worker->has_left)
        return true;
    gate_pass(&worker->is_settled);
    worker->has_left = false;
    if (exchange->has_rest) {
        trace_enter(&exchange->trace);
        http_answer_write_rest(exchange);
        end(exchange);
    }
    return !exchange->is_last && !exchange->is_cut;
}

void http_exchange_answer(struct http_deferred *deferred)
{
    struct http_worker *worker = CONTAINER_OF(deferred, struct http_worker, response.deferred);
    struct exchange *exchange = &worker->exchange;

    trace_enter(&exchange->trace);
    take_answer(exchange, deferred->finish(deferred->state, &worker->request, &worker->response,
                                           &exchange->error));
    http_answer_send(exchange);
    if (!exchange->has_rest)
        end(exchange);
    trace_leave();
    gate_open(&worker->is_settled);
}

void http_exchange_refuse(struct http_worker *worker, struct mg_connection *connection, int status,
                          const char *reason)
{
    struct exchange *exchange = begin(worker, connection);

    forget_request(exchange);
    http_worker_name_request(worker);
    exchange->must_close = true;
    set_problem(exchange, refuse(exchange, status, reason));
    http_answer_write(exchange);
    end(exchange);
}

int http_exchange(struct http_worker *worker, struct mg_connection *connection)
{
    const struct mg_request_info *info = mg_get_request_info(connection);
    struct exchange *exchange;

    if (!http_framing_begins_well(info->request_method, &worker->head_start)) {
        http_exchange_refuse(worker, connection, 400, "there are blanks before the request");
        return worker->response.status;
    }
    exchange = begin(worker, connection);
    take_request(exchange, info);
    http_worker_name_request(worker);
    worker->has_left = !answer(exchange, info);
    if (worker->has_left) {
        trace_leave();
        return 200;
    }
    http_answer_write(exchange);
    if (exchange->must_close && exchange->has_unread)
        read_unread(exchange);
    end(exchange);
    return worker->response.status;
}
