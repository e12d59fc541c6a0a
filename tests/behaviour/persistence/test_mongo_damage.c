/* Documents that somebody else has changed: what cannot be read leaves the others alone. */
#include "documents.h"
#include "samples.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

TestSuite(mongo_damage, .init = world_begin, .fini = world_end, .timeout = 120);

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
Test(mongo_damage, tells_a_repeated_key_from_a_taken_id_with_one_connection)
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

Test(mongo_damage, does_not_give_the_id_of_a_removed_event_away)
{
    const struct object_id id = id_of(1);
    struct event_view view = {0};
    struct error error = {0};

    insert_event(1, &error);
    cr_assert_eq(error.code, ERROR_NONE);
    change_documents("events", "{}", "{\"$set\": {\"removed\": true}}");

    cr_expect_not(catalogue_store_event(world.catalogue, &id, &view, &error));
    cr_expect_eq(error.code, ERROR_NOT_FOUND);
    insert_event(1, &error);
    cr_expect_eq(error.code, ERROR_GONE);
}

Test(mongo_damage, tells_a_corrupt_entry_and_leaves_the_other_ledgers_alone)
{
    struct ledger_entry good = entry_of(1, 0, NULL, 0);
    struct ledger_entry bad = entry_of(2, 0, NULL, 0);
    struct ledger_head head;
    struct error error = {0};

    bad.at_ms = 77;
    cr_assert_eq(insert_one(&good), LEDGER_LANDED);
    cr_assert_eq(insert_one(&bad), LEDGER_LANDED);
    change_documents("ledger", "{\"at\": 77}", "{\"$unset\": {\"cap\": 1}}");

    cr_expect(ledger_store_head(world.ledger, &good.key.event_id, &head, &error));
    cr_assert_not(ledger_store_head(world.ledger, &bad.key.event_id, &head, &error));
    cr_expect_eq(error.code, ERROR_CORRUPT);
    cr_expect_str_eq(error.text, "ledger entry 5a0000000000000000000002:0: member cap is missing");
}

Test(mongo_damage, shows_the_good_heads_around_a_corrupt_one)
{
    const struct object_id ids[] = {id_of(1), id_of(2), id_of(3), id_of(4)};
    struct ledger_head heads[4];
    struct error error = {0};

    for (uint32_t i = 1; i <= 3; i++) {
        struct ledger_entry entry = entry_of(i, 0, NULL, 0);

        entry.at_ms = i;
        cr_assert_eq(insert_one(&entry), LEDGER_LANDED);
    }
    change_documents("ledger", "{\"at\": 2}", "{\"$unset\": {\"cap\": 1}}");

    cr_assert(ledger_store_heads_shown(world.ledger, ids, 4, heads, &error), "%s", error.text);
    for (size_t i = 0; i < 4; i++) {
        cr_expect_eq(heads[i].exists, i != 3);
        cr_expect_eq(heads[i].is_unreadable, i == 1);
    }
    cr_expect_not(ledger_store_heads(world.ledger, ids, NULL, 4, heads, &error));
    cr_expect_eq(error.code, ERROR_CORRUPT);
}

static bool count(void *context, const struct ledger_entry *entry, struct error *error)
{
    (void)entry;
    (void)error;
    ++*(size_t *)context;
    return true;
}

Test(mongo_damage, publishes_the_good_entries_around_a_corrupt_one)
{
    struct error error = {0};
    size_t n = 0;

    for (uint32_t i = 1; i <= 3; i++) {
        struct ledger_entry entry = entry_of(i, i, NULL, 0);

        cr_assert_eq(insert_one(&entry), LEDGER_LANDED);
    }
    change_documents("ledger", "{\"at\": 1002}", "{\"$set\": {\"sold\": \"many\"}}");

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

Test(mongo_damage, publishes_the_good_messages_around_a_corrupt_one)
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
    change_documents("locations", "{}", "{\"$set\": {\"outbox.0.v\": \"one\"}}");
    change_documents("events", "{\"_id\": {\"$oid\": \"5a0000000000000000000002\"}}",
                     "{\"$unset\": {\"outbox.0.body\": 1}}");

    cr_assert_not(catalogue_store_unpublished(world.catalogue, 10, count_message, &n, &error));
    cr_expect_eq(error.code, ERROR_CORRUPT);
    cr_expect_str_eq(error.text, "outbox of 5a0000000000000000000002: member body is no text");
    cr_expect_eq(n, 2);
}

/* The second document is damaged, which is how it shows whether it was read. */
Test(mongo_damage, reads_no_more_outboxes_than_it_takes_for_the_messages_asked_for)
{
    struct outbox_message removal = message_of(OUTBOX_EVENT, 1, 2);
    struct error error = {0};
    size_t n = 0;

    removal.version = 2;
    for (uint32_t i = 1; i <= 2; i++) {
        insert_event(i, &error);
        cr_assert_eq(error.code, ERROR_NONE);
    }
    cr_assert(catalogue_store_remove(world.catalogue, &removal, &error), "%s", error.text);
    change_documents("events", "{\"removed\": false}",
                     "{\"$set\": {\"outbox.0.at\": 3, \"outbox.0.v\": \"one\"}}");

    cr_assert(catalogue_store_unpublished(world.catalogue, 2, count_message, &n, &error), "%s",
              error.text);
    cr_expect_eq(n, 2);
    cr_assert_not(catalogue_store_unpublished(world.catalogue, 3, count_message, &n, &error));
    cr_expect_eq(error.code, ERROR_CORRUPT);
}
