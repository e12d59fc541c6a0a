#include "persistence/mongo/mongo_scan.h"

#include "persistence/mongo/mongo_documents.h"
#include "persistence/mongo/mongo_members.h"

#include <stdio.h>

/* What the copy of a document never has. */
static const char order[] = "{\"sort\": {\"_id\": 1}, \"projection\": "
                            "{\"w\": 0, \"outbox\": 0, \"key\": 0, \"said\": 0}}";

void mongo_append_scan(bson_t *filter, const struct catalogue_scan *scan)
{
    static const struct object_id lowest = {{0}};
    bson_t range;

    if (scan->only) {
        mongo_append_id(filter, "_id", scan->only);
        return;
    }
    BSON_APPEND_DOCUMENT_BEGIN(filter, "_id", &range);
    mongo_append_id(&range, scan->has_after ? "$gt" : "$gte",
                    scan->has_after ? &scan->after : &lowest);
    bson_append_document_end(filter, &range);
}

/* Version and tombstone, which no reader of the whole document needs. */
static bool read_life(const bson_t *document, struct catalogue_item *item, struct error *error)
{
    bson_iter_t found;

    if (!bson_iter_init_find(&found, document, "removed") || !BSON_ITER_HOLDS_BOOL(&found))
        return error_set(error, ERROR_CORRUPT, "member removed is not what it may be");
    item->removed = bson_iter_bool(&found);
    if (!bson_iter_init_find(&found, document, "version") || !BSON_ITER_HOLDS_INT(&found))
        return error_set(error, ERROR_CORRUPT, "member version is not what it may be");
    item->version = bson_iter_as_int64(&found);
    return true;
}

static bool read_state(const bson_t *document, struct catalogue_item *item, struct error *error)
{
    if (!read_life(document, item, error))
        return false;
    if (item->removed)
        return true;
    return item->kind == CATALOGUE_EVENT ? mongo_event_read(document, &item->event, error)
                                         : mongo_location_read(document, &item->location, error);
}

/* A document that breaks its rules is no reason to see nothing of the others. */
static bool visit_document(const bson_t *document, enum catalogue_kind kind,
                           const struct mongo_item_visitor *visitor, struct error *error)
{
    CLEANUP(catalogue_item_clear) struct catalogue_item item = {.kind = kind};
    struct error flaw = {0};

    if (!mongo_document_id(document, &item.id, error))
        return false;
    if (!read_state(document, &item, &flaw)) {
        if (flaw.code != ERROR_CORRUPT) {
            *error = flaw;
            return false;
        }
        snprintf(item.flaw, sizeof(item.flaw), "%s", flaw.text);
    }
    return visitor->visit(visitor->context, &item, error);
}

bool mongo_scan(const struct mongo_pool *pool, const char *collection,
                const struct catalogue_scan *scan, const struct mongo_item_visitor *visitor,
                struct error *error)
{
    CLEANUP(bson_destroy) bson_t filter = BSON_INITIALIZER;
    CLEANUP(bson_destroyp) bson_t *options = mongo_json(order);
    CLEANUP(mongo_cursor_close) struct mongo_cursor cursor = {0};
    const bson_t *document;

    mongo_append_scan(&filter, scan);
    BSON_APPEND_INT64(options, "limit", (int64_t)scan->limit);
    if (!mongo_find(pool, collection, &filter, options, &cursor, error))
        return false;
    while (mongo_cursor_next(&cursor, &document)) {
        if (!visit_document(document, scan->kind, visitor, error))
            return false;
    }
    return mongo_cursor_check(&cursor, error);
}
