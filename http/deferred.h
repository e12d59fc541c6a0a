/*
 * An answer that a handler cannot give yet. The handler defers it, sees to it that somebody will know, and returns
 * true without an answer; who knows completes it, and then the answer is written by finish(), which is a handler like
 * any other. On a connection that stays, no thread waits meanwhile: the connection's own goes on to read what the
 * client sends next, and the answer goes out from another one. Where that cannot be (TLS, a connection to be closed,
 * one that is new) the connection's thread waits, and finishes.
 */
#ifndef EVENTS_HTTP_DEFERRED_H
#define EVENTS_HTTP_DEFERRED_H

#include "base/cleanup.h"
#include "base/error.h"
#include "base/gate.h"

#include <stdbool.h>

struct http_request;
struct http_response;
struct http_deferred;

/*
 * Answer @request into @response. False with @error set becomes the problem of that error. Called
 * from many threads at once, with the context of the server's options. The library gives its threads a
 * stack of 100 KiB, so large things belong elsewhere.
 */
typedef bool http_handler(void *context, const struct http_request *request,
                          struct http_response *response, struct error *error);

/* How the server is told. */
struct http_deferral {
    void (*begun)(struct http_deferred *deferred);     /* from the handler's thread */
    bool (*completed)(struct http_deferred *deferred); /* false: a thread waits for it */
};

/* A part of each response; all zero: not deferred. */
struct http_deferred {
    http_handler *finish;
    void *state;
    const struct http_deferral *server; /* NULL: none */
    struct gate is_complete;
    struct http_deferred *next; /* for a list of who has to complete it, then the server's */
};

/*
 * From within a handler, once: @finish will be called in its place, with @state and with the request as it is. It
 * must not wait, and be short. What the handler has taken from the head of the request before is not valid any more.
 * As soon as others know of the deferred answer it may be completed, so from there on the handler touches neither
 * request nor response, and returns true.
 */
struct http_deferred *http_defer(struct http_response *response, http_handler *finish, void *state);

/* Once; any thread; never waits. */
void http_deferred_complete(struct http_deferred *deferred);

/* Wait until it is complete, and finish. */
MUST_CHECK bool http_deferred_finish(const struct http_request *request,
                                     struct http_response *response, struct error *error);

/* Call a handler in the place of the server, to the end of what it defers. */
MUST_CHECK bool http_handle(http_handler *handle, void *context, const struct http_request *request,
                            struct http_response *response, struct error *error);

#endif
