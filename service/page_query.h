/* Queries of lists: `limit`, `cursor` and filters become a page of a store, at both services alike. */
#ifndef EVENTS_SERVICE_PAGE_QUERY_H
#define EVENTS_SERVICE_PAGE_QUERY_H

#include "http/paging.h"
#include "persistence/database.h"
#include "persistence/event_view.h"

/* What a list may show at once; its store may be asked for one more. */
enum {
    PAGE_SHOWN_MAX = PAGE_ITEMS_MAX - 1
};

/* @page points into the struct that it is in. */
struct event_query {
    struct event_page page;
    struct http_page shown;
    char name[TEXT_BYTES];
    struct object_id location_id;
    int64_t from_s;
    int64_t to_s;
};

/* ERROR_INVALID names the parameter: "?from". */
MUST_CHECK bool event_query_read(const struct http_request *request, struct event_query *query,
                                 struct error *error);

struct location_query {
    struct location_page page;
    struct http_page shown;
    char name[TEXT_BYTES];
};

MUST_CHECK bool location_query_read(const struct http_request *request,
                                    struct location_query *query, struct error *error);

/*
 * Whether a list can be shown after the walk of its page, which @walked, or ended with @error: also when some of it
 * could not be read and was left out. Of that the log tells, and @error nothing more.
 */
MUST_CHECK bool page_bears_damage(bool walked, struct error *error);

/* Where the page after an event begins, or after a location. */
void event_cursor_write(const struct event *event, char cursor[HTTP_CURSOR_BYTES]);
void location_cursor_write(const struct location *location, char cursor[HTTP_CURSOR_BYTES]);

#endif
