#include "persistence/mongo/mongo_ledger.h"

#include "base/memory.h"
#include "persistence/mongo/mongo_entry.h"

bool mongo_ledger_booking(struct ledger_store *store, const struct object_id *id,
                          struct booking *booking, struct error *error)
{
    struct ledger_found found;

    if (!mongo_ledger_find(mongo_ledger_pool(store, MONGO_REQUESTS), id, 1, &found, error))
        return false;
    if (!found.exists)
        return error_set(error, ERROR_NOT_FOUND, "there is no booking %s", object_id_hex(id).text);
    *booking = (struct booking){.id = found.booking.id,
                                .event_id = found.event_id,
                                .user_id = found.booking.user_id,
                                .seats = found.booking.seats,
                                .made_at_ms = found.at_ms,
                                .cancelled = found.is_cancelled};
    return true;
}

bool mongo_ledger_head(struct ledger_store *store, const struct object_id *event_id,
                       struct ledger_head *head, struct error *error)
{
    struct ledger_head found;

    if (!mongo_ledger_read_heads(mongo_ledger_pool(store, MONGO_REQUESTS), event_id, 1, &found,
                                 error))
        return false;
    if (!found.exists)
        return error_set(error, ERROR_NOT_FOUND, "there is no ledger of event %s",
                         object_id_hex(event_id).text);
    *head = found;
    return true;
}

/* ---- the bookings of an event ---- */

struct listed {
    struct booking booking;
    int64_t sequence;
    size_t index;
};

struct listing {
    struct listed *items; /* owned */
    size_t n_items;
    size_t limit;
};

static void listing_clear(struct listing *listing)
{
    memory_free(listing->items);
}

static bool list_entry(const bson_t *document, const struct booking_page *page,
                       struct listing *listing, struct error *error)
{
    CLEANUP(ledger_entry_clear) struct ledger_entry entry = {0};
    size_t first;

    if (!mongo_entry_read_batch(document, &entry, error))
        return false;
    first = entry.key.sequence == page->sequence ? page->index : 0;
    for (size_t i = first; i < entry.n_bookings && listing->n_items < page->limit; i++) {
        const struct ledger_booking *booking = &entry.bookings[i];

        listing->items[listing->n_items++] = (struct listed){
            .booking = {.id = booking->id,
                        .event_id = entry.key.event_id,
                        .user_id = booking->user_id,
                        .seats = booking->seats,
                        .made_at_ms = entry.at_ms},
            .sequence = entry.key.sequence,
            .index = i,
        };
    }
    return true;
}

/* Entries are read a few at a time, for a page may be full after one. */
static bool list_page(const struct mongo_pool *pool, const struct booking_page *page,
                      struct listing *listing, struct error *error)
{
    CLEANUP(bson_destroy) bson_t filter = BSON_INITIALIZER;
    CLEANUP(bson_destroyp)
    bson_t *options = mongo_json("{\"sort\": {\"_id\": 1}, \"batchSize\": 8,"
                                 " \"projection\": {\"at\": 1, \"b\": 1}}");
    CLEANUP(mongo_cursor_close) struct mongo_cursor cursor = {0};
    const bson_t *document;

    mongo_append_key_range(&filter, &page->event_id, page->sequence);
    if (!mongo_find(pool, MONGO_LEDGER, &filter, options, &cursor, error))
        return false;
    while (listing->n_items < page->limit && mongo_cursor_next(&cursor, &document)) {
        if (!list_entry(document, page, listing, error))
            return false;
    }
    return mongo_cursor_check(&cursor, error);
}

static bool add_cancelled(const struct mongo_pool *pool, struct listing *listing,
                          struct error *error)
{
    CLEANUP(memory_freep)
    struct object_id *ids = memory_array(listing->n_items + 1, sizeof(*ids), error);
    CLEANUP(memory_freep)
    bool *cancelled = memory_array(listing->n_items + 1, sizeof(*cancelled), error);

    if (!ids || !cancelled)
        return false;
    for (size_t i = 0; i < listing->n_items; i++)
        ids[i] = listing->items[i].booking.id;
    if (!mongo_ledger_find_cancelled(pool, ids, listing->n_items, cancelled, error))
        return false;
    for (size_t i = 0; i < listing->n_items; i++)
        listing->items[i].booking.cancelled = cancelled[i];
    return true;
}

bool mongo_ledger_bookings(struct ledger_store *store, const struct booking_page *page,
                           booking_visit *visit, void *context, struct error *error)
{
    const struct mongo_pool *pool = mongo_ledger_pool(store, MONGO_REQUESTS);
    CLEANUP(listing_clear) struct listing listing = {0};

    listing.items = memory_array(page->limit, sizeof(*listing.items), error);
    if (!listing.items || !list_page(pool, page, &listing, error) ||
        !add_cancelled(pool, &listing, error))
        return false;
    for (size_t i = 0; i < listing.n_items; i++) {
        const struct listed *item = &listing.items[i];

        if (!visit(context, &item->booking, item->sequence, item->index, error))
            return false;
    }
    return true;
}

/* ---- what waits to be published ---- */

/* One corrupt entry must not keep the others back, so its error waits until they were visited. */
static bool visit_entries(struct mongo_cursor *cursor, ledger_visit *visit, void *context,
                          struct error *error)
{
    struct error corrupt = {0};
    const bson_t *document;

    while (mongo_cursor_next(cursor, &document)) {
        CLEANUP(ledger_entry_clear) struct ledger_entry entry = {0};

        if (mongo_entry_read(document, &entry, &corrupt)) {
            if (!visit(context, &entry, error))
                return false;
        } else if (corrupt.code != ERROR_CORRUPT) {
            *error = corrupt;
            return false;
        }
    }
    if (!mongo_cursor_check(cursor, error))
        return false;
    return corrupt.code == ERROR_NONE || error_set(error, corrupt.code, "%s", corrupt.text);
}

bool mongo_ledger_unpublished(struct ledger_store *store, size_t limit, ledger_visit *visit,
                              void *context, struct error *error)
{
    const struct mongo_pool *pool = mongo_ledger_pool(store, MONGO_COMMITS);
    CLEANUP(bson_destroyp) bson_t *filter = mongo_json("{\"pub\": false}");
    /* Entries are large: without a bound the server would send a backlog in replies of 16 MB. */
    CLEANUP(bson_destroyp)
    bson_t *options = mongo_json("{\"sort\": {\"at\": 1, \"_id\": 1}, \"batchSize\": 16}");
    CLEANUP(mongo_cursor_close) struct mongo_cursor cursor = {0};
    int64_t skip;

    if (!mongo_random_skip(pool, MONGO_LEDGER, filter, limit, &skip, error))
        return false;
    BSON_APPEND_INT64(options, "skip", skip);
    BSON_APPEND_INT64(options, "limit", (int64_t)limit);
    return mongo_find(pool, MONGO_LEDGER, filter, options, &cursor, error) &&
           visit_entries(&cursor, visit, context, error);
}
