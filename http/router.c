#include "http/router.h"

#include "http/escape.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

enum {
    SEGMENTS_MAX = 8
};

struct segments {
    char *texts[SEGMENTS_MAX];
    size_t lengths[SEGMENTS_MAX];
    size_t n;
};

/* Up to the next slash. */
static size_t segment_length(const char *text)
{
    return (size_t)(strchrnul(text, '/') - text);
}

/*
 * Split at slashes first and decode afterwards, so that an encoded slash stays inside its segment. False
 * for paths that no pattern can match: undecodable, too deep, or with an empty segment.
 */
static bool split(char *path, struct segments *segments)
{
    char *cursor = path;

    segments->n = 0;
    if (*cursor++ != '/')
        return false;
    while (*cursor) {
        size_t length = segment_length(cursor);
        bool last = cursor[length] == '\0';

        if (length == 0 || segments->n == SEGMENTS_MAX)
            return false;
        if (!http_decode(cursor, length, HTTP_PLUS_IS_PLUS, cursor, length + 1))
            return false;
        segments->lengths[segments->n] = strlen(cursor);
        segments->texts[segments->n++] = cursor;
        if (last)
            return true;
        cursor += length + 1;
        if (*cursor == '\0') /* a slash at the end opens one more, empty segment */
            return false;
    }
    return true;
}

/*
 * How well @pattern fits: 0 not at all; otherwise a bit for each segment, the first one highest, set
 * where the pattern has fixed text, so that the greater number is the better fit.
 */
static uint32_t fit(const char *pattern, const struct segments *segments)
{
    uint32_t fixed = 1;

    for (size_t i = 0; i < segments->n; i++) {
        size_t length;

        if (*pattern++ != '/')
            return 0;
        length = segment_length(pattern);
        fixed <<= 1;
        if (*pattern != '{') {
            if (segments->lengths[i] != length || memcmp(pattern, segments->texts[i], length) != 0)
                return 0;
            fixed |= 1;
        }
        pattern += length;
    }
    if (segments->n == 0 && *pattern == '/')
        pattern++;
    return *pattern == '\0' ? fixed : 0;
}

/* The names are borrowed from the pattern, where they end at the closing brace. */
static void take_parameters(const char *pattern, const struct segments *segments,
                            struct http_request *request)
{
    request->n_parameters = 0;
    for (size_t i = 0; i < segments->n; i++) {
        const char *text = ++pattern;

        pattern += segment_length(text);
        if (*text != '{')
            continue;
        assert(request->n_parameters < HTTP_PARAMETERS_MAX);
        request->parameters[request->n_parameters++] =
            (struct http_parameter){.name = text + 1, .value = segments->texts[i]};
    }
}

static void allow_add(char allow[HTTP_ALLOW_BYTES], const char *method)
{
    size_t length = strlen(allow);
    size_t added = strlen(method);

    assert(length + added + 3 <= HTTP_ALLOW_BYTES);
    if (length > 0) {
        memcpy(allow + length, ", ", 2);
        length += 2;
    }
    memcpy(allow + length, method, added + 1);
}

static bool answers(const struct http_route *route, const char *method)
{
    return strcmp(route->method, strcmp(method, "HEAD") == 0 ? "GET" : method) == 0;
}

/* The fit of the best pattern, whatever its method; 0: there is no such path. */
static uint32_t best_fit(const struct http_routes *routes, const struct segments *segments,
                         uint32_t fits[HTTP_ROUTES_MAX])
{
    uint32_t best = 0;

    for (size_t i = 0; i < routes->n_rows; i++) {
        fits[i] = fit(routes->rows[i].pattern, segments);
        if (fits[i] > best)
            best = fits[i];
    }
    return best;
}

enum http_match http_router_match(const struct http_routes *routes, const char *method, char *path,
                                  struct http_request *request, const struct http_route **route,
                                  char allow[HTTP_ALLOW_BYTES])
{
    struct segments segments;
    uint32_t fits[HTTP_ROUTES_MAX];
    uint32_t best;

    assert(routes->n_rows <= HTTP_ROUTES_MAX);
    if (!split(path, &segments))
        return HTTP_MATCH_NO_PATH;
    best = best_fit(routes, &segments, fits);
    if (best == 0)
        return HTTP_MATCH_NO_PATH;

    allow[0] = '\0';
    for (size_t i = 0; i < routes->n_rows; i++) {
        const struct http_route *row = &routes->rows[i];

        if (fits[i] != best)
            continue;
        if (answers(row, method)) {
            take_parameters(row->pattern, &segments, request);
            *route = row;
            allow[0] = '\0';
            return HTTP_MATCH_FOUND;
        }
        allow_add(allow, row->method);
        if (strcmp(row->method, "GET") == 0)
            allow_add(allow, "HEAD");
    }
    allow_add(allow, "OPTIONS");
    return HTTP_MATCH_NO_METHOD;
}
