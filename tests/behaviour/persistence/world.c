#include "world.h"

#include "base/random.h"

#include <criterion/criterion.h>
#include <mongoc/mongoc.h>
#include <stdlib.h>
#include <string.h>

struct world world;

static char name[64];

static const char *mongo_url(void)
{
    const char *url = getenv("MYEVENTS_TEST_MONGO_URL");
    mongoc_uri_t *uri;

    cr_assert_not_null(url, "MYEVENTS_TEST_MONGO_URL is not set: scripts/stack starts a server");
    uri = mongoc_uri_new(url);
    cr_assert_not_null(uri, "MYEVENTS_TEST_MONGO_URL is no url");
    /* The database is dropped afterwards, so it must not be anybody's. */
    cr_assert_null(mongoc_uri_get_database(uri), "MYEVENTS_TEST_MONGO_URL names a database");
    mongoc_uri_destroy(uri);
    return url;
}

static mongoc_database_t *open_beside(mongoc_client_t **client)
{
    *client = mongoc_client_new(world.options.url);
    return mongoc_client_get_database(*client, name);
}

/* From here on the server writes down how it answers. */
static void begin_profile(void)
{
    mongoc_client_t *client;
    mongoc_database_t *database = open_beside(&client);
    bson_t *command = BCON_NEW("profile", BCON_INT32(2));

    cr_assert(mongoc_database_command_simple(database, command, NULL, NULL, NULL));
    bson_destroy(command);
    mongoc_database_destroy(database);
    mongoc_client_destroy(client);
}

void world_begin(void)
{
    struct error error = {0};
    const char *url = name;

    cr_assert(random_init(&error), "%s", error.text);
    snprintf(name, sizeof(name), "myevents_test_%016" PRIx64, random_u64());
    if (strcmp(TEST_BACKEND, "mongodb") == 0)
        url = mongo_url();
    world.options = (struct database_options){
        .backend = TEST_BACKEND, .url = url, .name = name, .app_name = "myevents-test"};
    cr_assert(database_open(&world.options, &world.database, &error), "%s", error.text);
    world.catalogue = database_catalogue(world.database);
    world.copy = database_copy(world.database);
    world.ledger = database_ledger(world.database);
    world.users = database_users(world.database);
    world.attempts = database_attempts(world.database);
    world.search = database_search(world.database);
    cr_assert(catalogue_store_prepare(world.catalogue, &error), "%s", error.text);
    cr_assert(copy_store_prepare(world.copy, &error), "%s", error.text);
    cr_assert(ledger_store_prepare(world.ledger, &error), "%s", error.text);
    cr_assert(user_store_prepare(world.users, &error), "%s", error.text);
    cr_assert(search_store_prepare(world.search, &error), "%s", error.text);
    if (strcmp(TEST_BACKEND, "mongodb") == 0)
        begin_profile();
}

/* Nothing that a store asks may cost more the more is stored; the tests themselves may ask anything. */
static void expect_indexes_used(mongoc_database_t *database)
{
    mongoc_collection_t *profile = mongoc_database_get_collection(database, "system.profile");
    bson_t *filter = BCON_NEW("planSummary", "COLLSCAN", "appName", "{", "$regex",
                              BCON_UTF8(world.options.app_name), "}");
    mongoc_cursor_t *cursor = mongoc_collection_find_with_opts(profile, filter, NULL, NULL);
    const bson_t *row;

    while (mongoc_cursor_next(cursor, &row)) {
        char *text = bson_as_relaxed_extended_json(row, NULL);

        cr_expect_fail("reads a whole collection: %s", text);
        bson_free(text);
    }
    mongoc_cursor_destroy(cursor);
    bson_destroy(filter);
    mongoc_collection_destroy(profile);
}

static void end_on_server(void)
{
    mongoc_client_t *client;
    mongoc_database_t *database = open_beside(&client);

    expect_indexes_used(database);
    mongoc_database_drop(database, NULL);
    mongoc_database_destroy(database);
    mongoc_client_destroy(client);
}

void world_end(void)
{
    if (world.database && strcmp(TEST_BACKEND, "mongodb") == 0)
        end_on_server();
    database_free(world.database);
    world.database = NULL;
}
