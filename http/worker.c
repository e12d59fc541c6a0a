#include "http/worker.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/object_id.h"
#include "base/trace.h"

#include <sched.h>
#include <string.h>
#include <time.h>

enum {
    KEPT_BYTES_MAX = 2 * 1024,
    HEAD_BYTES_MAX = 32 * 1024 /* of an answer */
};

/* A thread serves one server for all of its life. */
static _Thread_local struct http_worker *here;

/*
 * Hundreds of us are woken together: as a batch thread none pushes aside who is still waking the others. Without
 * it a booking costs a tenth more.
 */
void http_worker_take_turns(void)
{
    const struct sched_param none = {0};

    (void)pthread_setschedparam(pthread_self(), SCHED_BATCH,
                                &none); /* where refused it is only slower */
}

struct http_worker *http_worker_here(struct http_shared *shared)
{
    if (here)
        return here;
    here = memory_new(sizeof(*here), NULL);
    if (!here)
        return NULL;
    here->shared = shared;
    http_worker_take_turns();
    http_response_init(&here->response);
    buffer_init(&here->written, HEAD_BYTES_MAX + HTTP_WRITTEN_BODY_BYTES_MAX);
    buffer_init(&here->kept, HTTP_HEAD_BYTES_MAX);
    return here;
}

void http_worker_begin_connection(struct http_worker *worker)
{
    worker->n_requests = 0;
    worker->descriptor = -1;
}

void http_worker_end(void)
{
    if (!here)
        return;
    http_response_clear(&here->response);
    buffer_clear(&here->written);
    buffer_clear(&here->kept);
    memory_free(here->body);
    memory_free(here);
    here = NULL;
}

static void keep_small(struct buffer *buffer)
{
    size_t ceiling_bytes = buffer->ceiling_bytes;

    if (buffer->capacity_bytes <= KEPT_BYTES_MAX)
        return;
    buffer_clear(buffer);
    buffer_init(buffer, ceiling_bytes);
}

void http_worker_shrink(struct http_worker *worker)
{
    keep_small(&worker->response.headers);
    keep_small(&worker->response.body);
    keep_small(&worker->written);
    keep_small(&worker->kept);
    if (worker->body_capacity_bytes > KEPT_BYTES_MAX) {
        memory_free(worker->body);
        worker->body = NULL;
        worker->body_capacity_bytes = 0;
    }
}

bool http_worker_make_body(struct http_worker *worker, size_t size_bytes, struct error *error)
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

const char *http_worker_date(struct http_worker *worker)
{
    time_t now = (time_t)(clock_wall_ms() / 1000);
    struct tm parts;

    if (now != worker->date_s && gmtime_r(&now, &parts)) {
        strftime(worker->date, sizeof(worker->date), "%a, %d %b %Y %H:%M:%S GMT", &parts);
        worker->date_s = now;
    }
    return worker->date;
}

static const char *later_of(const char *one, const char *other)
{
    return other > one ? other : one;
}

/* A text of the library's buffer, in ours. */
static const char *moved(const char *text, const char *from, const struct buffer *to)
{
    return text ? to->data + (text - from) : NULL;
}

/* The head begins with the method, and its texts lie in one piece. */
bool http_worker_keep_request(struct http_worker *worker)
{
    struct http_request *request = &worker->request;
    struct buffer *kept = &worker->kept;
    const char *start = request->method;
    const char *last = later_of(request->path, request->query ? request->query : start);

    for (size_t i = 0; i < request->n_headers; i++)
        last = later_of(last, request->headers[i].value);
    buffer_reset(kept);
    buffer_append(kept, start, (size_t)(last - start) + strlen(last) + 1);
    if (!buffer_ok(kept, NULL))
        return false;
    request->method = moved(request->method, start, kept);
    request->path = moved(request->path, start, kept);
    request->query = moved(request->query, start, kept);
    for (size_t i = 0; i < request->n_headers; i++) {
        request->headers[i].name = moved(request->headers[i].name, start, kept);
        request->headers[i].value = moved(request->headers[i].value, start, kept);
    }
    return true;
}

static bool is_request_id(const char *text)
{
    size_t length =
        strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");

    return length > 0 && length < HTTP_REQUEST_ID_BYTES && text[length] == '\0';
}

void http_worker_name_request(struct http_worker *worker)
{
    const char *sent = http_request_header(&worker->request, "X-Request-Id");
    const struct trace trace = trace_next(http_request_header(&worker->request, "traceparent"));
    const struct object_id made = object_id_random();
    char *id = worker->request.request_id;

    trace_enter(&trace);

    if (sent && is_request_id(sent))
        memcpy(id, sent, strlen(sent) + 1);
    else
        memcpy(id, object_id_hex(&made).text, OBJECT_ID_HEX_BYTES);
}
