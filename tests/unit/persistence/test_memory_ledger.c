/* Every allocation of the memory backend fails once: what is refused has changed nothing. */
#include "base/memory.h"
#include "base/random.h"
#include "persistence/catalogue_store.h"
#include "persistence/ledger_store.h"

#include <criterion/criterion.h>
#include <stdio.h>

static struct database *open_fresh(void)
{
    static int n;
    char name[32];
    struct database_options options = {.backend = "memory", .url = name};
    struct database *database = NULL;
    struct error error = {0};

    cr_assert(random_init(&error));
    snprintf(name, sizeof(name), "memory_ledger_%d", n++);
    cr_assert(database_open(&options, &database, &error));
    return database;
}

static enum ledger_outcome insert(struct database *database, const struct ledger_entry *entry)
{
    enum ledger_outcome outcome = LEDGER_UNKNOWN;

    ledger_store_insert(database_ledger(database), &entry, 1, &outcome);
    return outcome;
}

Test(memory_ledger, inserts_an_entry_wholly_or_not_at_all)
{
    struct ledger_booking bookings[] = {{.id = {{1}}, .seats = 1}, {.id = {{2}}, .seats = 1}};
    struct ledger_cancellation cancellations[] = {{.booking_id = {{3}}, .seats = 1}};
    const struct ledger_entry entry = {.key = {.event_id = {{9}}},
                                       .token = {{7}},
                                       .bookings = bookings,
                                       .n_bookings = 2,
                                       .cancellations = cancellations,
                                       .n_cancellations = 1};
    enum ledger_outcome outcome = LEDGER_NOT_SENT;
    long n = 0;

    while (outcome != LEDGER_LANDED) {
        CLEANUP(database_freep) struct database *database = open_fresh();
        struct ledger_head head;

        memory_fail_at(++n, false);
        outcome = insert(database, &entry);
        memory_fail_at(0, false);

        cr_assert(outcome == LEDGER_LANDED || outcome == LEDGER_NOT_SENT);
        cr_assert_eq(ledger_store_head(database_ledger(database), &entry.key.event_id, &head, NULL),
                     outcome == LEDGER_LANDED);
        if (outcome == LEDGER_NOT_SENT)
            cr_assert_eq(insert(database, &entry), LEDGER_LANDED, "allocation %ld", n);
    }
    cr_expect_gt(n, 5);
}

Test(memory_catalogue, inserts_an_event_with_its_message_or_neither)
{
    const struct event event = {.id = {{1}}, .version = 1, .name = "Aida"};
    char body[] = "{}";
    const struct outbox_message message = {
        .subject = {{1}}, .version = 1, .body = body, .body_bytes = 2};
    bool is_inserted = false;
    long n = 0;

    while (!is_inserted) {
        CLEANUP(database_freep) struct database *database = open_fresh();
        struct catalogue_store *catalogue = database_catalogue(database);
        struct error error = {0};

        memory_fail_at(++n, false);
        is_inserted = catalogue_store_insert_event(catalogue, &event, NULL, &message, &error);
        memory_fail_at(0, false);

        if (!is_inserted) {
            cr_assert_eq(error.code, ERROR_MEMORY);
            cr_assert(catalogue_store_insert_event(catalogue, &event, NULL, &message, &error),
                      "allocation %ld: %s", n, error.text);
        }
    }
    cr_expect_gt(n, 3);
}
