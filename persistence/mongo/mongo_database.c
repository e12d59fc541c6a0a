#include "persistence/mongo/mongo_copy.h"

#include "base/log.h"
#include "base/memory.h"
#include "persistence/mongo/mongo_memory.h"

#include <pthread.h>

static void hush(mongoc_log_level_t level, const char *domain, const char *message, void *context)
{
    (void)level;
    (void)context;
    log_debug(message, LOG_TEXT("driver", domain));
}

/* Never undone: the driver cannot start a second time in one process. */
static void start_driver(void)
{
    mongo_memory_watch();
    mongoc_log_set_handler(hush, NULL);
    mongoc_init();
}

/* ---- opening ---- */

static bool open_pool(const struct database_options *options, enum mongo_use use,
                      struct mongo_pool *pool, struct error *error)
{
    mongoc_uri_t *uri;
    bson_error_t cause = {0};

    if (!mongo_uri_make(options, use, &uri, error))
        return false;
    pool->handle = mongoc_client_pool_new_with_error(uri, &cause);
    mongoc_uri_destroy(uri);
    if (!pool->handle)
        return error_set(error, ERROR_INVALID, "the database's url: %s", cause.message);
    mongoc_client_pool_set_error_api(pool->handle, MONGOC_ERROR_API_VERSION_2);
    return true;
}

static bool name_of(const struct database_options *options, char **name, struct error *error)
{
    mongoc_uri_t *uri = mongoc_uri_new(options->url);
    const char *given = uri ? mongoc_uri_get_database(uri) : NULL;

    *name = memory_text(given ? given : options->name, error);
    mongoc_uri_destroy(uri);
    return *name != NULL;
}

static void mongo_database_free(struct database *database)
{
    struct mongo_database *self = CONTAINER_OF(database, struct mongo_database, base);

    for (size_t i = 0; i < N_MONGO_USES; i++) {
        if (self->pools[i].handle)
            mongoc_client_pool_destroy(self->pools[i].handle);
    }
    memory_free(self->name);
    memory_free(self);
}

static bool mongo_database_ping(struct database *database, struct error *error)
{
    struct mongo_database *self = CONTAINER_OF(database, struct mongo_database, base);
    CLEANUP(mongo_collection_close) struct mongo_collection any = {0};
    CLEANUP(bson_destroy) bson_t command = BSON_INITIALIZER;
    bson_error_t cause = {0};

    if (!mongo_collection_open(&self->pools[MONGO_REQUESTS], "any", &any, error))
        return false;
    BSON_APPEND_INT32(&command, "ping", 1);
    return mongoc_client_command_simple(any.client, "admin", &command, NULL, NULL, &cause) ||
           mongo_read_error(&cause, error);
}

/* ---- numbers ---- */

static bool read_number(const bson_t *document, const char *name, int64_t *value,
                        struct error *error)
{
    bson_iter_t found;

    if (!bson_iter_init_find(&found, document, "value") || !BSON_ITER_HOLDS_INT(&found))
        return error_set(error, ERROR_CORRUPT, "number %s: member value is no integer", name);
    *value = bson_iter_as_int64(&found);
    return true;
}

static bool mongo_database_load_number(struct database *database, const char *name, int64_t *value,
                                       struct error *error)
{
    struct mongo_database *self = CONTAINER_OF(database, struct mongo_database, base);
    CLEANUP(bson_destroy) bson_t filter = BSON_INITIALIZER;
    CLEANUP(mongo_cursor_close) struct mongo_cursor cursor = {0};
    const bson_t *document;

    BSON_APPEND_UTF8(&filter, "_id", name);
    if (!mongo_find(&self->pools[MONGO_COMMITS], "numbers", &filter, NULL, &cursor, error))
        return false;
    if (mongo_cursor_next(&cursor, &document))
        return read_number(document, name, value, error);
    return mongo_cursor_check(&cursor, error);
}

static bool mongo_database_store_number(struct database *database, const char *name, int64_t value,
                                        struct error *error)
{
    struct mongo_database *self = CONTAINER_OF(database, struct mongo_database, base);
    CLEANUP(bson_destroy) bson_t filter = BSON_INITIALIZER;
    CLEANUP(bson_destroy) bson_t document = BSON_INITIALIZER;
    CLEANUP(mongo_bulk_close) struct mongo_bulk bulk = {0};

    if (!mongo_bulk_open(&self->pools[MONGO_COMMITS], "numbers", &bulk, error))
        return false;
    BSON_APPEND_UTF8(&filter, "_id", name);
    BSON_APPEND_INT64(&document, "value", value);
    mongo_bulk_replace(&bulk, &filter, &document);
    return mongo_bulk_commit(&bulk, error);
}

static const struct database_ops mongo_database_ops = {
    .ping = mongo_database_ping,
    .load_number = mongo_database_load_number,
    .store_number = mongo_database_store_number,
    .open_draft = mongo_draft_open,
    .free = mongo_database_free,
};

static bool mongo_database_open(const struct database_options *options, struct database **database,
                                struct error *error)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    CLEANUP(database_freep) struct database *opened = NULL;
    struct mongo_database *self = memory_new(sizeof(*self), error);

    if (!self)
        return false;
    self->base.ops = &mongo_database_ops;
    opened = &self->base;
    pthread_once(&once, start_driver);
    if (!name_of(options, &self->name, error))
        return false;
    for (size_t i = 0; i < N_MONGO_USES; i++) {
        self->pools[i].database = self->name;
        if (!open_pool(options, (enum mongo_use)i, &self->pools[i], error))
            return false;
    }

    self->catalogue.ops = &mongo_catalogue_ops;
    mongo_copy_init(&self->copy, self->pools, MONGO_COPIED_EVENTS, MONGO_COPIED_LOCATIONS);
    self->ledger.ops = &mongo_ledger_ops;
    self->user.ops = &mongo_user_ops;
    self->attempt.ops = &mongo_attempt_ops;
    self->search.ops = &mongo_search_ops;
    self->base.catalogue = &self->catalogue;
    self->base.copy = &self->copy.base;
    self->base.ledger = &self->ledger;
    self->base.user = &self->user;
    self->base.attempt = &self->attempt;
    self->base.search = &self->search;
    *database = opened;
    opened = NULL;
    return true;
}

const struct persistence_backend persistence_mongo = {
    .name = "mongodb",
    .open = mongo_database_open,
};
