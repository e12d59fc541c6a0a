/*
 * MongoDB: two pools of connections, and the calls that every store makes. A client and all that is
 * made from it belong to one thread, so each call takes one from a pool for as long as it lasts.
 */
#ifndef EVENTS_PERSISTENCE_MONGO_DATABASE_H
#define EVENTS_PERSISTENCE_MONGO_DATABASE_H

#include "persistence/backend.h"
#include "persistence/mongo/mongo_errors.h"
#include "persistence/mongo/mongo_uri.h"

#include <mongoc/mongoc.h>

/* Connections for one use, and the database that they are for. Any thread. */
struct mongo_pool {
    mongoc_client_pool_t *handle;
    const char *database; /* borrowed */
};

/* A copy of the catalogue by the names of its collections: the one in use, or a draft. */
struct mongo_copy {
    struct copy_store base;
    const struct mongo_pool *pools; /* borrowed: N_MONGO_USES of them */
    const char *events;             /* borrowed */
    const char *locations;
    bool is_new; /* most of what is put is not there yet */
};

struct mongo_database {
    struct database base;
    struct catalogue_store catalogue;
    struct mongo_copy copy;
    struct ledger_store ledger;
    struct user_store user;
    struct attempt_store attempt;
    struct search_store search;

    struct mongo_pool pools[N_MONGO_USES];
    char *name; /* owned */
};

extern const struct catalogue_store_ops mongo_catalogue_ops;
extern const struct copy_store_ops mongo_copy_ops;
extern const struct ledger_store_ops mongo_ledger_ops;
extern const struct user_store_ops mongo_user_ops;
extern const struct attempt_store_ops mongo_attempt_ops;
extern const struct search_store_ops mongo_search_ops;

/* ERROR_UNAVAILABLE when no connection becomes free. */
struct mongo_collection {
    mongoc_client_pool_t *pool;
    mongoc_client_t *client;
    mongoc_collection_t *handle;
};

MUST_CHECK bool mongo_collection_open(const struct mongo_pool *pool, const char *name,
                                      struct mongo_collection *collection, struct error *error);
void mongo_collection_close(struct mongo_collection *collection);

/*
 * A majority read from the primary.
 *
 *     if (!mongo_find(pool, "events", &filter, &options, &cursor, error))
 *         return false;
 *     while (mongo_cursor_next(&cursor, &document))
 *         ...
 *     return mongo_cursor_check(&cursor, error);
 *
 * A document lives until the next one is asked for. mongo_cursor_close() for CLEANUP.
 */
struct mongo_cursor {
    struct mongo_collection collection;
    mongoc_cursor_t *handle;
};

MUST_CHECK bool mongo_find(const struct mongo_pool *pool, const char *collection,
                           const bson_t *filter, const bson_t *options, struct mongo_cursor *cursor,
                           struct error *error);
MUST_CHECK bool mongo_aggregate(const struct mongo_pool *pool, const char *collection,
                                const bson_t *pipeline, struct mongo_cursor *cursor,
                                struct error *error);
bool mongo_cursor_next(struct mongo_cursor *cursor, const bson_t **document);
MUST_CHECK bool mongo_cursor_check(struct mongo_cursor *cursor, struct error *error);
void mongo_cursor_close(struct mongo_cursor *cursor);

/*
 * An unordered bulk of at most MONGO_BULK_MAX writes to one collection: open, add, execute once,
 * close. Each write is of one document, but for an update.
 */
enum {
    MONGO_BULK_MAX = 256
};

struct mongo_bulk {
    struct mongo_collection collection;
    mongoc_bulk_operation_t *handle;
    size_t n_writes;
};

MUST_CHECK bool mongo_bulk_open(const struct mongo_pool *pool, const char *collection,
                                struct mongo_bulk *bulk, struct error *error);
void mongo_bulk_insert(struct mongo_bulk *bulk, const bson_t *document);
void mongo_bulk_replace(struct mongo_bulk *bulk, const bson_t *filter, const bson_t *document);
void mongo_bulk_upsert(struct mongo_bulk *bulk, const bson_t *filter, const bson_t *update);
void mongo_bulk_update(struct mongo_bulk *bulk, const bson_t *filter, const bson_t *update);
void mongo_bulk_remove(struct mongo_bulk *bulk, const bson_t *filter);

/* One outcome for each write, in the order they were added; @cause is the driver's first error. */
void mongo_bulk_execute(struct mongo_bulk *bulk, enum mongo_outcome *outcomes, bson_error_t *cause);

/* For writes that may simply be repeated: true when all are done. */
MUST_CHECK bool mongo_bulk_commit(struct mongo_bulk *bulk, struct error *error);
void mongo_bulk_close(struct mongo_bulk *bulk);

/* Append `name: {$in: [ids]}`. */
void mongo_append_in(bson_t *filter, const char *name, const struct object_id *ids, size_t n_ids);

/* A constant filter, projection or update of ours, written as JSON. Never anything from outside. */
bson_t *mongo_json(const char *json);
DEFINE_FREEP(bson_destroy, bson_t)

/* An index of a collection; making one that is there is nothing. */
struct mongo_index {
    const char *collection;
    const char *name;
    const char *keys; /* JSON */
    bool is_unique;
    const char *only; /* JSON: the documents that are in it; NULL: all */
};

MUST_CHECK bool mongo_indexes_make(const struct mongo_pool *pool, const struct mongo_index *indexes,
                                   size_t n_indexes, struct error *error);

/*
 * Of a list that several replicas read: how many to leave out at its start, at random, so that they
 * do not all take the same @limit; 0 when there are no more than that.
 */
MUST_CHECK bool mongo_random_skip(const struct mongo_pool *pool, const char *collection,
                                  const bson_t *filter, size_t limit, int64_t *skip,
                                  struct error *error);

#endif
