/* What only a real server can show. */
#include "base/clock.h"
#include "samples.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <mongoc/mongoc.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

TestSuite(mongo, .init = world_begin, .fini = world_end, .timeout = 60);

/* A loopback port; while @descriptor is open nobody else gets it, and nobody answers there. */
static int closed_port(int *descriptor)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    socklen_t length = sizeof(address);

    *descriptor = socket(AF_INET, SOCK_STREAM, 0);
    cr_assert_geq(*descriptor, 0);
    cr_assert_eq(bind(*descriptor, (struct sockaddr *)&address, length), 0);
    cr_assert_eq(getsockname(*descriptor, (struct sockaddr *)&address, &length), 0);
    return ntohs(address.sin_port);
}

static struct database *open_at(int port, const char *more)
{
    struct database_options options = world.options;
    struct database *database = NULL;
    struct error error = {0};
    char url[128];

    snprintf(url, sizeof(url), "mongodb://127.0.0.1:%d/?%s", port, more);
    options.url = url;
    cr_assert(database_open(&options, &database, &error), "%s", error.text);
    return database;
}

Test(mongo, that_is_away_is_unavailable_in_time)
{
    int descriptor;
    struct database *database = open_at(closed_port(&descriptor), "replicaSet=away");
    struct ledger_entry entry = entry_of(1, 0, NULL, 0);
    const struct ledger_entry *const bulk[] = {&entry};
    struct event event = event_of(1, "nowhere", 0);
    struct outbox_message message = message_of(OUTBOX_EVENT, 1, 1);
    struct copy_event change = {.event = &event};
    enum ledger_outcome outcome = LEDGER_LANDED;
    struct ledger_head head;
    struct error error = {0};
    int64_t began_ms = clock_monotonic_ms();

    ledger_store_insert(database_ledger(database), bulk, 1, &outcome);
    cr_expect_eq(outcome, LEDGER_NOT_SENT);
    cr_expect_lt(clock_monotonic_ms() - began_ms, 2500);

    began_ms = clock_monotonic_ms();
    cr_expect_not(copy_store_put_events(database_copy(database), &change, 1, &error));
    cr_expect_eq(error.code, ERROR_UNAVAILABLE);
    cr_expect_lt(clock_monotonic_ms() - began_ms, 2500);

    began_ms = clock_monotonic_ms();
    cr_expect_not(ledger_store_head(database_ledger(database), &event.id, &head, &error));
    cr_expect_eq(error.code, ERROR_UNAVAILABLE);
    cr_expect_lt(clock_monotonic_ms() - began_ms, 1500, "requests have people waiting");

    began_ms = clock_monotonic_ms();
    cr_expect_not(
        catalogue_store_insert_event(database_catalogue(database), &event, NULL, &message, &error));
    cr_expect_eq(error.code, ERROR_UNAVAILABLE);
    cr_expect_lt(clock_monotonic_ms() - began_ms, 1500);

    database_free(database);
    close(descriptor);
}

/* Someone who takes connections and says nothing: as a server that was stopped. */
Test(mongo, that_says_nothing_leaves_a_call_in_time)
{
    int descriptor;
    struct database *database = open_at(closed_port(&descriptor), "directConnection=true");
    struct error error = {0};
    int64_t began_ms = clock_monotonic_ms();

    cr_assert_eq(listen(descriptor, 16), 0);
    cr_expect_not(database_ping(database, &error));
    cr_expect_eq(error.code, ERROR_UNAVAILABLE);
    cr_expect_lt(clock_monotonic_ms() - began_ms, 2500);

    database_free(database);
    close(descriptor);
}

Test(mongo, refuses_a_url_that_is_none)
{
    struct database_options options = world.options;
    struct database *database = NULL;
    struct error error = {0};

    options.url = "postgres://localhost";
    cr_assert_not(database_open(&options, &database, &error));

    cr_expect_eq(error.code, ERROR_INVALID);
}

/* ---- documents that somebody else has changed ---- */

static void change(const char *collection, const char *filter, const char *update)
{
    mongoc_client_t *client = mongoc_client_new(world.options.url);
    mongoc_collection_t *handle =
        mongoc_client_get_collection(client, world.options.name, collection);
    bson_t *selector = bson_new_from_json((const uint8_t *)filter, -1, NULL);
    bson_t *document = bson_new_from_json((const uint8_t *)update, -1, NULL);
    bson_error_t error;

    cr_assert(mongoc_collection_update_many(handle, selector, document, NULL, NULL, &error), "%s",
              error.message);
    bson_destroy(document);
    bson_destroy(selector);
    mongoc_collection_destroy(handle);
    mongoc_client_destroy(client);
}

static void insert_event(uint32_t number, struct error *error)
{
    struct event event = event_of(number, "stored", 0);
    struct outbox_message message = message_of(OUTBOX_EVENT, number, 1);

    if (catalogue_store_insert_event(world.catalogue, &event, NULL, &message, error))
        error->code = ERROR_NONE;
}

static bool insert_keyed(struct catalogue_store *catalogue, struct error *error)
{
    struct event event = event_of(1, "twice", 0);
    struct outbox_message message = message_of(OUTBOX_EVENT, 1, 1);
    const struct catalogue_key key = {.hash = {1}, .fingerprint = 7};

    return catalogue_store_insert_event(catalogue, &event, &key, &message, error);
}

/* One connection is all that some hosts have left, and every answer is right on it. */
Test(mongo, tells_a_repeated_key_from_a_taken_id_with_one_connection)
{
    struct database_options options = world.options;
    struct database *database = NULL;
    struct error error = {0};
    char url[256];

    snprintf(url, sizeof(url), "%s%cmaxPoolSize=1", world.options.url,
             strchr(world.options.url, '?') ? '&' : '?');
    options.url = url;
    cr_assert(database_open(&options, &database, &error), "%s", error.text);

    cr_assert(insert_keyed(database_catalogue(database), &error), "%s", error.text);
    cr_assert_not(insert_keyed(database_catalogue(database), &error));
    cr_expect_eq(error.code, ERROR_CONFLICT, "%s", error.text);

    database_free(database);
}

Test(mongo, does_not_give_the_id_of_a_removed_event_away)
{
    const struct object_id id = id_of(1);
    struct event_view view = {0};
    struct error error = {0};

    insert_event(1, &error);
    cr_assert_eq(error.code, ERROR_NONE);
    change("events", "{}", "{\"$set\": {\"removed\": true}}");

    cr_expect_not(catalogue_store_event(world.catalogue, &id, &view, &error));
    cr_expect_eq(error.code, ERROR_NOT_FOUND);
    insert_event(1, &error);
    cr_expect_eq(error.code, ERROR_GONE);
}

Test(mongo, tells_a_corrupt_entry_and_leaves_the_other_ledgers_alone)
{
    struct ledger_entry good = entry_of(1, 0, NULL, 0);
    struct ledger_entry bad = entry_of(2, 0, NULL, 0);
    struct ledger_head head;
    struct error error = {0};

    bad.at_ms = 77;
    cr_assert_eq(insert_one(&good), LEDGER_LANDED);
    cr_assert_eq(insert_one(&bad), LEDGER_LANDED);
    change("ledger", "{\"at\": 77}", "{\"$unset\": {\"cap\": 1}}");

    cr_expect(ledger_store_head(world.ledger, &good.key.event_id, &head, &error));
    cr_assert_not(ledger_store_head(world.ledger, &bad.key.event_id, &head, &error));
    cr_expect_eq(error.code, ERROR_CORRUPT);
    cr_expect_str_eq(error.text, "ledger entry 5a0000000000000000000002:0: member cap is missing");
}

Test(mongo, shows_the_good_heads_around_a_corrupt_one)
{
    const struct object_id ids[] = {id_of(1), id_of(2), id_of(3), id_of(4)};
    struct ledger_head heads[4];
    struct error error = {0};

    for (uint32_t i = 1; i <= 3; i++) {
        struct ledger_entry entry = entry_of(i, 0, NULL, 0);

        entry.at_ms = i;
        cr_assert_eq(insert_one(&entry), LEDGER_LANDED);
    }
    change("ledger", "{\"at\": 2}", "{\"$unset\": {\"cap\": 1}}");

    cr_assert(ledger_store_heads_shown(world.ledger, ids, 4, heads, &error), "%s", error.text);
    for (size_t i = 0; i < 4; i++) {
        cr_expect_eq(heads[i].exists, i != 3);
        cr_expect_eq(heads[i].is_unreadable, i == 1);
    }
    cr_expect_not(ledger_store_heads(world.ledger, ids, 4, heads, &error));
    cr_expect_eq(error.code, ERROR_CORRUPT);
}

static bool count(void *context, const struct ledger_entry *entry, struct error *error)
{
    (void)entry;
    (void)error;
    ++*(size_t *)context;
    return true;
}

Test(mongo, publishes_the_good_entries_around_a_corrupt_one)
{
    struct error error = {0};
    size_t n = 0;

    for (uint32_t i = 1; i <= 3; i++) {
        struct ledger_entry entry = entry_of(i, i, NULL, 0);

        cr_assert_eq(insert_one(&entry), LEDGER_LANDED);
    }
    change("ledger", "{\"at\": 1002}", "{\"$set\": {\"sold\": \"many\"}}");

    cr_assert_not(ledger_store_unpublished(world.ledger, 10, count, &n, &error));
    cr_expect_eq(error.code, ERROR_CORRUPT);
    cr_expect_eq(n, 2);
}

static bool count_message(void *context, const struct outbox_message *message, struct error *error)
{
    (void)message;
    (void)error;
    ++*(size_t *)context;
    return true;
}

Test(mongo, publishes_the_good_messages_around_a_corrupt_one)
{
    struct location location = location_of(50, "here");
    struct outbox_message message = message_of(OUTBOX_LOCATION, 50, 10);
    struct error error = {0};
    size_t n = 0;

    cr_assert(catalogue_store_insert_location(world.catalogue, &location, NULL, &message, &error));
    for (uint32_t i = 1; i <= 3; i++) {
        insert_event(i, &error);
        cr_assert_eq(error.code, ERROR_NONE);
    }
    change("locations", "{}", "{\"$set\": {\"outbox.0.v\": \"one\"}}");
    change("events", "{\"_id\": {\"$oid\": \"5a0000000000000000000002\"}}",
           "{\"$unset\": {\"outbox.0.body\": 1}}");

    cr_assert_not(catalogue_store_unpublished(world.catalogue, 10, count_message, &n, &error));
    cr_expect_eq(error.code, ERROR_CORRUPT);
    cr_expect_str_eq(error.text, "outbox of 5a0000000000000000000002: member body is no text");
    cr_expect_eq(n, 2);
}

static bool keep_first(void *context, const struct ledger_entry *entry, struct error *error)
{
    int64_t *first = context;

    (void)error;
    if (*first < 0)
        *first = entry->key.sequence;
    return true;
}

Test(mongo, starts_at_another_place_when_more_is_unpublished_than_was_asked_for)
{
    struct error error = {0};
    int64_t first = 0;

    for (int64_t sequence = 0; sequence < 20; sequence++) {
        struct ledger_entry entry = entry_of(1, sequence, NULL, 0);

        cr_assert_eq(insert_one(&entry), LEDGER_LANDED);
    }
    for (size_t i = 0; i < 1000 && first == 0; i++) {
        first = -1;
        cr_assert(ledger_store_unpublished(world.ledger, 5, keep_first, &first, &error), "%s",
                  error.text);
    }
    cr_expect_gt(first, 0);
    cr_expect_leq(first, 15);
}

/* ---- indexes ---- */

static bool uses(const char *collection, const char *filter, const char *sort, const char *index)
{
    mongoc_client_t *client = mongoc_client_new(world.options.url);
    bson_t *query = bson_new_from_json((const uint8_t *)filter, -1, NULL);
    bson_t *order = bson_new_from_json((const uint8_t *)sort, -1, NULL);
    bson_t *command = BCON_NEW("explain", "{", "find", BCON_UTF8(collection), "filter",
                               BCON_DOCUMENT(query), "sort", BCON_DOCUMENT(order), "}");
    bson_t reply;
    char *plan;
    bool is_used;

    cr_assert(
        mongoc_client_command_simple(client, world.options.name, command, NULL, &reply, NULL));
    plan = bson_as_relaxed_extended_json(&reply, NULL);
    is_used = strstr(plan, index) && !strstr(plan, "COLLSCAN") && !strstr(plan, "\"SORT\"");
    if (!is_used)
        cr_log_error("%s", plan);
    bson_free(plan);
    bson_destroy(&reply);
    bson_destroy(command);
    bson_destroy(order);
    bson_destroy(query);
    mongoc_client_destroy(client);
    return is_used;
}

Test(mongo, answers_each_question_by_an_index_and_sorts_nothing)
{
    static const char id[] = "{\"$oid\": \"5a0000000000000000000001\"}";
    char filter[512];

    snprintf(filter, sizeof(filter), "{\"b.id\": {\"$in\": [%s, %s]}}", id, id);
    cr_expect(uses("ledger", filter, "{}", "\"bookings\""));
    snprintf(filter, sizeof(filter), "{\"x.id\": {\"$in\": [%s, %s]}}", id, id);
    cr_expect(uses("ledger", filter, "{}", "\"cancellations\""));
    snprintf(filter, sizeof(filter), "{\"_id\": {\"$gte\": {\"e\": %s, \"s\": 0}}}", id);
    cr_expect(uses("ledger", filter, "{\"_id\": -1}", "\"_id_\""));
    cr_expect(uses("ledger", "{\"pub\": false}", "{\"at\": 1, \"_id\": 1}", "\"unpublished\""));
    cr_expect(uses("events", "{\"outbox.at\": {\"$exists\": true}}", "{\"outbox.at\": 1}",
                   "\"unpublished\""));
    cr_expect(uses("events", "{\"removed\": false}", "{\"start\": 1, \"_id\": 1}", "\"in_order\""));
    cr_expect(uses("events", "{\"removed\": false, \"name\": \"a\"}", "{\"start\": 1, \"_id\": 1}",
                   "\"by_name\""));
    snprintf(filter, sizeof(filter),
             "{\"$or\": [{\"removed\": false, \"start\": 5, \"_id\": {\"$gt\": %s}},"
             " {\"removed\": false, \"start\": {\"$gt\": 5}}]}",
             id);
    cr_expect(uses("copied_events", filter, "{\"start\": 1, \"_id\": 1}", "\"in_order\""));
}
