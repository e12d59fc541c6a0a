/* What becomes of writes whose request or reply is lost on the way. */
#include "base/clock.h"
#include "proxy.h"
#include "samples.h"

#include <criterion/criterion.h>
#include <mongoc/mongoc.h>
#include <stdio.h>

static struct proxy *proxy;
static struct database *database; /* that of the world, through the proxy */

static void open_with(const char *limits)
{
    struct database_options options;
    struct error error = {0};
    char url[128];

    world_begin();
    proxy = proxy_open();
    options = world.options;
    snprintf(url, sizeof(url), "mongodb://127.0.0.1:%d/?directConnection=true%s", proxy_port(proxy),
             limits);
    options.url = url;
    cr_assert(database_open(&options, &database, &error), "%s", error.text);
    cr_assert(database_ping(database, &error), "%s", error.text);
}

/* After a loss the driver looks for its server again, for a second and more: as long as the machine wants. */
static void begin(void)
{
    open_with("&serverSelectionTimeoutMS=20000");
}

static void begin_in_haste(void)
{
    open_with("");
}

static void end(void)
{
    database_free(database);
    proxy_free(proxy);
    world_end();
}

TestSuite(mongo_lost, .init = begin, .fini = end, .timeout = 120);
TestSuite(mongo_lost_for_good, .init = begin_in_haste, .fini = end, .timeout = 120);

static enum ledger_outcome insert(const struct ledger_entry *entry)
{
    enum ledger_outcome outcome = LEDGER_LANDED;

    ledger_store_insert(database_ledger(database), &entry, 1, &outcome);
    return outcome;
}

Test(mongo_lost, insert_is_unknown_and_its_token_tells_that_it_had_landed)
{
    struct ledger_entry entry = entry_of(1, 0, NULL, 0);
    struct object_id token;
    struct error error = {0};

    proxy_lose(proxy, "insert", PROXY_LOSES_REPLY, 1);
    cr_expect_eq(insert(&entry), LEDGER_UNKNOWN);
    cr_expect_eq(insert(&entry), LEDGER_TAKEN);

    cr_assert(ledger_store_tokens(world.ledger, &entry.key, 1, &token, &error), "%s", error.text);
    cr_expect(object_id_equal(&token, &entry.token));
    cr_expect_eq(proxy_lost(proxy), 1);
}

Test(mongo_lost, insert_is_unknown_and_lands_when_it_is_sent_again)
{
    struct ledger_entry entry = entry_of(1, 0, NULL, 0);

    proxy_lose(proxy, "insert", PROXY_LOSES_REQUEST, 1);
    cr_expect_eq(insert(&entry), LEDGER_UNKNOWN);
    cr_expect_eq(insert(&entry), LEDGER_LANDED);
}

static bool insert_event(uint32_t number, struct error *error)
{
    struct event event = event_of(number, "Aida", 0);
    struct outbox_message message = message_of(OUTBOX_EVENT, number, 1);

    return catalogue_store_insert_event(database_catalogue(database), &event, NULL, &message,
                                        error);
}

Test(mongo_lost, event_is_settled_by_the_same_write_and_a_read)
{
    static const enum proxy_loss losses[] = {PROXY_LOSES_REQUEST, PROXY_LOSES_REPLY};
    struct error error = {0};

    for (uint32_t i = 0; i < ARRAY_SIZE(losses); i++) {
        struct event_view view = {0};
        const struct object_id id = id_of(i);

        proxy_lose(proxy, "insert", losses[i], 1);
        cr_assert(insert_event(i, &error), "%s", error.text);

        cr_expect_eq(proxy_lost(proxy), 1);
        cr_expect(catalogue_store_event(world.catalogue, &id, &view, &error), "%s", error.text);
        cr_expect_not(insert_event(i, &error));
        cr_expect_eq(error.code, ERROR_EXISTS, "%s", error.text);
    }
}

/* How often an event was sent of which nothing came back. */
static int sent_in_vain(uint32_t number)
{
    struct error error = {0};
    int64_t began_ms = clock_monotonic_ms();

    proxy_lose(proxy, "insert", PROXY_LOSES_REPLY, 1000);
    cr_assert_not(insert_event(number, &error));

    cr_expect_eq(error.code, ERROR_OUTCOME_UNKNOWN, "%s", error.text);
    cr_expect_lt(clock_monotonic_ms() - began_ms, 6000);
    return proxy_lost(proxy);
}

Test(mongo_lost_for_good, event_stays_unknown_in_time)
{
    int n_sent = 0;

    /* The driver may look for its server again for as long as the call has. */
    for (uint32_t attempt = 1; attempt <= 3 && n_sent < 2; attempt++)
        n_sent = sent_in_vain(attempt);

    cr_expect_gt(n_sent, 1, "it was sent again");
}

static bool change_event(uint32_t number, int64_t version, struct error *error)
{
    struct event event = event_of(number, "Opera, changed", 0);
    struct outbox_message message = message_of(OUTBOX_EVENT, number, version);

    event.version = version;
    message.version = version;
    return catalogue_store_change_event(database_catalogue(database), &event, &message, error);
}

static void expect_refusal(int n_lost, enum error_code code)
{
    struct error error = {0};

    proxy_lose(proxy, "insert", PROXY_LOSES_REQUEST, n_lost);
    cr_expect_not(insert_event(1, &error));
    cr_expect_eq(error.code, code, "%s", error.text);
}

/* What has seen so many changes does not tell any more whether it was inserted by who never heard. */
Test(mongo_lost, event_stays_unknown_when_its_token_would_be_forgotten)
{
    struct error error = {0};

    cr_assert(insert_event(1, &error), "%s", error.text);
    for (int64_t version = 2; version <= 16; version++)
        cr_assert(change_event(1, version, &error), "%s", error.text);
    expect_refusal(1, ERROR_EXISTS);

    cr_assert(change_event(1, 17, &error), "%s", error.text);
    expect_refusal(0, ERROR_EXISTS);
    expect_refusal(1, ERROR_OUTCOME_UNKNOWN);
}

Test(mongo_lost, change_is_settled_by_the_same_write_and_a_read)
{
    static const enum proxy_loss losses[] = {PROXY_LOSES_REQUEST, PROXY_LOSES_REPLY};
    struct error error = {0};

    cr_assert(insert_event(1, &error), "%s", error.text);
    for (int64_t i = 0; i < 2; i++) {
        proxy_lose(proxy, "update", losses[i], 1);

        cr_assert(change_event(1, 2 + i, &error), "%s", error.text);
        cr_expect_eq(proxy_lost(proxy), 1);
        cr_expect_not(change_event(1, 2 + i, &error));
        cr_expect_eq(error.code, ERROR_CONFLICT);
    }
}

Test(mongo_lost_for_good, change_stays_unknown_in_time)
{
    struct error error = {0};

    cr_assert(insert_event(1, &error), "%s", error.text);
    proxy_lose(proxy, "update", PROXY_LOSES_REQUEST, 1000);
    cr_assert_not(change_event(1, 2, &error));

    cr_expect_eq(error.code, ERROR_OUTCOME_UNKNOWN);
}

/* From now on the server takes no document of the events. */
static void refuse_events(void)
{
    mongoc_client_t *client = mongoc_client_new(world.options.url);
    bson_t *command = BCON_NEW("collMod", "events", "validator", "{", "nobody_has", "{", "$exists",
                               BCON_BOOL(true), "}", "}");
    bson_error_t error;

    cr_assert(mongoc_client_command_simple(client, world.options.name, command, NULL, NULL, &error),
              "%s", error.message);
    bson_destroy(command);
    mongoc_client_destroy(client);
}

/* What is refused is certain, unless an attempt before it may have landed. */
Test(mongo_lost, write_stays_unknown_when_it_is_refused_the_next_time)
{
    struct error error = {0};

    cr_assert(insert_event(1, &error), "%s", error.text);
    refuse_events();
    cr_expect_not(change_event(1, 2, &error));
    cr_expect_eq(error.code, ERROR_INTERNAL, "%s", error.text);
    cr_expect_not(insert_event(2, &error));
    cr_expect_eq(error.code, ERROR_INTERNAL, "%s", error.text);

    proxy_lose(proxy, "update", PROXY_LOSES_REQUEST, 1);
    cr_expect_not(change_event(1, 2, &error));
    cr_expect_eq(error.code, ERROR_OUTCOME_UNKNOWN, "%s", error.text);
    proxy_lose(proxy, "insert", PROXY_LOSES_REQUEST, 1);
    cr_expect_not(insert_event(2, &error));
    cr_expect_eq(error.code, ERROR_OUTCOME_UNKNOWN, "%s", error.text);
}

Test(mongo_lost, copy_is_settled_and_counts_as_changed)
{
    static const enum proxy_loss losses[] = {PROXY_LOSES_REQUEST, PROXY_LOSES_REPLY};
    struct error error = {0};

    for (uint32_t i = 0; i < ARRAY_SIZE(losses); i++) {
        struct event event = event_of(i, "Aida", 0);
        struct copy_event change = {.event = &event};

        proxy_lose(proxy, "update", losses[i], 1);
        cr_assert(copy_store_put_events(database_copy(database), &change, 1, &error), "%s",
                  error.text);

        cr_expect_eq(proxy_lost(proxy), 1);
        cr_expect(change.changed);
    }
}

Test(mongo_lost, mark_may_be_repeated)
{
    struct ledger_entry entry = entry_of(1, 0, NULL, 0);
    struct error error = {0};

    cr_assert_eq(insert(&entry), LEDGER_LANDED);
    proxy_lose(proxy, "update", PROXY_LOSES_REPLY, 1);
    cr_expect_not(ledger_store_mark(database_ledger(database), &entry.key, 1, &error));
    cr_expect_eq(error.code, ERROR_OUTCOME_UNKNOWN, "%s", error.text);

    cr_expect(ledger_store_mark(database_ledger(database), &entry.key, 1, &error), "%s",
              error.text);
}

Test(mongo_lost, read_is_unavailable_and_works_the_next_time)
{
    struct ledger_entry entry = entry_of(1, 0, NULL, 0);
    struct ledger_head head;
    struct error error = {0};

    cr_assert_eq(insert(&entry), LEDGER_LANDED);
    proxy_lose(proxy, "aggregate", PROXY_LOSES_REPLY, 1);
    cr_expect_not(
        ledger_store_heads(database_ledger(database), &entry.key.event_id, NULL, 1, &head, &error));
    cr_expect_eq(error.code, ERROR_UNAVAILABLE, "%s", error.text);

    cr_expect(
        ledger_store_heads(database_ledger(database), &entry.key.event_id, NULL, 1, &head, &error));
}
