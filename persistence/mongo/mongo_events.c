#include "persistence/mongo/mongo_events.h"

#include "persistence/mongo/mongo_documents.h"
#include "persistence/mongo/mongo_entry.h"
#include "persistence/mongo/mongo_joined.h"
#include "persistence/mongo/mongo_ledger.h"
#include "persistence/mongo/mongo_members.h"

static const struct mongo_index page_indexes[] = {
    {NULL, "in_order", "{\"start\": 1, \"_id\": 1}", false, "{\"removed\": false}"},
    {NULL, "by_name", "{\"name\": 1, \"start\": 1, \"_id\": 1}", false, "{\"removed\": false}"},
    {NULL, "by_location", "{\"location_id\": 1, \"start\": 1, \"_id\": 1}", false,
     "{\"removed\": false}"},
};

bool mongo_events_prepare(const struct mongo_pool *pool, const char *collection,
                          struct error *error)
{
    struct mongo_index indexes[ARRAY_SIZE(page_indexes)];

    for (size_t i = 0; i < ARRAY_SIZE(indexes); i++) {
        indexes[i] = page_indexes[i];
        indexes[i].collection = collection;
    }
    return mongo_indexes_make(pool, indexes, ARRAY_SIZE(indexes), error);
}

/* ---- one ---- */

/* The names under which the one event has beside it what belongs to it. */
#define ITS_LOCATION "_location"
#define ITS_SALE "_sale"

static void append_beside(bson_t *stages, const char *key, const char *from, const char *by,
                          const char *as)
{
    BCON_APPEND(stages, key, "{", "$lookup", "{", "from", from, "localField", by, "foreignField",
                "_id", "as", as, "}", "}");
}

static void append_one(bson_t *pipeline, const struct mongo_event_source *source,
                       const struct object_id *id, bool with_head)
{
    CLEANUP(bson_destroy) bson_t filter = BSON_INITIALIZER;
    bson_t stages;

    mongo_append_id(&filter, "_id", id);
    BSON_APPEND_ARRAY_BEGIN(pipeline, "pipeline", &stages);
    BCON_APPEND(&stages, "0", "{", "$match", BCON_DOCUMENT(&filter), "}");
    append_beside(&stages, "1", source->locations, "location_id", ITS_LOCATION);
    if (source->sales)
        append_beside(&stages, "2", source->sales, "_id", ITS_SALE);
    if (with_head)
        mongo_ledger_append_head(&stages, "3", id);
    bson_append_array_end(pipeline, &stages);
}

/* False when nothing stands beside @document under @name. */
static bool find_beside(const bson_t *document, const char *name, bson_t *beside)
{
    const uint8_t *data;
    uint32_t size_bytes;
    bson_iter_t array;
    bson_iter_t first;

    if (!bson_iter_init_find(&array, document, name) || !BSON_ITER_HOLDS_ARRAY(&array) ||
        !bson_iter_recurse(&array, &first) || !bson_iter_next(&first) ||
        !BSON_ITER_HOLDS_DOCUMENT(&first))
        return false;
    bson_iter_document(&first, &size_bytes, &data);
    return bson_init_static(beside, data, size_bytes);
}

static bool read_one(const bson_t *document, struct event_view *view, struct error *error)
{
    struct event_view made = {0};
    bson_t sale;
    bson_t location;
    bool has_sale = find_beside(document, ITS_SALE, &sale);
    bool has_location =
        find_beside(document, ITS_LOCATION, &location) && !mongo_document_is_bare(&location);

    if (!mongo_event_read(document, &made.event, error) ||
        !mongo_view_add(&made, has_sale ? &sale : NULL, has_location ? &location : NULL, error))
        return false;
    *view = made;
    return true;
}

/* The event's `_id` is an id, that of an entry names the event and a number. */
static bool is_entry(const bson_t *document)
{
    bson_iter_t iter;

    return bson_iter_init_find(&iter, document, "_id") && BSON_ITER_HOLDS_DOCUMENT(&iter);
}

/* Of what was found, the event first and the head behind it. */
static bool read_found(struct mongo_cursor *cursor, const struct object_id *id,
                       struct event_view *view, struct ledger_head *head, struct error *error)
{
    CLEANUP(event_view_clear) struct event_view made = {0};
    struct ledger_head last = {0};
    const bson_t *document;

    if (!mongo_cursor_next(cursor, &document) || is_entry(document))
        return mongo_cursor_check(cursor, error) &&
               error_set(error, ERROR_NOT_FOUND, "there is no event %s", object_id_hex(id).text);
    if (mongo_document_is_removed(document))
        return error_set(error, ERROR_GONE, "event %s was removed", object_id_hex(id).text);
    if (!read_one(document, &made, error))
        return false;
    if (mongo_cursor_next(cursor, &document) && !mongo_entry_read_head(document, &last, error))
        return false;
    if (!mongo_cursor_check(cursor, error))
        return false;
    *view = made;
    made = (struct event_view){0};
    if (head)
        *head = last;
    return true;
}

/* One question, although it costs the database as much as two: it is asked for every look at an event. */
bool mongo_events_one(const struct mongo_pool *pool, const struct mongo_event_source *source,
                      const struct object_id *id, struct event_view *view, struct ledger_head *head,
                      struct error *error)
{
    CLEANUP(bson_destroy) bson_t pipeline = BSON_INITIALIZER;
    CLEANUP(mongo_cursor_close) struct mongo_cursor cursor = {0};

    append_one(&pipeline, source, id, head != NULL);
    return mongo_aggregate(pool, source->events, &pipeline, &cursor, error) &&
           read_found(&cursor, id, view, head, error);
}

/* ---- some ---- */

/* Those before it were visited. */
static bool tell_corrupt(const struct error *corrupt, struct error *error)
{
    return corrupt->code == ERROR_NONE || error_set(error, corrupt->code, "%s", corrupt->text);
}

static bool read_some(const struct mongo_pool *pool, const char *collection,
                      const struct object_id *ids, struct mongo_joined *joined, struct error *error)
{
    CLEANUP(bson_destroy) bson_t filter = BSON_INITIALIZER;
    CLEANUP(mongo_cursor_close) struct mongo_cursor cursor = {0};

    mongo_append_in(&filter, "_id", ids, joined->n_max);
    BSON_APPEND_BOOL(&filter, "removed", false);
    return mongo_find(pool, collection, &filter, NULL, &cursor, error) &&
           mongo_joined_read(joined, &cursor, error);
}

static bool visit_in_order(struct mongo_joined *joined, const struct object_id *ids,
                           const struct mongo_event_visitor *visitor, struct error *error)
{
    for (size_t i = 0; i < joined->n_max; i++) {
        for (size_t place = 0; place < joined->n_events; place++) {
            if (object_id_equal(&joined->events[place].id, &ids[i]) &&
                !mongo_joined_visit(joined, place, visitor, error))
                return false;
        }
    }
    return true;
}

bool mongo_events_some(const struct mongo_pool *pool, const struct mongo_event_source *source,
                       const struct object_id *ids, size_t n_ids,
                       const struct mongo_event_visitor *visitor, struct error *error)
{
    struct error corrupt = {0};

    for (size_t first = 0; first < n_ids; first += MONGO_JOINED_MAX) {
        CLEANUP(mongo_joined_clear) struct mongo_joined joined = {.corrupt = &corrupt};
        size_t n = n_ids - first < MONGO_JOINED_MAX ? n_ids - first : MONGO_JOINED_MAX;

        if (!mongo_joined_make(&joined, n, error) ||
            !read_some(pool, source->events, &ids[first], &joined, error) ||
            !mongo_joined_join(pool, source, &joined, error) ||
            !visit_in_order(&joined, &ids[first], visitor, error))
            return false;
    }
    return tell_corrupt(&corrupt, error);
}

/* ---- pages ---- */

static void append_bound(bson_t *range, const char *operator, const int64_t * bound)
{
    if (bound)
        BSON_APPEND_INT64(range, operator, * bound);
}

/* What every event of the page has to fulfil, but for its start. */
static void append_common(bson_t *filter, const struct event_page *page)
{
    BSON_APPEND_BOOL(filter, "removed", false);
    if (page->name)
        BSON_APPEND_UTF8(filter, "name", page->name);
    if (page->location_id)
        mongo_append_id(filter, "location_id", page->location_id);
}

static void append_start(bson_t *filter, const char *from, const int64_t *from_s,
                         const int64_t *to_s)
{
    bson_t range;

    if (!from_s && !to_s)
        return;
    BSON_APPEND_DOCUMENT_BEGIN(filter, "start", &range);
    append_bound(&range, from, from_s);
    append_bound(&range, "$lt", to_s);
    bson_append_document_end(filter, &range);
}

/* The same start and a higher id, or a later start: two ranges of one index, merged in order. */
static void append_after(bson_t *filter, const struct event_page *page)
{
    bson_t array;
    bson_t branch;
    bson_t higher;

    BSON_APPEND_ARRAY_BEGIN(filter, "$or", &array);
    BSON_APPEND_DOCUMENT_BEGIN(&array, "0", &branch);
    append_common(&branch, page);
    BSON_APPEND_INT64(&branch, "start", page->after_start_s);
    BSON_APPEND_DOCUMENT_BEGIN(&branch, "_id", &higher);
    mongo_append_id(&higher, "$gt", &page->after_id);
    bson_append_document_end(&branch, &higher);
    bson_append_document_end(&array, &branch);

    BSON_APPEND_DOCUMENT_BEGIN(&array, "1", &branch);
    append_common(&branch, page);
    append_start(&branch, "$gt", &page->after_start_s, page->to_s);
    bson_append_document_end(&array, &branch);
    bson_append_array_end(filter, &array);
}

static void append_page(bson_t *filter, const struct event_page *page)
{
    bool is_after_from = !page->from_s || page->after_start_s >= *page->from_s;

    if (page->has_after && is_after_from) {
        append_after(filter, page);
        return;
    }
    append_common(filter, page);
    append_start(filter, "$gte", page->from_s, page->to_s);
}

/* What is still to be visited of a page; nobody can begin behind what has no place, so that is skipped. */
struct rest {
    struct event_page page;
    size_t n_unplaced; /* found where it begins */
};

static bool read_rest(const struct mongo_pool *pool, const struct mongo_event_source *source,
                      const struct rest *rest, struct mongo_joined *joined, struct error *error)
{
    CLEANUP(bson_destroy) bson_t filter = BSON_INITIALIZER;
    CLEANUP(bson_destroyp) bson_t *options = mongo_json("{\"sort\": {\"start\": 1, \"_id\": 1}}");
    CLEANUP(mongo_cursor_close) struct mongo_cursor cursor = {0};

    append_page(&filter, &rest->page);
    BSON_APPEND_INT64(options, "skip", (int64_t)rest->n_unplaced);
    BSON_APPEND_INT64(options, "limit", (int64_t)joined->n_max);
    return mongo_find(pool, source->events, &filter, options, &cursor, error) &&
           mongo_joined_read(joined, &cursor, error);
}

static bool visit_all(struct mongo_joined *joined, const struct mongo_event_visitor *visitor,
                      struct error *error)
{
    for (size_t i = 0; i < joined->n_events; i++) {
        if (!mongo_joined_visit(joined, i, visitor, error))
            return false;
    }
    return true;
}

/* Behind what was found; the limit becomes 0 at the end. */
static void move_on(struct rest *rest, const struct mongo_joined *joined)
{
    struct event_page *page = &rest->page;

    page->limit = joined->n_found < joined->n_max ? 0 : page->limit - joined->n_visited;
    if (!joined->has_last) {
        rest->n_unplaced += joined->n_found;
        return;
    }
    rest->n_unplaced = 0;
    page->has_after = true;
    page->after_start_s = joined->last_start_s;
    page->after_id = joined->last_id;
}

/* The next few events of @rest, which moves on behind them. */
static bool visit_some(const struct mongo_pool *pool, const struct mongo_event_source *source,
                       struct rest *rest, const struct mongo_event_visitor *visitor,
                       struct error *corrupt, struct error *error)
{
    CLEANUP(mongo_joined_clear) struct mongo_joined joined = {.corrupt = corrupt};
    size_t limit = rest->page.limit < MONGO_JOINED_MAX ? rest->page.limit : MONGO_JOINED_MAX;

    if (!mongo_joined_make(&joined, limit, error) ||
        !read_rest(pool, source, rest, &joined, error) ||
        !mongo_joined_join(pool, source, &joined, error) || !visit_all(&joined, visitor, error))
        return false;
    move_on(rest, &joined);
    return true;
}

bool mongo_events_page(const struct mongo_pool *pool, const struct mongo_event_source *source,
                       const struct event_page *page, const struct mongo_event_visitor *visitor,
                       struct error *error)
{
    struct rest rest = {.page = *page};
    struct error corrupt = {0};

    if (page->has_after && page->to_s && page->after_start_s >= *page->to_s)
        return true;
    while (rest.page.limit > 0) {
        if (!visit_some(pool, source, &rest, visitor, &corrupt, error))
            return false;
    }
    return tell_corrupt(&corrupt, error);
}
