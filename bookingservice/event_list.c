/* Events are gathered a few at a time, so that one round trip to the ledger brings the heads of all. */
#include "base/memory.h"
#include "bookingservice/booking_service.h"
#include "service/event_body.h"
#include "service/page_query.h"

enum {
    GATHERED_HALLS = 1024 /* a look at the ledgers comes early when the locations are large */
};

struct listing {
    struct booking_service *service;
    struct json_writer writer;
    struct event_view views[LEDGER_BULK_MAX]; /* not yet written */
    size_t n_views;
    size_t n_halls; /* of them all */
    struct http_page *page;
    char cursor[HTTP_CURSOR_BYTES]; /* of the last one written */
};

static void drop_views(struct listing *listing)
{
    for (size_t i = 0; i < listing->n_views; i++)
        event_view_clear(&listing->views[i]);
    listing->n_views = 0;
    listing->n_halls = 0;
}

static void listing_freep(struct listing **listing)
{
    if (*listing)
        drop_views(*listing);
    memory_free(*listing);
}

static bool write_views(struct listing *listing, struct error *error)
{
    struct object_id ids[LEDGER_BULK_MAX];
    struct ledger_head heads[LEDGER_BULK_MAX];

    for (size_t i = 0; i < listing->n_views; i++)
        ids[i] = listing->views[i].event.id;
    if (!ledger_store_heads_shown(listing->service->ledgers, ids, listing->n_views, heads, error))
        return false;
    for (size_t i = 0; i < listing->n_views; i++) {
        const struct event_view *view = &listing->views[i];

        event_body_write(&listing->writer, NULL, view, event_seats_left(view, &heads[i]));
        event_cursor_write(&view->event, listing->cursor);
    }
    drop_views(listing);
    return buffer_ok(listing->writer.buffer, error);
}

static bool list_one(void *context, const struct event_view *view, struct error *error)
{
    struct listing *listing = context;
    struct event_view copy = *view;

    if (!http_page_shows(listing->page, listing->writer.buffer))
        return true;
    if (!location_copy(&view->location, &copy.location, error))
        return false;
    listing->views[listing->n_views++] = copy;
    listing->n_halls += copy.location.n_halls;
    if (listing->n_views < ARRAY_SIZE(listing->views) && listing->n_halls < GATHERED_HALLS)
        return true;
    return write_views(listing, error);
}

/* GET /events: from the copy, with what is left by the ledger */
bool event_list(void *context, const struct http_request *request, struct http_response *response,
                struct error *error)
{
    struct event_query query = {0};
    CLEANUP(listing_freep) struct listing *listing = memory_new(sizeof(*listing), error);

    if (!listing || !event_query_read(request, &query, error))
        return false;
    listing->service = context;
    listing->page = &query.shown;
    listing->writer.buffer = &response->body;
    json_open_array(&listing->writer, NULL);
    if (!page_bears_damage(
            copy_store_events(listing->service->copy, &query.page, list_one, listing, error),
            error) ||
        !write_views(listing, error))
        return false;
    json_close_array(&listing->writer);
    if (listing->page->has_next)
        http_page_next(request, response, listing->cursor);
    return buffer_ok(&response->body, error);
}
