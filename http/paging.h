/*
 * Pages of a list: `limit`, `cursor`, and the link to the next page (RFC 8288). A cursor is a short text
 * that says where the page before ended; clients see it in base64url, sealed to the path of its list, and
 * hand it back as it is. The seal finds mistakes: it is no secret. Any thread.
 */
#ifndef EVENTS_HTTP_PAGING_H
#define EVENTS_HTTP_PAGING_H

#include "http/request.h"
#include "http/response.h"

enum {
    HTTP_CURSOR_BYTES = 128, /* of the text, with its ending NUL */
    HTTP_PAGE_BYTES = 4 * 1024 * 1024
};

/*
 * A page as it is written, item by item. Ask the store for one item more than @limit: it is not shown, and
 * tells that there is a next page, so that no link leads to an empty one. Start it as {.limit = ...}.
 */
struct http_page {
    size_t limit; /* of items shown */
    size_t n;     /* shown so far */
    bool has_next;
};

/*
 * Count one more item; false when it, and all behind it, are not shown: the page has @limit items, or what is
 * in @body by now is more than HTTP_PAGE_BYTES. The first is always shown. Items that were counted and not
 * written yet are the caller's to bound.
 */
bool http_page_shows(struct http_page *page, const struct buffer *body);

/* `limit`, 1 to @max; @max when absent. ERROR_INVALID with the pointer "?limit". */
MUST_CHECK bool http_page_limit(const struct http_request *request, size_t max, size_t *limit,
                                struct error *error);

/*
 * The text of `cursor`, "" when absent. ERROR_INVALID with the pointer "?cursor" for anything that
 * http_page_next() cannot have made for this path; what the text says is the caller's to check.
 */
MUST_CHECK bool http_page_cursor(const struct http_request *request, char cursor[HTTP_CURSOR_BYTES],
                                 struct error *error);

/* Add `Link: <...>; rel="next"`: the same request, going on behind @cursor (visible ASCII). */
void http_page_next(const struct http_request *request, struct http_response *response,
                    const char *cursor);

#endif
