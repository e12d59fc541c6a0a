/*
 * Routes are rows of a static table. A pattern is split at slashes; "{name}" takes one whole segment.
 * Fixed segments win over parameters. HEAD is answered where GET is; OPTIONS everywhere.
 */
#ifndef EVENTS_HTTP_ROUTER_H
#define EVENTS_HTTP_ROUTER_H

#include "http/request.h"
#include "http/response.h"

struct http_route {
    const char *method;  /* "GET" */
    const char *pattern; /* "/events/{id}/bookings" */
    http_handler *handle;
    size_t body_bytes_max; /* 0: HTTP_BODY_BYTES_DEFAULT */
};

enum {
    HTTP_BODY_BYTES_DEFAULT = 16 * 1024,
    HTTP_ROUTES_MAX = 63
};

struct http_routes {
    const struct http_route *rows;
    size_t n_rows; /* at most HTTP_ROUTES_MAX */
};

/* What the router found for a method and a path as sent. */
enum http_match {
    HTTP_MATCH_FOUND,
    HTTP_MATCH_NO_PATH,   /* 404; also for paths that cannot be decoded */
    HTTP_MATCH_NO_METHOD, /* 405; @allow lists what is allowed */
};

enum {
    HTTP_ALLOW_BYTES = 64
};

/*
 * @path is changed in place: decoded segments stand in it, and the parameters of @request point into
 * it. HEAD finds the row of GET. @allow becomes "" where a row was found, and stays where there is no path.
 */
enum http_match http_router_match(const struct http_routes *routes, const char *method, char *path,
                                  struct http_request *request, const struct http_route **route,
                                  char allow[HTTP_ALLOW_BYTES]);

#endif
