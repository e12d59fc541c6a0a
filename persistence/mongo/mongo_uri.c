#include "persistence/mongo/mongo_uri.h"

enum {
    COMMIT_WTIMEOUT_MS = 1500,
    REQUEST_WTIMEOUT_MS = 500
};

/*
 * The driver's own limits are minutes, or none. After one connection was cut the driver takes up to
 * 1.05 s to find the server again, for all connections of the pool, so selecting waits a little
 * longer.
 */
static const struct {
    const char *name;
    int32_t ms[N_MONGO_USES];
} limits[] = {
    {MONGOC_URI_SERVERSELECTIONTIMEOUTMS, {[MONGO_COMMITS] = 2000, [MONGO_REQUESTS] = 1300}},
    {MONGOC_URI_SOCKETTIMEOUTMS, {[MONGO_COMMITS] = 2000, [MONGO_REQUESTS] = 900}},
    {MONGOC_URI_CONNECTTIMEOUTMS, {[MONGO_COMMITS] = 1000, [MONGO_REQUESTS] = 500}},
    {MONGOC_URI_WAITQUEUETIMEOUTMS, {[MONGO_COMMITS] = 1000, [MONGO_REQUESTS] = 300}},
    {MONGOC_URI_HEARTBEATFREQUENCYMS, {[MONGO_COMMITS] = 500, [MONGO_REQUESTS] = 500}},
};

static void set_limits(mongoc_uri_t *uri, enum mongo_use use)
{
    for (size_t i = 0; i < ARRAY_SIZE(limits); i++) {
        if (!mongoc_uri_has_option(uri, limits[i].name))
            mongoc_uri_set_option_as_int32(uri, limits[i].name, limits[i].ms[use]);
    }
}

/*
 * A write that the driver itself repeats could answer "no server" after it was sent once, and a read that it repeats
 * takes twice the time that its limits promise.
 */
static void set_promises(mongoc_uri_t *uri, enum mongo_use use)
{
    mongoc_write_concern_t *write_concern = mongoc_write_concern_new();
    mongoc_read_concern_t *read_concern = mongoc_read_concern_new();
    mongoc_read_prefs_t *read_prefs = mongoc_read_prefs_new(MONGOC_READ_PRIMARY);

    mongoc_write_concern_set_wmajority(write_concern, use == MONGO_COMMITS ? COMMIT_WTIMEOUT_MS
                                                                           : REQUEST_WTIMEOUT_MS);
    mongoc_write_concern_set_journal(write_concern, true);
    mongoc_uri_set_write_concern(uri, write_concern);
    mongoc_read_concern_set_level(read_concern, MONGOC_READ_CONCERN_LEVEL_MAJORITY);
    mongoc_uri_set_read_concern(uri, read_concern);
    mongoc_uri_set_read_prefs_t(uri, read_prefs);
    mongoc_uri_set_option_as_bool(uri, MONGOC_URI_RETRYWRITES, false);
    mongoc_uri_set_option_as_bool(uri, MONGOC_URI_RETRYREADS, false);

    mongoc_read_prefs_destroy(read_prefs);
    mongoc_read_concern_destroy(read_concern);
    mongoc_write_concern_destroy(write_concern);
}

bool mongo_uri_make(const struct database_options *options, enum mongo_use use, mongoc_uri_t **uri,
                    struct error *error)
{
    bson_error_t cause = {0};
    mongoc_uri_t *made = mongoc_uri_new_with_error(options->url, &cause);

    if (!made)
        return error_set(error, ERROR_INVALID, "the database's url: %s", cause.message);
    set_limits(made, use);
    set_promises(made, use);
    if (options->app_name && !mongoc_uri_get_appname(made))
        mongoc_uri_set_appname(made, options->app_name);
    *uri = made;
    return true;
}
