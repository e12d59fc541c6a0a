#include "persistence/mongo/mongo_catalogue.h"

#include "persistence/mongo/mongo_collections.h"
#include "persistence/mongo/mongo_documents.h"
#include "persistence/mongo/mongo_events.h"
#include "persistence/mongo/mongo_members.h"
#include "persistence/mongo/mongo_scan.h"

static const struct mongo_event_source source = {
    .events = MONGO_EVENTS, .locations = MONGO_LOCATIONS, .sales = MONGO_SALES};

static const struct mongo_index indexes[] = {
    {MONGO_LOCATIONS, "by_name", "{\"name\": 1, \"_id\": 1}", false, "{\"removed\": false}"},
};

static bool mongo_catalogue_prepare(struct catalogue_store *store, struct error *error)
{
    const struct mongo_pool *pool = mongo_catalogue_pool(store, MONGO_COMMITS);

    return mongo_events_prepare(pool, MONGO_EVENTS, error) &&
           mongo_indexes_make(pool, indexes, ARRAY_SIZE(indexes), error) &&
           mongo_outbox_prepare(pool, error) && mongo_keys_prepare(pool, error) &&
           mongo_collection_make(pool, MONGO_SALES, error);
}

static bool mongo_catalogue_sales_generation(struct catalogue_store *store, uint64_t *generation,
                                             struct error *error)
{
    static const char *const names[] = {MONGO_SALES};
    const struct mongo_pool *pool = mongo_catalogue_pool(store, MONGO_COMMITS);

    return mongo_collection_make(pool, MONGO_SALES, error) &&
           mongo_collections_generation(pool, names, ARRAY_SIZE(names), generation, error);
}

/* ---- inserting ---- */

static bool mongo_catalogue_insert_event(struct catalogue_store *store, const struct event *event,
                                         const struct catalogue_key *key,
                                         const struct outbox_message *message, struct error *error)
{
    CLEANUP(bson_destroy) bson_t document = BSON_INITIALIZER;
    const struct mongo_news news = {.key = key, .message = message};

    mongo_event_append(&document, event);
    return mongo_insert_settled(mongo_catalogue_pool(store, MONGO_REQUESTS), MONGO_EVENTS,
                                &document, &news, error);
}

static bool mongo_catalogue_insert_location(struct catalogue_store *store,
                                            const struct location *location,
                                            const struct catalogue_key *key,
                                            const struct outbox_message *message,
                                            struct error *error)
{
    CLEANUP(bson_destroy) bson_t document = BSON_INITIALIZER;
    const struct mongo_news news = {.key = key, .message = message};

    mongo_location_append(&document, location);
    return mongo_insert_settled(mongo_catalogue_pool(store, MONGO_REQUESTS), MONGO_LOCATIONS,
                                &document, &news, error);
}

/* ---- reading ---- */

/* Of a removed one the catalogue says no more than that it is not there. */
static bool mongo_catalogue_event(struct catalogue_store *store, const struct object_id *id,
                                  struct event_view *view, struct error *error)
{
    struct error cause = {0};

    if (mongo_events_one(mongo_catalogue_pool(store, MONGO_REQUESTS), &source, id, view, NULL,
                         &cause))
        return true;
    return error_set(error, cause.code == ERROR_GONE ? ERROR_NOT_FOUND : cause.code, "%s",
                     cause.text);
}

static bool mongo_catalogue_events(struct catalogue_store *store, const struct event_page *page,
                                   event_visit *visit, void *context, struct error *error)
{
    const struct mongo_event_visitor visitor = {.visit = visit, .context = context};

    return mongo_events_page(mongo_catalogue_pool(store, MONGO_REQUESTS), &source, page, &visitor,
                             error);
}

static bool mongo_catalogue_location(struct catalogue_store *store, const struct object_id *id,
                                     struct location *location, struct error *error)
{
    CLEANUP(bson_destroy) bson_t filter = BSON_INITIALIZER;
    CLEANUP(mongo_cursor_close) struct mongo_cursor cursor = {0};
    const bson_t *document;

    mongo_append_id(&filter, "_id", id);
    BSON_APPEND_BOOL(&filter, "removed", false);
    if (!mongo_find(mongo_catalogue_pool(store, MONGO_REQUESTS), MONGO_LOCATIONS, &filter, NULL,
                    &cursor, error))
        return false;
    if (mongo_cursor_next(&cursor, &document))
        return mongo_location_read(document, location, error);
    return mongo_cursor_check(&cursor, error) &&
           error_set(error, ERROR_NOT_FOUND, "there is no location %s", object_id_hex(id).text);
}

/* Only ids of our kind are within the range, so that each step comes nearer to its end. */
static void append_location_page(bson_t *filter, const struct location_page *page)
{
    bson_t range;

    BSON_APPEND_BOOL(filter, "removed", false);
    if (page->name)
        BSON_APPEND_UTF8(filter, "name", page->name);
    BSON_APPEND_DOCUMENT_BEGIN(filter, "_id", &range);
    mongo_append_id(&range, page->has_after ? "$gt" : "$gte", &page->after_id);
    bson_append_document_end(filter, &range);
}

/* Who is told of each location, and what is wrong with those that are left out. */
struct location_visitor {
    location_visit *visit;
    void *context;
    struct error corrupt;
};

/* @page moves on behind the location; the number of those wanted sinks when it is shown. */
static bool visit_location(const bson_t *document, struct location_visitor *visitor,
                           struct location_page *page, struct error *error)
{
    CLEANUP(location_clear) struct location location = {0};
    struct error cause = {0};

    if (!mongo_document_id(document, &page->after_id, error))
        return false;
    page->has_after = true;
    if (!mongo_location_read(document, &location, &cause)) {
        *(cause.code == ERROR_CORRUPT ? &visitor->corrupt : error) = cause;
        return cause.code == ERROR_CORRUPT;
    }
    page->limit--;
    return visitor->visit(visitor->context, &location, error);
}

/* The next few locations of @page; its limit becomes 0 at the end. */
static bool visit_locations(const struct mongo_pool *pool, struct location_visitor *visitor,
                            struct location_page *page, struct error *error)
{
    CLEANUP(bson_destroy) bson_t filter = BSON_INITIALIZER;
    CLEANUP(bson_destroyp) bson_t *options = mongo_json("{\"sort\": {\"_id\": 1}}");
    CLEANUP(mongo_cursor_close) struct mongo_cursor cursor = {0};
    const size_t limit = page->limit;
    const bson_t *document;
    size_t n_found = 0;

    append_location_page(&filter, page);
    BSON_APPEND_INT64(options, "limit", (int64_t)limit);
    if (!mongo_find(pool, MONGO_LOCATIONS, &filter, options, &cursor, error))
        return false;
    for (; mongo_cursor_next(&cursor, &document); n_found++) {
        if (!visit_location(document, visitor, page, error))
            return false;
    }
    if (n_found < limit)
        page->limit = 0;
    return mongo_cursor_check(&cursor, error);
}

static bool mongo_catalogue_locations(struct catalogue_store *store,
                                      const struct location_page *page, location_visit *visit,
                                      void *context, struct error *error)
{
    struct location_visitor visitor = {.visit = visit, .context = context};
    struct location_page rest = *page;

    while (rest.limit > 0) {
        if (!visit_locations(mongo_catalogue_pool(store, MONGO_REQUESTS), &visitor, &rest, error))
            return false;
    }
    return visitor.corrupt.code == ERROR_NONE ||
           error_set(error, visitor.corrupt.code, "%s", visitor.corrupt.text);
}

static bool mongo_catalogue_scan(struct catalogue_store *store, const struct catalogue_scan *scan,
                                 catalogue_item_visit *visit, void *context, struct error *error)
{
    const struct mongo_item_visitor visitor = {.visit = visit, .context = context};
    const char *collection = scan->kind == CATALOGUE_EVENT ? MONGO_EVENTS : MONGO_LOCATIONS;

    return mongo_scan(mongo_catalogue_pool(store, MONGO_COMMITS), collection, scan, &visitor,
                      error);
}

const struct catalogue_store_ops mongo_catalogue_ops = {
    .prepare = mongo_catalogue_prepare,
    .insert_event = mongo_catalogue_insert_event,
    .insert_location = mongo_catalogue_insert_location,
    .find_key = mongo_catalogue_find_key,
    .change_event = mongo_catalogue_change_event,
    .change_location = mongo_catalogue_change_location,
    .remove = mongo_catalogue_remove,
    .event = mongo_catalogue_event,
    .location = mongo_catalogue_location,
    .events = mongo_catalogue_events,
    .locations = mongo_catalogue_locations,
    .scan = mongo_catalogue_scan,
    .said = mongo_catalogue_said,
    .sales_generation = mongo_catalogue_sales_generation,
    .hear_sales = mongo_catalogue_hear_sales,
    .unpublished = mongo_catalogue_unpublished,
    .mark = mongo_catalogue_mark,
};
