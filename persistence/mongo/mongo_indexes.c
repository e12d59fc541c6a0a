#include "persistence/mongo/mongo_database.h"

static void append_index(bson_t *document, const struct mongo_index *index)
{
    bson_t *keys = mongo_json(index->keys);

    BSON_APPEND_DOCUMENT(document, "key", keys);
    BSON_APPEND_UTF8(document, "name", index->name);
    BSON_APPEND_BOOL(document, "unique", index->is_unique);
    bson_destroy(keys);
    if (index->only) {
        bson_t *only = mongo_json(index->only);

        BSON_APPEND_DOCUMENT(document, "partialFilterExpression", only);
        bson_destroy(only);
    }
}

static bool make_index(const struct mongo_pool *pool, const struct mongo_index *index,
                       struct error *error)
{
    CLEANUP(mongo_collection_close) struct mongo_collection collection = {0};
    CLEANUP(bson_destroy) bson_t command = BSON_INITIALIZER;
    bson_error_t cause = {0};
    bson_t array;
    bson_t item;

    if (!mongo_collection_open(pool, index->collection, &collection, error))
        return false;
    BSON_APPEND_UTF8(&command, "createIndexes", index->collection);
    BSON_APPEND_ARRAY_BEGIN(&command, "indexes", &array);
    BSON_APPEND_DOCUMENT_BEGIN(&array, "0", &item);
    append_index(&item, index);
    bson_append_document_end(&array, &item);
    bson_append_array_end(&command, &array);
    return mongoc_client_write_command_with_opts(collection.client, pool->database, &command, NULL,
                                                 NULL, &cause) ||
           mongo_read_error(&cause, error);
}

bool mongo_indexes_make(const struct mongo_pool *pool, const struct mongo_index *indexes,
                        size_t n_indexes, struct error *error)
{
    for (size_t i = 0; i < n_indexes; i++) {
        if (!make_index(pool, &indexes[i], error))
            return error_wrap(error, "index %s of %s", indexes[i].name, indexes[i].collection);
    }
    return true;
}
