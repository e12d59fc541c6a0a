#include "persistence/mongo/mongo_database.h"
#include "persistence/mongo/mongo_members.h"

#include "base/random.h"

#include <assert.h>

bson_t *mongo_json(const char *json)
{
    bson_t *document = bson_new_from_json((const uint8_t *)json, -1, NULL);

    assert(document);
    return document;
}

void mongo_append_in(bson_t *filter, const char *name, const struct object_id *ids, size_t n_ids)
{
    const char *key;
    char digits[16];
    bson_t condition;
    bson_t array;

    BSON_APPEND_DOCUMENT_BEGIN(filter, name, &condition);
    BSON_APPEND_ARRAY_BEGIN(&condition, "$in", &array);
    for (size_t i = 0; i < n_ids; i++) {
        bson_uint32_to_string((uint32_t)i, &key, digits, sizeof(digits));
        mongo_append_id(&array, key, &ids[i]);
    }
    bson_append_array_end(&condition, &array);
    bson_append_document_end(filter, &condition);
}

/* ---- collections ---- */

bool mongo_collection_open(const struct mongo_pool *pool, const char *name,
                           struct mongo_collection *collection, struct error *error)
{
    mongoc_client_t *client = mongoc_client_pool_pop(pool->handle);

    if (!client)
        return error_set(error, ERROR_UNAVAILABLE, "no connection to the database became free");
    *collection = (struct mongo_collection){
        .pool = pool->handle,
        .client = client,
        .handle = mongoc_client_get_collection(client, pool->database, name),
    };
    return true;
}

void mongo_collection_close(struct mongo_collection *collection)
{
    if (!collection->client)
        return;
    mongoc_collection_destroy(collection->handle);
    mongoc_client_pool_push(collection->pool, collection->client);
    *collection = (struct mongo_collection){0};
}

/* ---- reading ---- */

/* In one reply, which the server ends at 16 MB; else it sends 101 at first. */
enum {
    BATCH_DOCUMENTS = 1024
};

bool mongo_find(const struct mongo_pool *pool, const char *collection, const bson_t *filter,
                const bson_t *options, struct mongo_cursor *cursor, struct error *error)
{
    if (!mongo_collection_open(pool, collection, &cursor->collection, error))
        return false;
    cursor->handle =
        mongoc_collection_find_with_opts(cursor->collection.handle, filter, options, NULL);
    if (!options || !bson_has_field(options, "batchSize"))
        mongoc_cursor_set_batch_size(cursor->handle, BATCH_DOCUMENTS);
    return true;
}

bool mongo_aggregate(const struct mongo_pool *pool, const char *collection, const bson_t *pipeline,
                     struct mongo_cursor *cursor, struct error *error)
{
    if (!mongo_collection_open(pool, collection, &cursor->collection, error))
        return false;
    cursor->handle = mongoc_collection_aggregate(cursor->collection.handle, MONGOC_QUERY_NONE,
                                                 pipeline, NULL, NULL);
    mongoc_cursor_set_batch_size(cursor->handle, BATCH_DOCUMENTS);
    return true;
}

bool mongo_cursor_next(struct mongo_cursor *cursor, const bson_t **document)
{
    return mongoc_cursor_next(cursor->handle, document);
}

bool mongo_cursor_check(struct mongo_cursor *cursor, struct error *error)
{
    bson_error_t cause = {0};

    return !mongoc_cursor_error(cursor->handle, &cause) || mongo_read_error(&cause, error);
}

void mongo_cursor_close(struct mongo_cursor *cursor)
{
    if (cursor->handle)
        mongoc_cursor_destroy(cursor->handle);
    mongo_collection_close(&cursor->collection);
    *cursor = (struct mongo_cursor){0};
}

/* ---- writing ---- */

bool mongo_bulk_open(const struct mongo_pool *pool, const char *collection, struct mongo_bulk *bulk,
                     struct error *error)
{
    CLEANUP(bson_destroy) bson_t options = BSON_INITIALIZER;

    if (!mongo_collection_open(pool, collection, &bulk->collection, error))
        return false;
    BSON_APPEND_BOOL(&options, "ordered", false);
    bulk->handle =
        mongoc_collection_create_bulk_operation_with_opts(bulk->collection.handle, &options);
    return true;
}

/* The driver refuses only what is no document or no update: our own mistake. */
static void added(struct mongo_bulk *bulk, bool ok)
{
    assert(ok && bulk->n_writes < MONGO_BULK_MAX);
    (void)ok;
    bulk->n_writes++;
}

void mongo_bulk_insert(struct mongo_bulk *bulk, const bson_t *document)
{
    added(bulk, mongoc_bulk_operation_insert_with_opts(bulk->handle, document, NULL, NULL));
}

void mongo_bulk_replace(struct mongo_bulk *bulk, const bson_t *filter, const bson_t *document)
{
    CLEANUP(bson_destroy) bson_t options = BSON_INITIALIZER;

    BSON_APPEND_BOOL(&options, "upsert", true);
    added(bulk, mongoc_bulk_operation_replace_one_with_opts(bulk->handle, filter, document,
                                                            &options, NULL));
}

void mongo_bulk_upsert(struct mongo_bulk *bulk, const bson_t *filter, const bson_t *update)
{
    CLEANUP(bson_destroy) bson_t options = BSON_INITIALIZER;

    BSON_APPEND_BOOL(&options, "upsert", true);
    added(bulk,
          mongoc_bulk_operation_update_one_with_opts(bulk->handle, filter, update, &options, NULL));
}

void mongo_bulk_update(struct mongo_bulk *bulk, const bson_t *filter, const bson_t *update)
{
    added(bulk,
          mongoc_bulk_operation_update_many_with_opts(bulk->handle, filter, update, NULL, NULL));
}

void mongo_bulk_remove(struct mongo_bulk *bulk, const bson_t *filter)
{
    added(bulk, mongoc_bulk_operation_remove_one_with_opts(bulk->handle, filter, NULL, NULL));
}

void mongo_bulk_execute(struct mongo_bulk *bulk, enum mongo_outcome *outcomes, bson_error_t *cause)
{
    CLEANUP(bson_destroy) bson_t reply;
    bool ok;

    *cause = (bson_error_t){0};
    ok = mongoc_bulk_operation_execute(bulk->handle, &reply, cause) != 0;
    mongo_outcomes_of(ok, &reply, cause, bulk->n_writes, outcomes);
}

bool mongo_bulk_commit(struct mongo_bulk *bulk, struct error *error)
{
    enum mongo_outcome outcomes[MONGO_BULK_MAX];
    bson_error_t cause;

    mongo_bulk_execute(bulk, outcomes, &cause);
    for (size_t i = 0; i < bulk->n_writes; i++) {
        if (outcomes[i] != MONGO_DONE)
            return mongo_write_error(outcomes[i], &cause, error);
    }
    return true;
}

void mongo_bulk_close(struct mongo_bulk *bulk)
{
    if (bulk->handle)
        mongoc_bulk_operation_destroy(bulk->handle);
    mongo_collection_close(&bulk->collection);
    *bulk = (struct mongo_bulk){0};
}

bool mongo_random_skip(const struct mongo_pool *pool, const char *collection, const bson_t *filter,
                       size_t limit, int64_t *skip, struct error *error)
{
    enum {
        WINDOW = 4
    }; /* a start is among the first so many times @limit */
    CLEANUP(mongo_collection_close) struct mongo_collection counted = {0};
    CLEANUP(bson_destroy) bson_t options = BSON_INITIALIZER;
    bson_error_t cause = {0};
    int64_t n;

    if (!mongo_collection_open(pool, collection, &counted, error))
        return false;
    BSON_APPEND_INT64(&options, "limit", (int64_t)limit * WINDOW);
    n = mongoc_collection_count_documents(counted.handle, filter, &options, NULL, NULL, &cause);
    if (n < 0)
        return mongo_read_error(&cause, error);
    n -= (int64_t)limit;
    *skip = n > 0 ? (int64_t)(random_u64() % ((uint64_t)n + 1)) : 0;
    return true;
}
