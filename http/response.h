/*
 * What a handler answers. It is built in memory; one that outgrows its ceiling becomes a 500. The server adds Date,
 * Content-Length, Connection, X-Request-Id, X-Content-Type-Options and, unless the handler set one,
 * Cache-Control. One thread at a time.
 */
#ifndef EVENTS_HTTP_RESPONSE_H
#define EVENTS_HTTP_RESPONSE_H

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "http/deferred.h"

#include <stdbool.h>

/* Lists end their pages long before, see http/paging.h. */
enum {
    HTTP_RESPONSE_BYTES_MAX = 16 * 1024 * 1024
};

struct http_response {
    int status;               /* 200 to start with */
    const char *content_type; /* static text; "application/json" to start with; NULL: no body */
    struct buffer headers;    /* complete lines, each ended by CR LF */
    struct buffer body;
    struct http_deferred deferred;
};

void http_response_init(struct http_response *response);
void http_response_clear(struct http_response *response);

/* Nothing is built any more. Keeps the memory, and what is deferred. */
void http_response_reset(struct http_response *response);

/* Add a header line. Control characters in @value are our own mistake (assert). */
void http_response_header(struct http_response *response, const char *name, const char *format, ...)
    PRINTF_LIKE(3, 4);

/* True when a header of this name was added; @name in the same letters. */
bool http_response_has_header(const struct http_response *response, const char *name);

/* Status 201 and `Location: <path>`. The body is the handler's to write. */
void http_response_created(struct http_response *response, const char *path);

/*
 * Replace whatever was built by the problem (RFC 9457) that @error stands for: status by
 * http_status_of(), type "/problems/<code>", title, detail = text, requestId, members,
 * errors[{pointer, detail}]; Retry-After with a 503. Of a fault on our side the text is not shown.
 */
void http_response_problem(struct http_response *response, const struct error *error,
                           const char *request_id);

/* The status of an error code: 400, 404, 409, 410, 412, 413, 415, 422, 500 or 503. */
int http_status_of(enum error_code code);

/* The reason phrase of a status: "Not Found". Static text; "" when not known. */
const char *http_reason_of(int status);

#endif
