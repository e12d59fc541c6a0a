/*
 * Which web pages may read our answers (Fetch, CORS). Answers are the same for everybody; only the browser
 * holds them back, so nobody is refused here. Inside http only; any thread after the start.
 */
#ifndef EVENTS_HTTP_CORS_H
#define EVENTS_HTTP_CORS_H

#include "http/request.h"

struct http_cors;

/*
 * Origins ("https://shop.example:8443") split at commas and spaces; "*" is every origin; NULL or "": any
 * origin whose host is localhost or a loopback address. ERROR_INVALID names what is no origin.
 */
MUST_CHECK bool http_cors_new(const char *origins, struct http_cors **cors, struct error *error);
void http_cors_free(struct http_cors *cors);

/*
 * Append the header lines for the answer to @request. A preflight also gets the methods in @allow; ""
 * when the path is not known.
 */
void http_cors_write(const struct http_cors *cors, const struct http_request *request,
                     const char *allow, struct buffer *head);

#endif
