/* Attempts: `{_id: name, by: [process, ...]}`. */
#include "persistence/mongo/mongo_database.h"
#include "persistence/mongo/mongo_members.h"

#define MONGO_ATTEMPTS "attempts"

static const struct mongo_pool *pool_of(struct attempt_store *store)
{
    return &CONTAINER_OF(store, struct mongo_database, attempt)->pools[MONGO_COMMITS];
}

/* Who is noted so far. */
struct noted {
    int n;
    bool has_us;
};

static bool read_noted(const bson_t *document, const char *name, const struct object_id *by,
                       struct noted *noted, struct error *error)
{
    bson_iter_t found;
    bson_iter_t each;

    if (!bson_iter_init_find(&found, document, "by") || !BSON_ITER_HOLDS_ARRAY(&found) ||
        !bson_iter_recurse(&found, &each))
        return error_set(error, ERROR_CORRUPT, "attempt %s: member by is no array", name);
    while (bson_iter_next(&each)) {
        if (!BSON_ITER_HOLDS_OID(&each))
            return error_set(error, ERROR_CORRUPT, "attempt %s: member by holds no id", name);
        noted->n++;
        noted->has_us |= memcmp(bson_iter_oid(&each)->bytes, by->bytes, sizeof(by->bytes)) == 0;
    }
    return true;
}

static bool load(const struct mongo_pool *pool, const char *name, const struct object_id *by,
                 struct noted *noted, struct error *error)
{
    CLEANUP(bson_destroy) bson_t filter = BSON_INITIALIZER;
    CLEANUP(mongo_cursor_close) struct mongo_cursor cursor = {0};
    const bson_t *document;

    BSON_APPEND_UTF8(&filter, "_id", name);
    if (!mongo_find(pool, MONGO_ATTEMPTS, &filter, NULL, &cursor, error))
        return false;
    if (mongo_cursor_next(&cursor, &document))
        return read_noted(document, name, by, noted, error);
    return mongo_cursor_check(&cursor, error);
}

/* A set: whose outcome is unknown is sent again by the caller, and stands there once. */
static bool add(const struct mongo_pool *pool, const char *name, const struct object_id *by,
                struct error *error)
{
    CLEANUP(bson_destroy) bson_t filter = BSON_INITIALIZER;
    CLEANUP(bson_destroy) bson_t update = BSON_INITIALIZER;
    CLEANUP(mongo_bulk_close) struct mongo_bulk bulk = {0};
    bson_t members;

    if (!mongo_bulk_open(pool, MONGO_ATTEMPTS, &bulk, error))
        return false;
    BSON_APPEND_UTF8(&filter, "_id", name);
    BSON_APPEND_DOCUMENT_BEGIN(&update, "$addToSet", &members);
    mongo_append_id(&members, "by", by);
    bson_append_document_end(&update, &members);
    mongo_bulk_upsert(&bulk, &filter, &update);
    return mongo_bulk_commit(&bulk, error);
}

static bool mongo_attempt_note(struct attempt_store *store, const char *name,
                               const struct object_id *by, int *n_noted, struct error *error)
{
    const struct mongo_pool *pool = pool_of(store);
    struct noted noted = {0};
    bool is_new;

    if (!load(pool, name, by, &noted, error))
        return false;
    is_new = !noted.has_us && noted.n < ATTEMPTS_MAX;
    if (is_new && !add(pool, name, by, error))
        return false;
    *n_noted = noted.n + is_new;
    return true;
}

static bool mongo_attempt_forget(struct attempt_store *store, const char *name, struct error *error)
{
    CLEANUP(bson_destroy) bson_t filter = BSON_INITIALIZER;
    CLEANUP(mongo_bulk_close) struct mongo_bulk bulk = {0};

    if (!mongo_bulk_open(pool_of(store), MONGO_ATTEMPTS, &bulk, error))
        return false;
    BSON_APPEND_UTF8(&filter, "_id", name);
    mongo_bulk_remove(&bulk, &filter);
    return mongo_bulk_commit(&bulk, error);
}

const struct attempt_store_ops mongo_attempt_ops = {
    .note = mongo_attempt_note,
    .forget = mongo_attempt_forget,
};
