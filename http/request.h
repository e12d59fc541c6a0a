/*
 * One request, as a handler sees it. Everything is borrowed until the handler returns, or its deferred answer is
 * written. Framing has been checked (RFC 9112), the body is complete and within its limit, the path is split and
 * decoded.
 */
#ifndef EVENTS_HTTP_REQUEST_H
#define EVENTS_HTTP_REQUEST_H

#include "base/cleanup.h"
#include "base/error.h"
#include "base/json.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    HTTP_PARAMETERS_MAX = 4,
    HTTP_HEADERS_MAX = 60,
    HTTP_URI_BYTES_MAX = 2048,
    HTTP_REQUEST_ID_BYTES = 65,
};

struct http_header {
    const char *name;
    const char *value;
};

struct http_parameter {
    const char *name;  /* as in the pattern: "id" of "/events/{id}"; ends at a NUL or at '}' */
    const char *value; /* decoded: valid UTF-8 without NUL */
};

struct http_request {
    const char *method;
    const char *path;  /* as sent, without the query */
    const char *query; /* as sent, without the question mark; NULL: none */
    struct http_header headers[HTTP_HEADERS_MAX];
    size_t n_headers;
    struct http_parameter parameters[HTTP_PARAMETERS_MAX];
    size_t n_parameters;
    const char *body;
    size_t body_bytes;
    char request_id[HTTP_REQUEST_ID_BYTES]; /* the client's when well-formed, else made */
    int64_t received_ms;                    /* monotonic; deadlines count from here */
};

/* NULL when the client sent none; names in any case. */
const char *http_request_header(const struct http_request *request, const char *name);

/* A parameter of the route's pattern. Asking for one that the pattern lacks is our mistake (assert). */
const char *http_request_parameter(const struct http_request *request, const char *name);

/*
 * A query parameter, decoded into @value. False, and @value untouched, when absent; sets @error as
 * well (ERROR_INVALID, pointer "?name") when it is there and unusable: bad escapes, invalid UTF-8,
 * longer than @size_bytes, or given twice.
 */
MUST_CHECK bool http_request_query(const struct http_request *request, const char *name,
                                   char *value, size_t size_bytes, struct error *error);

/*
 * The body as a JSON object. ERROR_UNSUPPORTED for a media type other than application/json,
 * application with +json, text/plain, application/x-www-form-urlencoded or none, for a charset other
 * than UTF-8 and for a Content-Encoding; ERROR_INVALID for anything that is no object. The caller frees
 * with json_free().
 */
MUST_CHECK bool http_request_json(const struct http_request *request, struct json **document,
                                  struct error *error);

/*
 * The Idempotency-Key (draft-ietf-httpapi-idempotency-key-header-07), bare or as a quoted string: 1 to
 * 255 visible ASCII characters. @key of HTTP_KEY_BYTES is empty when the client sent none.
 */
enum {
    HTTP_KEY_BYTES = 256
};
MUST_CHECK bool http_request_key(const struct http_request *request, char key[HTTP_KEY_BYTES],
                                 struct error *error);

#endif
