#include "persistence/mongo/mongo_collections.h"

#include "base/random.h"

#include <string.h>

enum {
    CODE_NAMESPACE_NOT_FOUND = 26,
    CODE_NAMESPACE_EXISTS = 48,
    NAMES_MAX = 4,
    UUID_BYTES = 16,
    NAMESPACE_BYTES = 256,
};

static bool write_failed(const bson_error_t *cause, struct error *error)
{
    return mongo_write_error(mongo_outcome_of(cause), cause, error);
}

bool mongo_collection_make(const struct mongo_pool *pool, const char *name, struct error *error)
{
    CLEANUP(mongo_collection_close) struct mongo_collection collection = {0};
    CLEANUP(bson_destroy) bson_t command = BSON_INITIALIZER;
    bson_error_t cause = {0};

    if (!mongo_collection_open(pool, name, &collection, error))
        return false;
    BSON_APPEND_UTF8(&command, "create", name);
    return mongoc_client_write_command_with_opts(collection.client, pool->database, &command, NULL,
                                                 NULL, &cause) ||
           cause.code == CODE_NAMESPACE_EXISTS || mongo_read_error(&cause, error);
}

/* ---- listing ---- */

/* Those whose names fit @filter, a condition on `name`. */
struct list {
    struct mongo_collection any;
    mongoc_database_t *database;
    mongoc_cursor_t *cursor;
};

static void list_close(struct list *list)
{
    if (list->cursor)
        mongoc_cursor_destroy(list->cursor);
    if (list->database)
        mongoc_database_destroy(list->database);
    mongo_collection_close(&list->any);
}

static bool list_open(const struct mongo_pool *pool, const bson_t *filter, struct list *list,
                      struct error *error)
{
    CLEANUP(bson_destroy) bson_t options = BSON_INITIALIZER;

    if (!mongo_collection_open(pool, "any", &list->any, error))
        return false;
    BSON_APPEND_DOCUMENT(&options, "filter", filter);
    list->database = mongoc_client_get_database(list->any.client, pool->database);
    list->cursor = mongoc_database_find_collections_with_opts(list->database, &options);
    return true;
}

static bool list_check(const struct list *list, struct error *error)
{
    bson_error_t cause = {0};

    return !mongoc_cursor_error(list->cursor, &cause) || mongo_read_error(&cause, error);
}

static const char *name_of(const bson_t *document)
{
    bson_iter_t found;

    return bson_iter_init_find(&found, document, "name") && BSON_ITER_HOLDS_UTF8(&found)
               ? bson_iter_utf8(&found, NULL)
               : "";
}

/* ---- which ones they are ---- */

static bool read_mark(const bson_t *document, uint8_t mark[UUID_BYTES])
{
    bson_subtype_t subtype;
    const uint8_t *bytes;
    uint32_t length;
    bson_iter_t document_iter;
    bson_iter_t found;

    if (!bson_iter_init(&document_iter, document) ||
        !bson_iter_find_descendant(&document_iter, "info.uuid", &found) ||
        !BSON_ITER_HOLDS_BINARY(&found))
        return false;
    bson_iter_binary(&found, &subtype, &length, &bytes);
    if (length != UUID_BYTES)
        return false;
    memcpy(mark, bytes, UUID_BYTES);
    return true;
}

static void append_names(bson_t *filter, const char *const names[], size_t n_names)
{
    const char *key;
    char digits[16];
    bson_t condition;
    bson_t array;

    BSON_APPEND_DOCUMENT_BEGIN(filter, "name", &condition);
    BSON_APPEND_ARRAY_BEGIN(&condition, "$in", &array);
    for (size_t i = 0; i < n_names; i++) {
        bson_uint32_to_string((uint32_t)i, &key, digits, sizeof(digits));
        BSON_APPEND_UTF8(&array, key, names[i]);
    }
    bson_append_array_end(&condition, &array);
    bson_append_document_end(filter, &condition);
}

static uint64_t number_of(uint8_t marks[][UUID_BYTES], size_t n_marks)
{
    struct hash_state state;
    uint8_t hash[HASH_BYTES];
    uint64_t number;

    hash_begin(&state);
    for (size_t i = 0; i < n_marks; i++)
        hash_add(&state, marks[i], UUID_BYTES);
    hash_end(&state, hash);
    memcpy(&number, hash, sizeof(number));
    return number ? number : 1;
}

bool mongo_collections_generation(const struct mongo_pool *pool, const char *const names[],
                                  size_t n_names, uint64_t *generation, struct error *error)
{
    CLEANUP(bson_destroy) bson_t filter = BSON_INITIALIZER;
    CLEANUP(list_close) struct list list = {0};
    uint8_t marks[NAMES_MAX][UUID_BYTES] = {{0}};
    const bson_t *document;
    size_t n_found = 0;

    append_names(&filter, names, n_names);
    if (!list_open(pool, &filter, &list, error))
        return false;
    while (mongoc_cursor_next(list.cursor, &document)) {
        for (size_t i = 0; i < n_names; i++) {
            if (strcmp(names[i], name_of(document)) == 0 && read_mark(document, marks[i]))
                n_found++;
        }
    }
    if (!list_check(&list, error))
        return false;
    *generation = n_found == n_names ? number_of(marks, n_names) : 0;
    return true;
}

/* ---- away with them ---- */

static bool drop_one(const struct mongo_pool *pool, const char *name, struct error *error)
{
    CLEANUP(mongo_collection_close) struct mongo_collection collection = {0};
    bson_error_t cause = {0};

    if (!mongo_collection_open(pool, name, &collection, error))
        return false;
    return mongoc_collection_drop_with_opts(collection.handle, NULL, &cause) ||
           cause.code == CODE_NAMESPACE_NOT_FOUND || write_failed(&cause, error);
}

bool mongo_collections_drop(const struct mongo_pool *pool, const char *prefix, struct error *error)
{
    CLEANUP(bson_destroy) bson_t filter = BSON_INITIALIZER;
    CLEANUP(list_close) struct list list = {0};
    char pattern[NAMESPACE_BYTES];
    const bson_t *document;

    snprintf(pattern, sizeof(pattern), "^%s", prefix);
    BSON_APPEND_REGEX(&filter, "name", pattern, "");
    if (!list_open(pool, &filter, &list, error))
        return false;
    while (mongoc_cursor_next(list.cursor, &document)) {
        if (!drop_one(pool, name_of(document), error))
            return false;
    }
    return list_check(&list, error);
}

static void append_namespace(bson_t *command, const char *member, const struct mongo_pool *pool,
                             const char *name)
{
    char text[NAMESPACE_BYTES];

    snprintf(text, sizeof(text), "%s.%s", pool->database, name);
    BSON_APPEND_UTF8(command, member, text);
}

bool mongo_collection_replace(const struct mongo_pool *pool, const char *name, const char *target,
                              struct error *error)
{
    CLEANUP(mongo_collection_close) struct mongo_collection collection = {0};
    CLEANUP(bson_destroy) bson_t command = BSON_INITIALIZER;
    bson_error_t cause = {0};

    if (!mongo_collection_open(pool, name, &collection, error))
        return false;
    append_namespace(&command, "renameCollection", pool, name);
    append_namespace(&command, "to", pool, target);
    BSON_APPEND_BOOL(&command, "dropTarget", true);
    if (mongoc_client_write_command_with_opts(collection.client, "admin", &command, NULL, NULL,
                                              &cause))
        return true;
    if (cause.code == CODE_NAMESPACE_NOT_FOUND)
        return error_set(error, ERROR_CONFLICT, "another program has dropped %s", name);
    return write_failed(&cause, error);
}
