/* The index of words: `{_id: event, version, place, start, words: [...], removed}`. */
#include "persistence/mongo/mongo_database.h"
#include "persistence/mongo/mongo_events.h"
#include "persistence/mongo/mongo_members.h"
#include "persistence/mongo/mongo_rise.h"

#include "domain/limits.h"

#include <string.h>

#define MONGO_FOUND "found"

static const struct mongo_index indexes[] = {
    {MONGO_FOUND, "by_word", "{\"words\": 1, \"start\": 1, \"_id\": 1}", false,
     "{\"removed\": false}"},
    {MONGO_FOUND, "in_order", "{\"start\": 1, \"_id\": 1}", false, "{\"removed\": false}"},
};

static const struct mongo_member hit_members[] = {
    MONGO_MEMBER("_id", MONGO_ID, MONGO_WRITTEN, struct search_hit, event_id),
    MONGO_NUMBER("start", MONGO_INT64, MONGO_WRITTEN, struct search_hit, start_s, 0, -SECONDS_MAX,
                 SECONDS_MAX),
};
static const struct mongo_record hit_record = MONGO_RECORD(hit_members, struct search_hit);

static const struct mongo_pool *pool_of(struct search_store *store, enum mongo_use use)
{
    return &CONTAINER_OF(store, struct mongo_database, search)->pools[use];
}

static bool mongo_search_prepare(struct search_store *store, struct error *error)
{
    return mongo_indexes_make(pool_of(store, MONGO_COMMITS), indexes, ARRAY_SIZE(indexes), error);
}

/* ---- entries ---- */

static void append_words(bson_t *document, const char *name, const char *words)
{
    bson_t array;
    char key[16];
    const char *shown;

    BSON_APPEND_ARRAY_BEGIN(document, name, &array);
    for (uint32_t i = 0; *words; i++) {
        size_t length = strcspn(words, " ");
        size_t key_length = bson_uint32_to_string(i, &shown, key, sizeof(key));

        bson_append_utf8(&array, shown, (int)key_length, words, (int)length);
        words += length + (words[length] == ' ');
    }
    bson_append_array_end(document, &array);
}

static bson_t *document_of(const struct search_entry *entry)
{
    bson_t *document = bson_new();

    mongo_append_id(document, "_id", &entry->event_id);
    BSON_APPEND_INT64(document, "version", entry->event_version);
    BSON_APPEND_INT64(document, "place", entry->place_version);
    BSON_APPEND_BOOL(document, "removed", entry->removed);
    if (!entry->removed) {
        BSON_APPEND_INT64(document, "start", entry->start_s);
        append_words(document, "words", entry->words);
    }
    return document;
}

static bool mongo_search_put(struct search_store *store, const struct search_entry *entries,
                             size_t n_entries, struct error *error)
{
    CLEANUP(mongo_rise_list_clear) struct mongo_rise_list list = {0};

    if (!mongo_rise_list_make(&list, MONGO_FOUND, "version", n_entries, error))
        return false;
    list.minor = "place";
    for (size_t i = 0; i < n_entries; i++) {
        list.rises[i].id = entries[i].event_id;
        list.rises[i].number = entries[i].event_version;
        list.rises[i].minor = entries[i].place_version;
        list.rises[i].document = document_of(&entries[i]);
    }
    return mongo_rise(pool_of(store, MONGO_COMMITS), &list, error);
}

/* ---- finding ---- */

static void append_bound(bson_t *range, const char *comparison, const int64_t *bound)
{
    if (bound)
        BSON_APPEND_INT64(range, comparison, *bound);
}

/* What every event of the page has to fulfil; its start is above @from_s or, with "$gte", there. */
static void append_wanted(bson_t *filter, const struct search_page *page, const char *from,
                          const int64_t *from_s)
{
    bson_t members;

    BSON_APPEND_BOOL(filter, "removed", false);
    if (*page->words) {
        BSON_APPEND_DOCUMENT_BEGIN(filter, "words", &members);
        append_words(&members, "$all", page->words);
        bson_append_document_end(filter, &members);
    }
    if (!from_s && !page->to_s)
        return;
    BSON_APPEND_DOCUMENT_BEGIN(filter, "start", &members);
    append_bound(&members, from, from_s);
    append_bound(&members, "$lt", page->to_s);
    bson_append_document_end(filter, &members);
}

/* The same start and a higher id, or a later start: two ranges of one index, merged in order. */
static void append_after(bson_t *filter, const struct search_page *page)
{
    const struct search_page any_start = {.words = page->words};
    bson_t array;
    bson_t branch;
    bson_t higher;

    BSON_APPEND_ARRAY_BEGIN(filter, "$or", &array);
    BSON_APPEND_DOCUMENT_BEGIN(&array, "0", &branch);
    append_wanted(&branch, &any_start, NULL, NULL);
    BSON_APPEND_INT64(&branch, "start", page->after_start_s);
    BSON_APPEND_DOCUMENT_BEGIN(&branch, "_id", &higher);
    mongo_append_id(&higher, "$gt", &page->after_id);
    bson_append_document_end(&branch, &higher);
    bson_append_document_end(&array, &branch);

    BSON_APPEND_DOCUMENT_BEGIN(&array, "1", &branch);
    append_wanted(&branch, page, "$gt", &page->after_start_s);
    bson_append_document_end(&array, &branch);
    bson_append_array_end(filter, &array);
}

static void append_page(bson_t *filter, const struct search_page *page)
{
    bool is_after_from = !page->from_s || page->after_start_s >= *page->from_s;

    if (page->has_after && is_after_from)
        append_after(filter, page);
    else
        append_wanted(filter, page, "$gte", page->from_s);
}

static bool read_hit(const bson_t *document, struct search_hit *hit, struct error *error)
{
    bson_iter_t members;

    bson_iter_init(&members, document);
    return mongo_record_read(&members, &hit_record, hit, error) ||
           error_wrap(error, "entry of event %s", object_id_hex(&hit->event_id).text);
}

/* At most the limit of @page; the server stops looking at @n_asked, 0: when it is asked no more. */
static bool find_hits(const struct mongo_pool *pool, const struct search_page *page, size_t n_asked,
                      struct search_hit *hits, size_t *n_hits, struct error *error)
{
    CLEANUP(bson_destroy) bson_t filter = BSON_INITIALIZER;
    CLEANUP(bson_destroyp)
    bson_t *options =
        mongo_json("{\"sort\": {\"start\": 1, \"_id\": 1}, \"projection\": {\"start\": 1}}");
    CLEANUP(mongo_cursor_close) struct mongo_cursor cursor = {0};
    struct error corrupt = {0};
    const bson_t *document;
    size_t n = 0;

    append_page(&filter, page);
    BSON_APPEND_INT64(options, "limit", (int64_t)n_asked);
    if (!mongo_find(pool, MONGO_FOUND, &filter, options, &cursor, error))
        return false;
    while (n < page->limit && mongo_cursor_next(&cursor, &document))
        n += read_hit(document, &hits[n], &corrupt);
    if (!mongo_cursor_check(&cursor, error))
        return false;
    *n_hits = n;
    return corrupt.code == ERROR_NONE || error_set(error, corrupt.code, "%s", corrupt.text);
}

/* Others come in for damaged entries; without any, the cursor is used up and need not be closed. */
static bool mongo_search_find(struct search_store *store, const struct search_page *page,
                              struct search_hit *hits, size_t *n_hits, struct error *error)
{
    const struct mongo_pool *pool = pool_of(store, MONGO_REQUESTS);
    struct error cause = {0};

    if (page->has_after && page->to_s && page->after_start_s >= *page->to_s) {
        *n_hits = 0;
        return true;
    }
    if (find_hits(pool, page, page->limit, hits, n_hits, &cause))
        return true;
    if (cause.code == ERROR_CORRUPT)
        return find_hits(pool, page, 0, hits, n_hits, error);
    *error = cause;
    return false;
}

static bool mongo_search_events(struct search_store *store, const struct object_id *ids,
                                size_t n_ids, event_visit *visit, void *context,
                                struct error *error)
{
    const struct mongo_event_visitor visitor = {.visit = visit, .context = context};

    return mongo_events_some(pool_of(store, MONGO_REQUESTS), &mongo_copy_source, ids, n_ids,
                             &visitor, error);
}

const struct search_store_ops mongo_search_ops = {
    .prepare = mongo_search_prepare,
    .put = mongo_search_put,
    .find = mongo_search_find,
    .events = mongo_search_events,
};
