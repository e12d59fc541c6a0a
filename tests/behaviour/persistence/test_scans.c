/* Walks over everything, as digests and comparisons make them. */
#include "samples.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

TestSuite(scans, .init = world_begin, .fini = world_end, .timeout = 120);

/* What a walk met, as a line: "1v1 2v3- " is item 1 of version 1 and the tombstone of item 2. */
struct walk {
    char text[128];
    struct object_id last;
    struct catalogue_item item; /* the last one, without halls */
    size_t n_halls;
};

static bool note(void *context, const struct catalogue_item *item, struct error *error)
{
    struct walk *walk = context;
    size_t length = strlen(walk->text);

    (void)error;
    cr_expect_str_empty(item->flaw);
    snprintf(walk->text + length, sizeof(walk->text) - length, "%dv%d%s ",
             item->id.bytes[OBJECT_ID_BYTES - 1], (int)item->version, item->removed ? "-" : "");
    walk->last = item->id;
    walk->item = *item;
    walk->n_halls = item->location.n_halls;
    return true;
}

static void put_event(uint32_t number, int64_t version, bool removed)
{
    struct event event = event_of(number, "Aida", 100);
    struct copy_event change = {.event = &event, .removed = removed};
    struct error error = {0};

    event.version = version;
    event.location_id = id_of(50);
    cr_assert(copy_store_put_events(world.copy, &change, 1, &error), "%s", error.text);
}

static struct walk walk_copy(struct catalogue_scan scan)
{
    struct walk walk = {0};
    struct error error = {0};

    cr_assert(copy_store_scan(world.copy, &scan, note, &walk, &error), "%s", error.text);
    return walk;
}

Test(scans, meet_every_event_of_a_copy_in_the_order_of_ids)
{
    put_event(3, 1, false);
    put_event(1, 1, false);
    put_event(2, 1, false);
    put_event(2, 3, true);
    put_event(4, 7, true);

    cr_expect_str_eq(walk_copy((struct catalogue_scan){.limit = 1000}).text, "1v1 2v3- 3v1 4v7- ");
}

Test(scans, go_on_behind_the_last_one)
{
    static const char *const pages[] = {"1v1 2v1 ", "3v1 4v1 ", "5v1 ", ""};
    struct catalogue_scan scan = {.limit = 2};

    for (uint32_t i = 1; i <= 5; i++)
        put_event(i, 1, false);
    for (size_t i = 0; i < ARRAY_SIZE(pages); i++) {
        struct walk walk = walk_copy(scan);

        cr_expect_str_eq(walk.text, pages[i]);
        scan.has_after = true;
        if (*walk.text)
            scan.after = walk.last;
    }
}

Test(scans, meet_one_alone_with_all_its_members)
{
    const struct object_id second = id_of(2);
    const struct object_id never = id_of(9);
    struct walk walk;

    for (uint32_t i = 1; i <= 3; i++)
        put_event(i, 1, false);
    walk = walk_copy((struct catalogue_scan){.limit = 1, .only = &second});

    cr_expect_str_eq(walk.text, "2v1 ");
    cr_expect_eq(walk.item.kind, CATALOGUE_EVENT);
    cr_expect_str_eq(walk.item.event.name, "Aida");
    cr_expect_eq(walk.item.event.capacity, 100);
    cr_expect_eq(walk.item.event.start_s, 100);
    cr_expect_eq(walk.item.event.location_id.bytes[OBJECT_ID_BYTES - 1], 50);
    cr_expect_str_eq(walk_copy((struct catalogue_scan){.limit = 1, .only = &never}).text, "");
}

Test(scans, meet_locations_with_their_halls)
{
    struct hall halls[] = {{.name = "Great hall", .capacity = 2000}, {.name = "Cellar"}};
    struct location location = location_of(50, "Opera");
    struct copy_location change = {.location = &location};
    struct error error = {0};
    struct walk walk;

    location.halls = halls;
    location.n_halls = 2;
    cr_assert(copy_store_put_locations(world.copy, &change, 1, &error), "%s", error.text);
    walk = walk_copy((struct catalogue_scan){.kind = CATALOGUE_LOCATION, .limit = 10});

    cr_expect_str_eq(walk.text, "50v1 ");
    cr_expect_str_eq(walk.item.location.name, "Opera");
    cr_expect_eq(walk.n_halls, 2);
}

Test(scans, meet_the_source_as_they_meet_the_copy)
{
    struct event event = event_of(1, "Aida", 100);
    struct event other = event_of(2, "Tosca", 100);
    struct outbox_message message = message_of(OUTBOX_EVENT, 1, 1);
    struct outbox_message other_message = message_of(OUTBOX_EVENT, 2, 1);
    struct outbox_message removal = message_of(OUTBOX_EVENT, 2, 2);
    const struct catalogue_scan scan = {.limit = 10};
    struct error error = {0};
    struct walk walk = {0};

    removal.version = 2;
    cr_assert(catalogue_store_insert_event(world.catalogue, &event, NULL, &message, &error));
    cr_assert(catalogue_store_insert_event(world.catalogue, &other, NULL, &other_message, &error));
    cr_assert(catalogue_store_remove(world.catalogue, &removal, &error), "%s", error.text);
    cr_assert(catalogue_store_scan(world.catalogue, &scan, note, &walk, &error), "%s", error.text);

    cr_expect_str_eq(walk.text, "1v1 2v2- ");
}

static bool refuse(void *context, const struct catalogue_item *item, struct error *error)
{
    (void)context;
    (void)item;
    return error_set(error, ERROR_TOO_LARGE, "enough");
}

Test(scans, end_when_the_visitor_has_had_enough)
{
    const struct catalogue_scan scan = {.limit = 10};
    struct error error = {0};

    put_event(1, 1, false);
    cr_assert_not(copy_store_scan(world.copy, &scan, refuse, NULL, &error));

    cr_expect_eq(error.code, ERROR_TOO_LARGE);
}

/* ---- ledgers ---- */

/* "1:0 +3-0 " is entry 0 of event 1 with three seats booked and none given back. */
struct sums {
    char text[128];
    struct ledger_key last;
};

static bool note_sum(void *context, const struct ledger_sum *sum, struct error *error)
{
    struct sums *sums = context;
    size_t length = strlen(sums->text);

    (void)error;
    cr_expect_str_empty(sum->flaw);
    cr_expect_eq(sum->state.event_version, 1);
    snprintf(sums->text + length, sizeof(sums->text) - length, "%d:%d +%d-%d ",
             sum->key.event_id.bytes[OBJECT_ID_BYTES - 1], (int)sum->key.sequence,
             (int)sum->seats_booked, (int)sum->seats_cancelled);
    sums->last = sum->key;
    return true;
}

static struct sums sum_up(struct ledger_scan scan)
{
    struct sums sums = {0};
    struct error error = {0};

    cr_assert(ledger_store_scan(world.ledger, &scan, note_sum, &sums, &error), "%s", error.text);
    return sums;
}

static void store_ledgers(void)
{
    struct ledger_booking bookings[] = {{.id = id_of(100), .seats = 2},
                                        {.id = id_of(101), .seats = 3}};
    struct ledger_cancellation back = {.booking_id = id_of(101), .seats = 3};
    struct ledger_entry entries[] = {entry_of(2, 0, NULL, 0), entry_of(1, 0, NULL, 0),
                                     entry_of(1, 1, bookings, 2), entry_of(1, 2, NULL, 0)};

    entries[3].cancellations = &back;
    entries[3].n_cancellations = 1;
    for (size_t i = 0; i < ARRAY_SIZE(entries); i++)
        cr_assert_eq(insert_one(&entries[i]), LEDGER_LANDED);
}

Test(scans, add_up_every_entry_of_every_ledger)
{
    store_ledgers();

    cr_expect_str_eq(sum_up((struct ledger_scan){.limit = 10}).text,
                     "1:0 +0-0 1:1 +5-0 1:2 +0-3 2:0 +0-0 ");
}

Test(scans, add_up_page_after_page_and_one_ledger_alone)
{
    const struct object_id first = id_of(1);
    struct ledger_scan scan = {.limit = 2};
    struct sums sums;

    store_ledgers();
    sums = sum_up(scan);
    cr_expect_str_eq(sums.text, "1:0 +0-0 1:1 +5-0 ");
    scan.has_after = true;
    scan.after = sums.last;
    cr_expect_str_eq(sum_up(scan).text, "1:2 +0-3 2:0 +0-0 ");
    scan.only = &first;
    cr_expect_str_eq(sum_up(scan).text, "1:2 +0-3 ");
}

static bool note_entry(void *context, const struct ledger_entry *entry, struct error *error)
{
    struct sums *sums = context;
    size_t length = strlen(sums->text);

    (void)error;
    snprintf(sums->text + length, sizeof(sums->text) - length, "%d:%d %zu/%zu ",
             entry->key.event_id.bytes[OBJECT_ID_BYTES - 1], (int)entry->key.sequence,
             entry->n_bookings, entry->n_cancellations);
    sums->last = entry->key;
    return true;
}

Test(scans, show_every_entry_page_after_page)
{
    struct ledger_scan scan = {.limit = 3};
    struct sums sums = {0};
    struct error error = {0};

    store_ledgers();
    cr_assert(ledger_store_entries(world.ledger, &scan, note_entry, &sums, &error), "%s",
              error.text);
    cr_expect_str_eq(sums.text, "1:0 0/0 1:1 2/0 1:2 0/1 ");
    scan.has_after = true;
    scan.after = sums.last;
    cr_assert(ledger_store_entries(world.ledger, &scan, note_entry, &sums, &error), "%s",
              error.text);

    cr_expect_str_eq(sums.text, "1:0 0/0 1:1 2/0 1:2 0/1 2:0 0/0 ");
}
