#include "http/answer.h"

#include "base/clock.h"
#include "http/sockets.h"

#include <civetweb.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

enum {
    /*
     * A write waits for every byte: small ones are what bounds a client that reads slowly. Larger answers are not
     * copied behind their head either.
     */
    WRITE_BYTES = HTTP_WRITTEN_BODY_BYTES_MAX,
    WRITE_TIMEOUTS = 8 /* an answer may be taken more slowly than a body is sent */
};

bool http_answer_put(struct exchange *exchange, const char *bytes, size_t n)
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

bool http_answer_may_keep_alive(const struct exchange *exchange)
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

static void put_head(struct exchange *exchange)
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
    put_header(head, "Connection: ", exchange->is_last ? "close" : "keep-alive");
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

/* A large body is not copied behind its head. */
static bool is_apart(const struct exchange *exchange)
{
    return has_body(exchange) &&
           exchange->worker->response.body.size_bytes > HTTP_WRITTEN_BODY_BYTES_MAX;
}

/* What is said where there is no memory to say anything: all but the body, which a HEAD goes without. */
#define NO_MEMORY_BODY                                                                             \
    "{\"type\":\"/problems/memory\",\"title\":\"The service is short of memory\",\"status\":503,"  \
    "\"detail\":\"The service is short of memory\"}"
static char no_memory[] = "HTTP/1.1 503 Service Unavailable\r\n"
                          "Content-Type: application/problem+json\r\nContent-Length: 123\r\n"
                          "Connection: close\r\nRetry-After: 1\r\n\r\n" NO_MEMORY_BODY;
_Static_assert(sizeof(NO_MEMORY_BODY) - 1 == 123, "as its head says");

/* An answer as it goes out: what was composed, and behind it a body that is too large to be copied. */
static size_t pieces_of(const struct exchange *exchange, struct iovec pieces[2])
{
    const struct buffer *written = &exchange->worker->written;
    const struct buffer *body = &exchange->worker->response.body;
    size_t left_out = has_body(exchange) ? 0 : sizeof(NO_MEMORY_BODY) - 1;

    if (written->failed) {
        pieces[0] =
            (struct iovec){.iov_base = no_memory, .iov_len = sizeof(no_memory) - 1 - left_out};
        return 1;
    }
    pieces[0] = (struct iovec){.iov_base = written->data, .iov_len = written->size_bytes};
    pieces[1] = (struct iovec){.iov_base = body->data, .iov_len = body->size_bytes};
    return is_apart(exchange) ? 2 : 1;
}

static void compose(struct exchange *exchange)
{
    struct http_response *response = &exchange->worker->response;
    struct buffer *written = &exchange->worker->written;
    const struct buffer *body = &response->body;

    exchange->is_last = exchange->is_last || !http_answer_may_keep_alive(exchange);
    buffer_reset(written);
    put_head(exchange);
    if (has_body(exchange) && !is_apart(exchange))
        buffer_append(written, body->data, body->size_bytes);
    if (response->headers.failed || body->failed) /* of a problem: nothing else is left */
        written->failed = ERROR_MEMORY;
    if (written->failed) {
        exchange->is_last = true;
        response->status = 503;
    }
}

void http_answer_write_rest(struct exchange *exchange)
{
    struct iovec pieces[2];
    size_t n_pieces = pieces_of(exchange, pieces);
    size_t skip = exchange->n_sent;

    for (size_t i = 0; i < n_pieces; i++) {
        size_t sent = skip < pieces[i].iov_len ? skip : pieces[i].iov_len;

        if (!http_answer_put(exchange, (const char *)pieces[i].iov_base + sent,
                             pieces[i].iov_len - sent))
            return;
        skip -= sent;
    }
}

void http_answer_write(struct exchange *exchange)
{
    compose(exchange);
    http_answer_write_rest(exchange);
    if (exchange->is_last || exchange->is_cut)
        mg_disable_connection_keep_alive(exchange->connection);
}

/* The library's time for the next request began when this one came. */
static bool is_late(const struct exchange *exchange)
{
    int64_t age_us = clock_monotonic_us() - exchange->started_us;

    return age_us > exchange->worker->shared->keep_alive_ms * 1000 / 2;
}

static bool is_too_large(const struct exchange *exchange)
{
    size_t body_bytes = exchange->worker->response.body.size_bytes;

    return is_apart(exchange) &&
           !http_socket_takes(exchange->worker->descriptor, HTTP_HEAD_BYTES_MAX + body_bytes);
}

/* The connection's thread reads what comes next; it finds the end of what the client sends, and sees to the rest. */
static void call_thread(const struct exchange *exchange)
{
    (void)shutdown(exchange->worker->descriptor, SHUT_RD);
}

void http_answer_send(struct exchange *exchange)
{
    struct iovec pieces[2];
    struct msghdr message = {.msg_iov = pieces};
    size_t size_bytes = 0;
    ssize_t n_sent;

    exchange->is_last = is_late(exchange) || is_too_large(exchange);
    compose(exchange);
    message.msg_iovlen = pieces_of(exchange, pieces);
    for (size_t i = 0; i < message.msg_iovlen; i++)
        size_bytes += pieces[i].iov_len;
    n_sent = sendmsg(exchange->worker->descriptor, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    exchange->n_sent = n_sent > 0 ? (size_t)n_sent : 0;
    exchange->has_rest = exchange->n_sent < size_bytes;
    exchange->is_last = exchange->is_last || exchange->has_rest;
    if (exchange->is_last)
        call_thread(exchange);
}
