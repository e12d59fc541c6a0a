/*
 * An event with what is shown beside it: its location as it is now, and what is known of its sale.
 */
#ifndef EVENTS_PERSISTENCE_EVENT_VIEW_H
#define EVENTS_PERSISTENCE_EVENT_VIEW_H

#include "domain/event.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct event_view {
    struct event event;
    bool has_location;
    struct location location; /* owned by whoever made the view; {0} without one */
    int64_t entry;            /* highest ledger entry heard of; 0: none yet */
    int64_t seats_sold;       /* as of that entry */
};

void event_view_clear(struct event_view *view);

/* Which events, by (start_s, id), unknown start first. {0} with a limit is the first page. */
struct event_page {
    bool has_after; /* continue behind this one */
    int64_t after_start_s;
    struct object_id after_id;
    size_t limit; /* 1 to PAGE_ITEMS_MAX */

    const char *name;                    /* exact; NULL: any */
    const struct object_id *location_id; /* NULL: any */
    const int64_t *from_s;               /* start_s >= *from_s; NULL: any */
    const int64_t *to_s;                 /* start_s < *to_s; NULL: any */
};

/* Which locations, in the order of their ids. */
struct location_page {
    bool has_after;
    struct object_id after_id; /* {0} without one */
    size_t limit;              /* 1 to PAGE_ITEMS_MAX */
    const char *name;          /* exact; NULL: any */
};

/*
 * Called for each item, in order; the item is borrowed for the call. False (with @error set) ends
 * the walk with that error. What cannot be read is left out of a page, also an event for its location or sale:
 * the walk says ERROR_CORRUPT when it has come to its end.
 */
typedef bool event_visit(void *context, const struct event_view *view, struct error *error);
typedef bool location_visit(void *context, const struct location *location, struct error *error);

#endif
