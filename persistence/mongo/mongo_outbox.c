#include "persistence/mongo/mongo_catalogue.h"

#include "persistence/mongo/mongo_documents.h"
#include "persistence/mongo/mongo_members.h"
#include "persistence/mongo/mongo_scan.h"

#include <stdlib.h>

/* A document is in the index while it has a message; its place is that of its oldest one. */
static const char waits[] = "{\"outbox.at\": {\"$exists\": true}}";

static const struct mongo_index indexes[] = {
    {MONGO_EVENTS, "unpublished", "{\"outbox.at\": 1}", false, waits},
    {MONGO_LOCATIONS, "unpublished", "{\"outbox.at\": 1}", false, waits},
};

const char *mongo_collection_of(enum outbox_kind kind)
{
    static const char *const collections[] = {
        [OUTBOX_EVENT] = MONGO_EVENTS, [OUTBOX_LOCATION] = MONGO_LOCATIONS};

    return collections[kind];
}

bool mongo_outbox_prepare(const struct mongo_pool *pool, struct error *error)
{
    return mongo_indexes_make(pool, indexes, ARRAY_SIZE(indexes), error);
}

/* ---- reading ---- */

/*
 * Until the list is @n_enough long: each document may have many messages. One corrupt document must not keep
 * the others back, so its error is left in @corrupt.
 */
static bool read_outboxes(struct mongo_cursor *cursor, enum outbox_kind kind, size_t n_enough,
                          struct outbox_list *list, struct error *corrupt, struct error *error)
{
    const bson_t *document;

    while (list->n_messages < n_enough && mongo_cursor_next(cursor, &document)) {
        if (!mongo_outbox_read(document, kind, list, corrupt) && corrupt->code != ERROR_CORRUPT) {
            *error = *corrupt;
            return false;
        }
    }
    return mongo_cursor_check(cursor, error);
}

static bool read_collection(const struct mongo_pool *pool, enum outbox_kind kind, size_t limit,
                            struct outbox_list *list, struct error *corrupt, struct error *error)
{
    CLEANUP(bson_destroyp) bson_t *filter = mongo_json(waits);
    CLEANUP(bson_destroyp)
    bson_t *options = mongo_json("{\"sort\": {\"outbox.at\": 1}, \"projection\": {\"outbox\": 1}}");
    CLEANUP(mongo_cursor_close) struct mongo_cursor cursor = {0};
    const size_t n_enough = list->n_messages + limit;
    int64_t skip;

    if (!mongo_random_skip(pool, mongo_collection_of(kind), filter, limit, &skip, error))
        return false;
    BSON_APPEND_INT64(options, "skip", skip);
    BSON_APPEND_INT64(options, "limit", (int64_t)limit);
    return mongo_find(pool, mongo_collection_of(kind), filter, options, &cursor, error) &&
           read_outboxes(&cursor, kind, n_enough, list, corrupt, error);
}

static int compare_numbers(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

/* By age; of one moment, locations before the events that may be held there, then by version. */
static int compare_messages(const void *a, const void *b)
{
    const struct outbox_message *left = a;
    const struct outbox_message *right = b;
    int order = compare_numbers(left->time_ms, right->time_ms);

    if (order == 0)
        order = compare_numbers(right->kind, left->kind);
    if (order == 0)
        order = object_id_compare(&left->subject, &right->subject);
    return order ? order : compare_numbers(left->version, right->version);
}

bool mongo_catalogue_unpublished(struct catalogue_store *store, size_t limit, outbox_visit *visit,
                                 void *context, struct error *error)
{
    const struct mongo_pool *pool = mongo_catalogue_pool(store, MONGO_COMMITS);
    CLEANUP(outbox_list_clear) struct outbox_list list = {0};
    struct error corrupt = {0};

    if (!read_collection(pool, OUTBOX_LOCATION, limit, &list, &corrupt, error) ||
        !read_collection(pool, OUTBOX_EVENT, limit, &list, &corrupt, error))
        return false;
    if (list.n_messages > 0)
        qsort(list.messages, list.n_messages, sizeof(*list.messages), compare_messages);
    for (size_t i = 0; i < list.n_messages && i < limit; i++) {
        if (!visit(context, &list.messages[i], error))
            return false;
    }
    return corrupt.code == ERROR_NONE || error_set(error, corrupt.code, "%s", corrupt.text);
}

/* ---- what was said, waiting or not ---- */

bool mongo_catalogue_said(struct catalogue_store *store, const struct catalogue_scan *scan,
                          outbox_visit *visit, void *context, struct error *error)
{
    const enum outbox_kind kind = scan->kind == CATALOGUE_EVENT ? OUTBOX_EVENT : OUTBOX_LOCATION;
    CLEANUP(bson_destroy) bson_t filter = BSON_INITIALIZER;
    CLEANUP(bson_destroyp)
    bson_t *options =
        mongo_json("{\"sort\": {\"_id\": 1}, \"projection\": {\"said\": 1, \"version\": 1}}");
    CLEANUP(mongo_cursor_close) struct mongo_cursor cursor = {0};
    const bson_t *document;

    mongo_append_scan(&filter, scan);
    BSON_APPEND_INT64(options, "limit", (int64_t)scan->limit);
    if (!mongo_find(mongo_catalogue_pool(store, MONGO_COMMITS), mongo_collection_of(kind), &filter,
                    options, &cursor, error))
        return false;
    while (mongo_cursor_next(&cursor, &document)) {
        CLEANUP(outbox_message_clear) struct outbox_message message = {0};

        if (!mongo_said_read(document, kind, &message, error) || !visit(context, &message, error))
            return false;
    }
    return mongo_cursor_check(&cursor, error);
}

/* ---- marking ---- */

static void add_pull(struct mongo_bulk *bulk, const struct outbox_message *message)
{
    CLEANUP(bson_destroy) bson_t filter = BSON_INITIALIZER;
    CLEANUP(bson_destroy) bson_t update = BSON_INITIALIZER;
    bson_t pull;
    bson_t item;

    mongo_append_id(&filter, "_id", &message->subject);
    BSON_APPEND_DOCUMENT_BEGIN(&update, "$pull", &pull);
    BSON_APPEND_DOCUMENT_BEGIN(&pull, "outbox", &item);
    BSON_APPEND_INT64(&item, "v", message->version);
    bson_append_document_end(&pull, &item);
    bson_append_document_end(&update, &pull);
    mongo_bulk_update(bulk, &filter, &update);
}

/* Mark what is of @kind among some messages. */
static bool mark_kind(const struct mongo_pool *pool, enum outbox_kind kind,
                      const struct outbox_message *const messages[], size_t n_messages,
                      struct error *error)
{
    CLEANUP(mongo_bulk_close) struct mongo_bulk bulk = {0};

    if (!mongo_bulk_open(pool, mongo_collection_of(kind), &bulk, error))
        return false;
    for (size_t i = 0; i < n_messages; i++) {
        if (messages[i]->kind == kind)
            add_pull(&bulk, messages[i]);
    }
    return bulk.n_writes == 0 || mongo_bulk_commit(&bulk, error);
}

bool mongo_catalogue_mark(struct catalogue_store *store,
                          const struct outbox_message *const messages[], size_t n_messages,
                          struct error *error)
{
    const struct mongo_pool *pool = mongo_catalogue_pool(store, MONGO_COMMITS);
    size_t n;

    for (size_t first = 0; first < n_messages; first += n) {
        n = n_messages - first < MONGO_BULK_MAX ? n_messages - first : MONGO_BULK_MAX;
        if (!mark_kind(pool, OUTBOX_EVENT, messages + first, n, error) ||
            !mark_kind(pool, OUTBOX_LOCATION, messages + first, n, error))
            return false;
    }
    return true;
}
