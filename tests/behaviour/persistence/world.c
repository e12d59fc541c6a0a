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
}

static void drop(void)
{
    mongoc_client_t *client = mongoc_client_new(world.options.url);
    mongoc_database_t *database = mongoc_client_get_database(client, name);

    mongoc_database_drop(database, NULL);
    mongoc_database_destroy(database);
    mongoc_client_destroy(client);
}

void world_end(void)
{
    if (world.database && strcmp(TEST_BACKEND, "mongodb") == 0)
        drop();
    database_free(world.database);
    world.database = NULL;
}
