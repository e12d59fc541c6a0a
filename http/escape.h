/* Percent-encoding of URIs (RFC 3986) and of forms. Plain functions; any thread. */
#ifndef EVENTS_HTTP_ESCAPE_H
#define EVENTS_HTTP_ESCAPE_H

#include "base/cleanup.h"

#include <stdbool.h>
#include <stddef.h>

enum http_plus {
    HTTP_PLUS_IS_PLUS,  /* in a path */
    HTTP_PLUS_IS_SPACE, /* in a query */
};

/*
 * Decode @n bytes of @text into @decoded, which may be @text itself. False, with @decoded in any state,
 * for a bad escape, an encoded NUL, bytes that are no UTF-8 afterwards, or more than @size_bytes with
 * the ending NUL.
 */
MUST_CHECK bool http_decode(const char *text, size_t n, enum http_plus plus, char *decoded,
                            size_t size_bytes);

#endif
