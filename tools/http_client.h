/*
 * JSON over HTTP to a service. The only file that sees libcurl. One thread at a time; one connection, kept
 * from request to request.
 */
#ifndef EVENTS_TOOLS_HTTP_CLIENT_H
#define EVENTS_TOOLS_HTTP_CLIENT_H

#include "base/buffer.h"

struct http_client;

MUST_CHECK bool http_client_open(struct http_client **client, struct error *error);
void http_client_free(struct http_client *client); /* NULL is fine */
DEFINE_FREEP(http_client_free, struct http_client)

/*
 * POST @body and wait for the answer, 10 s at most. @status is its HTTP status, and @answer, which is
 * emptied before, its body. ERROR_INVALID for a bad url, ERROR_UNAVAILABLE when no answer came: then it may
 * have been done or not. ERROR_TOO_LARGE when the answer does not fit.
 */
MUST_CHECK bool http_client_post(struct http_client *client, const char *url, const char *body,
                                 int *status, struct buffer *answer, struct error *error);

#endif
