/* A line with the method, then a path as sent. */
#include "base/memory.h"
#include "base/utf8.h"
#include "http/escape.h"
#include "http/router.h"
#include "tests/fuzz/fuzz.h"

#include <stdio.h>
#include <string.h>

enum {
    PATH_BYTES_MAX = 64 * 1024
};

static const struct http_route rows[] = {
    {"GET", "/", NULL, 0},
    {"GET", "/events", NULL, 0},
    {"POST", "/events", NULL, 0},
    {"GET", "/events/{id}", NULL, 0},
    {"PUT", "/events/{id}", NULL, 0},
    {"GET", "/events/code/{id}", NULL, 0},
    {"GET", "/events/name/{name}", NULL, 0},
    {"GET", "/events/{id}/bookings/{booking}", NULL, 0},
    {"DELETE", "/events/{id}/bookings/{booking}", NULL, 0},
};
static const struct http_routes routes = {.rows = rows, .n_rows = ARRAY_SIZE(rows)};

static char *copy_of(const char *text)
{
    char *copy = memory_text(text, NULL);

    MUST(copy);
    return copy;
}

/* Every byte escaped, and then read again in both ways. */
static void come_back(const char *text)
{
    CLEANUP(buffer_clear) struct buffer escaped = {0};
    CLEANUP(memory_freep) char *decoded = copy_of(text);

    buffer_init(&escaped, PATH_BYTES_MAX * 3);
    for (const char *at = text; *at; at++)
        buffer_format(&escaped, "%%%02x", (unsigned)(unsigned char)*at);
    MUST(buffer_ok(&escaped, NULL));
    for (int plus = HTTP_PLUS_IS_PLUS; plus <= HTTP_PLUS_IS_SPACE; plus++)
        MUST(http_decode(escaped.data ? escaped.data : "", escaped.size_bytes, (enum http_plus)plus,
                         decoded, strlen(text) + 1) &&
             strcmp(decoded, text) == 0);
}

static void decode(const char *text)
{
    CLEANUP(memory_freep) char *apart = copy_of(text);
    CLEANUP(memory_freep) char *in_place = copy_of(text);
    const size_t n = strlen(text);
    bool fits = http_decode(text, n, HTTP_PLUS_IS_SPACE, apart, n + 1);

    MUST(http_decode(in_place, n, HTTP_PLUS_IS_SPACE, in_place, n + 1) == fits);
    if (!fits)
        return;
    MUST(strcmp(apart, in_place) == 0 && utf8_valid(apart, strlen(apart)));
    come_back(apart);
    if (apart[0])
        MUST(!http_decode(text, n, HTTP_PLUS_IS_SPACE, in_place, strlen(apart)));
}

/* The path that the pattern makes of the parameters. */
static void write_path(const struct http_route *route, const struct http_request *request,
                       struct buffer *path)
{
    size_t next = 0;

    for (const char *at = route->pattern; *at; at++) {
        if (*at != '{') {
            buffer_char(path, *at);
            continue;
        }
        for (const char *value = request->parameters[next].value; *value; value++)
            buffer_format(path, "%%%02X", (unsigned)(unsigned char)*value);
        next++;
        at = strchr(at, '}');
    }
    MUST(next == request->n_parameters && buffer_ok(path, NULL));
}

static void match_again(const struct http_route *route, const struct http_request *request)
{
    CLEANUP(buffer_clear) struct buffer path = {0};
    const struct http_route *found = NULL;
    struct http_request again = {0};
    char allow[HTTP_ALLOW_BYTES];

    buffer_init(&path, PATH_BYTES_MAX * 4);
    write_path(route, request, &path);
    MUST(http_router_match(&routes, route->method, path.data, &again, &found, allow) ==
         HTTP_MATCH_FOUND);
    MUST(found == route && again.n_parameters == request->n_parameters);
    for (size_t i = 0; i < again.n_parameters; i++)
        MUST(strcmp(again.parameters[i].value, request->parameters[i].value) == 0);
    if (strstr(route->pattern, "{id}"))
        MUST(http_request_parameter(&again, "id") == again.parameters[0].value);
}

static void match(const char *method, const char *sent)
{
    CLEANUP(memory_freep) char *path = copy_of(sent);
    const struct http_route *route = NULL;
    struct http_request request = {0};
    char allow[HTTP_ALLOW_BYTES] = "";

    switch (http_router_match(&routes, method, path, &request, &route, allow)) {
    case HTTP_MATCH_FOUND:
        MUST(strcmp(route->method, strcmp(method, "HEAD") == 0 ? "GET" : method) == 0);
        for (size_t i = 0; i < request.n_parameters; i++)
            MUST(utf8_valid(request.parameters[i].value, strlen(request.parameters[i].value)));
        match_again(route, &request);
        break;
    case HTTP_MATCH_NO_METHOD:
        MUST(!route && strstr(allow, "OPTIONS"));
        break;
    case HTTP_MATCH_NO_PATH:
        MUST(!route);
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = fuzz_input(data, size < PATH_BYTES_MAX ? size : PATH_BYTES_MAX);
    CLEANUP(memory_freep) char *method = fuzz_line(&input);
    CLEANUP(memory_freep) char *path = fuzz_rest(&input);

    decode(path);
    match(method, path);
    return 0;
}
