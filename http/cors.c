#include "http/cors.h"

#include "base/memory.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

enum {
    HOST_BYTES = 256,
    MAX_AGE_S = 600
};

static const char separators[] = ", ";
static const char exposed[] =
    "Allow, ETag, Idempotency-Replayed, Link, Location, Retry-After, X-Request-Id";
static const char accepted[] =
    "Content-Type, Idempotency-Key, If-Match, If-None-Match, Traceparent, X-Request-Id";

struct http_cors {
    char *origins; /* owned; NULL: local ones */
};

/* The host of "http://host:port", without the brackets of an IPv6 address. False for anything else. */
static bool read_origin(const char *origin, size_t length, char host[HOST_BYTES])
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-";
    const char *end = origin + length;
    const char *cursor = strncasecmp(origin, "https://", 8) == 0  ? origin + 8
                         : strncasecmp(origin, "http://", 7) == 0 ? origin + 7
                                                                  : end;
    bool is_ipv6 = cursor < end && *cursor == '[';
    size_t n;

    cursor += is_ipv6;
    n = strspn(cursor, is_ipv6 ? "0123456789abcdefABCDEF:." : letters);
    if (cursor + n > end || n == 0 || n >= HOST_BYTES)
        return false;
    memcpy(host, cursor, n);
    host[n] = '\0';
    cursor += n;
    if (is_ipv6 && *cursor++ != ']')
        return false;
    if (cursor < end && *cursor == ':') {
        n = strspn(cursor + 1, "0123456789");
        cursor += n > 0 && n <= 5 ? n + 1 : 0;
    }
    return cursor == end;
}

static bool is_local(const char *origin)
{
    char host[HOST_BYTES];
    struct in_addr v4;
    struct in6_addr v6;

    if (!read_origin(origin, strlen(origin), host))
        return false;
    if (inet_pton(AF_INET, host, &v4) == 1)
        return ntohl(v4.s_addr) >> 24 == 127;
    if (inet_pton(AF_INET6, host, &v6) == 1)
        return IN6_IS_ADDR_LOOPBACK(&v6);
    return strcasecmp(host, "localhost") == 0;
}

/* Step to the next origin of the list; 0 at its end. */
static size_t next_origin(const char **cursor)
{
    *cursor += strspn(*cursor, separators);
    return strcspn(*cursor, separators);
}

static bool check_list(const char *origins, struct error *error)
{
    char host[HOST_BYTES];
    size_t length;

    for (const char *cursor = origins; (length = next_origin(&cursor)) > 0; cursor += length) {
        bool any = length == 1 && *cursor == '*';

        if (!any && !read_origin(cursor, length, host))
            return error_set(error, ERROR_INVALID, "cors_origins: \"%.*s\" is no origin",
                             (int)(length < 200 ? length : 200), cursor);
    }
    return true;
}

void http_cors_free(struct http_cors *cors)
{
    if (!cors)
        return;
    memory_free(cors->origins);
    memory_free(cors);
}

DEFINE_FREEP(http_cors_free, struct http_cors)

bool http_cors_new(const char *origins, struct http_cors **cors, struct error *error)
{
    CLEANUP(http_cors_freep) struct http_cors *self = memory_new(sizeof(*self), error);

    if (!self)
        return false;
    if (origins && origins[strspn(origins, separators)]) {
        if (!check_list(origins, error))
            return false;
        self->origins = memory_text(origins, error);
        if (!self->origins)
            return false;
    }

    *cors = self;
    self = NULL;
    return true;
}

/* What Access-Control-Allow-Origin says to @origin; NULL: nothing. */
static const char *permission(const struct http_cors *cors, const char *origin)
{
    const char *cursor = cors->origins;
    size_t length;

    if (!cursor)
        return is_local(origin) ? origin : NULL;
    for (; (length = next_origin(&cursor)) > 0; cursor += length) {
        if (length == 1 && *cursor == '*')
            return "*";
        if (strlen(origin) == length && strncasecmp(cursor, origin, length) == 0)
            return origin;
    }
    return NULL;
}

static void put_header(struct buffer *head, const char *name, const char *value)
{
    buffer_text(head, name);
    buffer_text(head, value);
    buffer_append(head, "\r\n", 2);
}

void http_cors_write(const struct http_cors *cors, const struct http_request *request,
                     const char *allow, struct buffer *head)
{
    const char *origin = http_request_header(request, "Origin");
    bool is_preflight = strcmp(request->method, "OPTIONS") == 0 &&
                        http_request_header(request, "Access-Control-Request-Method");
    const char *permitted;

    /* Also without an origin: a cache may give this answer to somebody who has one. */
    put_header(head, "Vary: ", "Origin");
    permitted = origin ? permission(cors, origin) : NULL;
    if (!permitted)
        return;
    put_header(head, "Access-Control-Allow-Origin: ", permitted);
    put_header(head, "Access-Control-Expose-Headers: ", exposed);
    if (!is_preflight || !allow[0])
        return;
    put_header(head, "Access-Control-Allow-Methods: ", allow);
    put_header(head, "Access-Control-Allow-Headers: ", accepted);
    buffer_text(head, "Access-Control-Max-Age: ");
    buffer_number(head, MAX_AGE_S);
    buffer_append(head, "\r\n", 2);
}
