/*
 * The HTTP server: the only folder that sees civetweb. One catch-all handler checks the framing, finds
 * the route, calls its handler and writes the answer, small ones with one call; answers that a handler defers
 * (http/deferred.h) go out from another thread. One thread serves one connection; `threads` therefore bounds how
 * many requests wait at once. Who has said nothing yet has no thread: thousands of such connections wait in the
 * kernel.
 *
 * Two kinds of requests end their connection without an answer, and nobody is told: the library asks us about
 * neither. `OPTIONS *`, and a target with scheme and host whose port is not the one that the request came to.
 */
#ifndef EVENTS_HTTP_SERVER_H
#define EVENTS_HTTP_SERVER_H

#include "http/router.h"

struct http_server;

/*
 * Told after each request, from the thread that wrote its answer; for the access log and the metrics. @route is
 * NULL when none was found, @error is NULL unless the answer is a problem; method and path are empty when the
 * head of the request could not be read.
 */
struct http_observer {
    void (*done)(void *context, const struct http_request *request, const struct http_route *route,
                 int status, const struct error *error, int64_t duration_us);
    void *context;
};

enum {
    HTTP_REQUEST_TIMEOUT_MS = 3000,
    HTTP_KEEP_ALIVE_MS = 2000,
    HTTP_QUEUE = 128,
    HTTP_STAYS_FROM = 5,
    HTTP_THREADS_MAX = 4096
};

struct http_server_options {
    const char *listen;     /* "host:port", ":port" for every interface; port 0 takes a free one */
    const char *tls_listen; /* the same with TLS 1.2 and 1.3; NULL: none */
    const char *tls_certificate; /* PEM file with the chain */
    const char *tls_key;         /* PEM file */
    const char *cors_origins;    /* see http/cors.h; NULL or "": localhost and loopback */
    int threads;                 /* 1 to 4096 */
    int queue; /* connections taken on that wait for a thread, 1 or more; 0: HTTP_QUEUE */
    /*
     * For a head, and for a body, to arrive; eight times as long for an answer to be taken, a client that takes
     * nothing for this long has gone. 0: HTTP_REQUEST_TIMEOUT_MS.
     */
    int request_timeout_ms;
    /*
     * From its which request on a connection is taken for one that stays, so that deferred answers leave its thread;
     * to find its socket then is dear. 0: HTTP_STAYS_FROM.
     */
    int stays_from;
    /*
     * How long an idle connection keeps its thread; 0: HTTP_KEEP_ALIVE_MS. A deferred answer that comes when half of
     * it has passed is the last one of its connection.
     */
    int keep_alive_ms;
    struct http_routes routes;     /* borrowed for the server's life */
    void *context;                 /* of the handlers */
    struct http_observer observer; /* done may be NULL */
};

/*
 * Open the ports and serve from now on. ERROR_INVALID for options that make no sense (which one is in
 * the text), ERROR_UNAVAILABLE when a port is taken or a host not known, ERROR_UNSUPPORTED when TLS is
 * asked for and the libraries cannot do it. Waits for nothing but the name service.
 */
MUST_CHECK bool http_server_open(const struct http_server_options *options,
                                 struct http_server **server, struct error *error);

/* The port in use, also when 0 was asked for; 0 when there is no such port. */
int http_server_port(const struct http_server *server);
int http_server_tls_port(const struct http_server *server);

/*
 * Read the certificate and its key again, for connections from now on; without a TLS port there is
 * nothing to do. After a failure (ERROR_INVALID) the old certificate stays in use. Any thread.
 */
MUST_CHECK bool http_server_reload_certificate(struct http_server *server, struct error *error);

/* From now on every answer says `Connection: close`, so that clients go elsewhere. Any thread. */
void http_server_drain(struct http_server *server);

/* Requests whose answer is not written yet. Any thread. */
int http_server_in_flight(const struct http_server *server);

/*
 * Wait until no request is in hand (at most @wait_ms), close the ports, end the threads, free. Idle
 * connections may hold the end up for two seconds more.
 */
void http_server_stop(struct http_server *server, int64_t wait_ms);

#endif
