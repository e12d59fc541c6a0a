/* What only a real server can show. */
#include "base/clock.h"
#include "samples.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <mongoc/mongoc.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

TestSuite(mongo, .init = world_begin, .fini = world_end, .timeout = 120);

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
    cr_expect_lt(clock_monotonic_ms() - began_ms, 6000);

    began_ms = clock_monotonic_ms();
    cr_expect_not(copy_store_put_events(database_copy(database), &change, 1, &error));
    cr_expect_eq(error.code, ERROR_UNAVAILABLE);
    cr_expect_lt(clock_monotonic_ms() - began_ms, 6000);

    began_ms = clock_monotonic_ms();
    cr_expect_not(ledger_store_head(database_ledger(database), &event.id, &head, &error));
    cr_expect_eq(error.code, ERROR_UNAVAILABLE);
    cr_expect_lt(clock_monotonic_ms() - began_ms, 6000, "requests have people waiting");

    began_ms = clock_monotonic_ms();
    cr_expect_not(
        catalogue_store_insert_event(database_catalogue(database), &event, NULL, &message, &error));
    cr_expect_eq(error.code, ERROR_UNAVAILABLE);
    cr_expect_lt(clock_monotonic_ms() - began_ms, 6000);

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
    cr_expect_lt(clock_monotonic_ms() - began_ms, 6000);

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

/* ---- unpublished ---- */

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
