/*
 * Conditional requests (RFC 9110 section 13) with strong entity tags. A tag is given without its quotes
 * and may have parts split at dots: reading compares all of it, changing only the first part, so that a
 * part which others keep moving does not stand in an editor's way. Any thread.
 */
#ifndef EVENTS_HTTP_CONDITIONAL_H
#define EVENTS_HTTP_CONDITIONAL_H

#include "http/request.h"
#include "http/response.h"

/*
 * For GET and HEAD: set ETag to @tag. True when If-None-Match lists it: the status is 304 then, and the
 * handler is done.
 */
bool http_not_modified(const struct http_request *request, struct http_response *response,
                       const char *tag);

/*
 * For changes: ERROR_PRECONDITION when If-Match is there and lists neither the first part of @tag nor
 * "*", or when If-None-Match lists it. @tag is NULL while the thing does not exist. A weak tag never
 * matches If-Match.
 */
MUST_CHECK bool http_precondition(const struct http_request *request, const char *tag,
                                  struct error *error);

#endif
