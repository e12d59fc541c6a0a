/* Bookings as people ask for them: those of an event, of a user, and those that share a code. */
#include "base/memory.h"
#include "persistence/mongo/mongo_entry.h"
#include "persistence/mongo/mongo_ledger.h"
#include "persistence/mongo/mongo_members.h"

/*
 * Entries are read a few at a time, for a page may be full after one. Left to choose, the server may
 * walk the entries of everybody by `_id` for the bookings of one user.
 */
#define IN_ORDER "\"sort\": {\"_id\": 1}, \"batchSize\": 8, \"projection\": {\"at\": 1, \"b\": 1}"

static const char by_key[] = "{" IN_ORDER "}";
static const char by_user[] = "{\"hint\": \"booked_by\", " IN_ORDER "}";
static const char by_id[] = "{\"hint\": \"bookings\", \"projection\": {\"at\": 1, \"b\": 1}}";

/* What is wanted of the entries that are found. */
struct wanted {
    const struct booking_page *page;
    const struct object_id *user_id;   /* NULL: anybody's */
    const struct booking_range *range; /* NULL: any id */
};

struct listed {
    struct booking booking;
    int64_t sequence;
    size_t index;
};

struct listing {
    struct listed *items; /* owned */
    size_t n_items;
    struct error corrupt; /* of entries that are left out */
};

static void listing_clear(struct listing *listing)
{
    memory_free(listing->items);
}

static bool is_wanted(const struct wanted *wanted, const struct ledger_booking *booking)
{
    if (wanted->user_id && !object_id_equal(wanted->user_id, &booking->user_id))
        return false;
    return !wanted->range || (object_id_compare(&wanted->range->first, &booking->id) <= 0 &&
                              object_id_compare(&booking->id, &wanted->range->last) <= 0);
}

/* Where @entry is read from: its start, unless the page begins within it. */
static size_t first_index(const struct booking_page *page, const struct ledger_entry *entry)
{
    bool is_first = page->sequence == entry->key.sequence &&
                    object_id_equal(&page->event_id, &entry->key.event_id);

    return is_first ? page->index : 0;
}

static bool list_entry(const bson_t *document, const struct wanted *wanted, struct listing *listing,
                       struct error *error)
{
    CLEANUP(ledger_entry_clear) struct ledger_entry entry = {0};

    if (!mongo_entry_read_batch(document, &entry, error))
        return false;
    for (size_t i = first_index(wanted->page, &entry);
         i < entry.n_bookings && listing->n_items < wanted->page->limit; i++) {
        const struct ledger_booking *booking = &entry.bookings[i];

        if (!is_wanted(wanted, booking))
            continue;
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

static bool list_entries(const struct mongo_pool *pool, const bson_t *filter, const char *options,
                         const struct wanted *wanted, struct listing *listing, struct error *error)
{
    CLEANUP(bson_destroyp) bson_t *how = mongo_json(options);
    CLEANUP(mongo_cursor_close) struct mongo_cursor cursor = {0};
    const bson_t *document;

    if (!mongo_find(pool, MONGO_LEDGER, filter, how, &cursor, error))
        return false;
    while (listing->n_items < wanted->page->limit && mongo_cursor_next(&cursor, &document)) {
        struct error cause = {0};

        if (list_entry(document, wanted, listing, &cause))
            continue;
        *(cause.code == ERROR_CORRUPT ? &listing->corrupt : error) = cause;
        if (cause.code != ERROR_CORRUPT)
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

/* The bookings that @wanted asks for, of the entries that fit @filter: listing_clear(). */
static bool list(const struct mongo_pool *pool, const bson_t *filter, const char *options,
                 const struct wanted *wanted, struct listing *listing, struct error *error)
{
    listing->items = memory_array(wanted->page->limit, sizeof(*listing->items), error);
    return listing->items && list_entries(pool, filter, options, wanted, listing, error) &&
           add_cancelled(pool, listing, error);
}

static bool tell_corrupt(const struct listing *listing, struct error *error)
{
    return listing->corrupt.code == ERROR_NONE ||
           error_set(error, listing->corrupt.code, "%s", listing->corrupt.text);
}

static bool visit_all(const struct listing *listing, booking_visit *visit, void *context,
                      struct error *error)
{
    for (size_t i = 0; i < listing->n_items; i++) {
        const struct listed *item = &listing->items[i];

        if (!visit(context, &item->booking, item->sequence, item->index, error))
            return false;
    }
    return tell_corrupt(listing, error);
}

bool mongo_ledger_bookings(struct ledger_store *store, const struct booking_page *page,
                           booking_visit *visit, void *context, struct error *error)
{
    const struct wanted wanted = {.page = page};
    CLEANUP(bson_destroy) bson_t filter = BSON_INITIALIZER;
    CLEANUP(listing_clear) struct listing listing = {0};

    mongo_append_key_range(&filter, &page->event_id, page->sequence);
    return list(mongo_ledger_pool(store, MONGO_REQUESTS), &filter, by_key, &wanted, &listing,
                error) &&
           visit_all(&listing, visit, context, error);
}

bool mongo_ledger_bookings_of(struct ledger_store *store, const struct object_id *user_id,
                              const struct booking_page *page, booking_visit *visit, void *context,
                              struct error *error)
{
    const struct wanted wanted = {.page = page, .user_id = user_id};
    CLEANUP(bson_destroy) bson_t filter = BSON_INITIALIZER;
    CLEANUP(listing_clear) struct listing listing = {0};
    bson_t from;

    mongo_append_id(&filter, "b.u", user_id);
    BSON_APPEND_DOCUMENT_BEGIN(&filter, "_id", &from);
    mongo_append_key(&from, "$gte", &page->event_id, page->sequence);
    bson_append_document_end(&filter, &from);
    return list(mongo_ledger_pool(store, MONGO_REQUESTS), &filter, by_user, &wanted, &listing,
                error) &&
           visit_all(&listing, visit, context, error);
}

/*
 * Both ends must hold for the same booking, which only $elemMatch says of an array; the member beside
 * it is there for the server to see that the partial index has all that fits.
 */
static void append_range(bson_t *filter, const struct booking_range *range)
{
    bson_t one;
    bson_t fitting;
    bson_t bounds;

    BSON_APPEND_DOCUMENT_BEGIN(filter, "b", &one);
    BSON_APPEND_DOCUMENT_BEGIN(&one, "$elemMatch", &fitting);
    BSON_APPEND_DOCUMENT_BEGIN(&fitting, "id", &bounds);
    mongo_append_id(&bounds, "$gte", &range->first);
    mongo_append_id(&bounds, "$lte", &range->last);
    bson_append_document_end(&fitting, &bounds);
    bson_append_document_end(&one, &fitting);
    bson_append_document_end(filter, &one);

    BSON_APPEND_DOCUMENT_BEGIN(filter, "b.id", &bounds);
    BSON_APPEND_BOOL(&bounds, "$exists", true);
    bson_append_document_end(filter, &bounds);
}

bool mongo_ledger_bookings_between(struct ledger_store *store, const struct booking_range *range,
                                   struct booking *bookings, size_t n_max, size_t *n_bookings,
                                   struct error *error)
{
    const struct booking_page page = {.event_id = range->event_id, .limit = n_max};
    const struct wanted wanted = {.page = &page, .range = range};
    CLEANUP(bson_destroy) bson_t filter = BSON_INITIALIZER;
    CLEANUP(listing_clear) struct listing listing = {0};

    append_range(&filter, range);
    mongo_append_key_range(&filter, &range->event_id, 0);
    if (!list(mongo_ledger_pool(store, MONGO_REQUESTS), &filter, by_id, &wanted, &listing, error) ||
        !tell_corrupt(&listing, error))
        return false;
    for (size_t i = 0; i < listing.n_items; i++)
        bookings[i] = listing.items[i].booking;
    *n_bookings = listing.n_items;
    return true;
}
