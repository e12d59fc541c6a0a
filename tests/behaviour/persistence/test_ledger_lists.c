#include "samples.h"

#include <criterion/criterion.h>
#include <string.h>

TestSuite(ledger_lists, .init = world_begin, .fini = world_end, .timeout = 120);

struct seen {
    struct booking bookings[16];
    int64_t sequences[16];
    size_t indexes[16];
    size_t n;
    size_t fail_at; /* 0: never */
};

static bool see(void *context, const struct booking *booking, int64_t sequence, size_t index,
                struct error *error)
{
    struct seen *seen = context;

    if (seen->fail_at && seen->n + 1 == seen->fail_at)
        return error_set(error, ERROR_TOO_LARGE, "enough");
    seen->bookings[seen->n] = *booking;
    seen->sequences[seen->n] = sequence;
    seen->indexes[seen->n] = index;
    seen->n++;
    return true;
}

/*
 * Event 1: entries 0 (nothing), 1 (100 to 102), 2 (101 back), 3 (103, 104); event 2: entry 0 (200).
 */
static void store_ledger(void)
{
    struct ledger_booking first[] = {{.id = id_of(100), .seats = 1},
                                     {.id = id_of(101), .user_id = id_of(7), .seats = 2},
                                     {.id = id_of(102), .seats = 3}};
    struct ledger_booking second[] = {{.id = id_of(103), .seats = 4, .fingerprint = 1},
                                      {.id = id_of(104), .seats = 5}};
    struct ledger_booking elsewhere[] = {{.id = id_of(200), .seats = 1}};
    struct ledger_cancellation back[] = {
        {.booking_id = id_of(101), .user_id = id_of(7), .seats = 2}};
    struct ledger_entry entries[] = {
        entry_of(1, 0, NULL, 0),   entry_of(1, 1, first, 3),     entry_of(1, 2, NULL, 0),
        entry_of(1, 3, second, 2), entry_of(2, 0, elsewhere, 1),
    };

    entries[2].cancellations = back;
    entries[2].n_cancellations = 1;
    entries[4].at_ms = 500;
    for (size_t i = 0; i < ARRAY_SIZE(entries); i++)
        cr_assert_eq(insert_one(&entries[i]), LEDGER_LANDED);
}

Test(ledger_lists, show_bookings_in_the_order_of_the_ledger_cancelled_ones_too)
{
    struct booking_page page = {.event_id = id_of(1), .limit = 1000};
    struct seen seen = {0};
    struct error error = {0};

    store_ledger();
    cr_assert(ledger_store_bookings(world.ledger, &page, see, &seen, &error), "%s", error.text);

    cr_assert_eq(seen.n, 5);
    for (uint32_t i = 0; i < 5; i++) {
        const struct object_id id = id_of(100 + i);

        cr_expect(object_id_equal(&seen.bookings[i].id, &id));
        cr_expect_eq(seen.bookings[i].seats, (int32_t)i + 1);
        cr_expect_eq(seen.bookings[i].cancelled, i == 1);
        cr_expect_eq(seen.sequences[i], i < 3 ? 1 : 3);
        cr_expect_eq(seen.indexes[i], i < 3 ? i : i - 3);
        cr_expect_eq(seen.bookings[i].made_at_ms, 1000 + seen.sequences[i]);
    }
}

Test(ledger_lists, show_a_page_of_bookings_from_a_place_within_an_entry)
{
    struct booking_page page = {.event_id = id_of(1), .sequence = 1, .index = 2, .limit = 2};
    struct seen seen = {0};
    struct error error = {0};

    store_ledger();
    cr_assert(ledger_store_bookings(world.ledger, &page, see, &seen, &error), "%s", error.text);

    cr_assert_eq(seen.n, 2);
    cr_expect_eq(seen.bookings[0].seats, 3);
    cr_expect_eq(seen.bookings[1].seats, 4);
}

Test(ledger_lists, are_empty_for_an_unknown_event_and_behind_the_end)
{
    const struct booking_page pages[] = {
        {.event_id = id_of(9), .limit = 10},
        {.event_id = id_of(1), .sequence = 3, .index = 2, .limit = 10},
        {.event_id = id_of(1), .sequence = 4, .limit = 10},
    };
    struct error error = {0};

    store_ledger();
    for (size_t i = 0; i < ARRAY_SIZE(pages); i++) {
        struct seen seen = {0};

        cr_assert(ledger_store_bookings(world.ledger, &pages[i], see, &seen, &error));
        cr_expect_eq(seen.n, 0);
    }
}

Test(ledger_lists, end_with_the_error_of_a_visit)
{
    struct booking_page page = {.event_id = id_of(1), .limit = 1000};
    struct seen seen = {.fail_at = 3};
    struct error error = {0};

    store_ledger();
    cr_assert_not(ledger_store_bookings(world.ledger, &page, see, &seen, &error));

    cr_expect_eq(error.code, ERROR_TOO_LARGE);
    cr_expect_eq(seen.n, 2);
}

Test(ledger_lists, show_many_heads_at_once)
{
    const struct object_id ids[] = {id_of(2), id_of(9), id_of(1), id_of(2)};
    const int64_t sequences[] = {0, 0, 3, 0};
    struct ledger_head heads[4];
    struct error error = {0};

    store_ledger();
    cr_assert(ledger_store_heads_shown(world.ledger, ids, 4, heads, &error), "%s", error.text);

    for (size_t i = 0; i < 4; i++) {
        cr_expect_eq(heads[i].exists, i != 1);
        cr_expect_eq(heads[i].sequence, sequences[i]);
    }
}

/* ---- bookings of a user ---- */

/* User 7: booking 101 of event 1, given back, and 210 and 211 of entry 1 of event 2. */
static void store_users(void)
{
    struct ledger_booking bookings[] = {{.id = id_of(210), .user_id = id_of(7), .seats = 1},
                                        {.id = id_of(212), .user_id = id_of(8), .seats = 1},
                                        {.id = id_of(211), .user_id = id_of(7), .seats = 2}};
    struct ledger_entry entry = entry_of(2, 1, bookings, 3);

    store_ledger();
    cr_assert_eq(insert_one(&entry), LEDGER_LANDED);
}

Test(ledger_lists, show_the_bookings_of_a_user_by_event_and_ledger)
{
    static const uint32_t expected[] = {101, 210, 211};
    struct booking_page page = {.limit = 1000};
    const struct object_id user_id = id_of(7);
    struct seen seen = {0};
    struct error error = {0};

    store_users();
    cr_assert(ledger_store_bookings_of(world.ledger, &user_id, &page, see, &seen, &error), "%s",
              error.text);

    cr_assert_eq(seen.n, 3);
    for (size_t i = 0; i < seen.n; i++) {
        const struct object_id id = id_of(expected[i]);
        const struct object_id event_id = id_of(i == 0 ? 1 : 2);

        cr_expect(object_id_equal(&seen.bookings[i].id, &id));
        cr_expect(object_id_equal(&seen.bookings[i].event_id, &event_id));
        cr_expect(object_id_equal(&seen.bookings[i].user_id, &user_id));
        cr_expect_eq(seen.bookings[i].cancelled, i == 0);
    }
}

Test(ledger_lists, show_a_page_of_a_users_bookings_from_a_place)
{
    struct booking_page page = {.event_id = id_of(2), .sequence = 1, .index = 1, .limit = 1000};
    struct booking_page first = {.limit = 2};
    const struct object_id user_id = id_of(7);
    const struct object_id last = id_of(211);
    struct seen rest = {0};
    struct seen seen = {0};
    struct error error = {0};

    store_users();
    cr_assert(ledger_store_bookings_of(world.ledger, &user_id, &first, see, &seen, &error));
    cr_assert(ledger_store_bookings_of(world.ledger, &user_id, &page, see, &rest, &error));

    cr_expect_eq(seen.n, 2);
    cr_assert_eq(rest.n, 1);
    cr_expect(object_id_equal(&rest.bookings[0].id, &last));
    cr_expect_eq(rest.sequences[0], 1);
    cr_expect_eq(rest.indexes[0], 2);
}

Test(ledger_lists, show_nothing_of_a_user_without_bookings)
{
    struct booking_page page = {.limit = 1000};
    const struct object_id user_id = id_of(9);
    struct seen seen = {0};
    struct error error = {0};

    store_users();
    cr_assert(ledger_store_bookings_of(world.ledger, &user_id, &page, see, &seen, &error));

    cr_expect_eq(seen.n, 0);
}

/* ---- bookings by a range of their ids ---- */

static size_t n_between(uint32_t event, uint32_t first, uint32_t last, struct booking *bookings,
                        size_t n_max)
{
    const struct booking_range range = {
        .event_id = id_of(event), .first = id_of(first), .last = id_of(last)};
    struct error error = {0};
    size_t n = 99;

    cr_assert(ledger_store_bookings_between(world.ledger, &range, bookings, n_max, &n, &error),
              "%s", error.text);
    return n;
}

Test(ledger_lists, find_bookings_by_a_range_of_ids_with_both_its_ends)
{
    const struct object_id id = id_of(101);
    struct booking bookings[8];

    store_ledger();

    cr_expect_eq(n_between(1, 101, 103, bookings, 8), 3, "of two entries");
    cr_assert_eq(n_between(1, 101, 101, bookings, 8), 1);
    cr_expect(object_id_equal(&bookings[0].id, &id));
    cr_expect_eq(bookings[0].seats, 2);
    cr_expect(bookings[0].cancelled);
    cr_expect_eq(n_between(1, 100, 104, bookings, 2), 2, "no more than asked for");
}

Test(ledger_lists, find_nothing_outside_of_the_range_or_the_event)
{
    struct booking bookings[8];

    store_ledger();

    cr_expect_eq(n_between(1, 90, 99, bookings, 8), 0);
    cr_expect_eq(n_between(1, 105, 199, bookings, 8), 0);
    cr_expect_eq(n_between(2, 100, 104, bookings, 8), 0);
    cr_expect_eq(n_between(9, 100, 104, bookings, 8), 0);
}

/* ---- what waits to be published ---- */

struct waiting {
    struct ledger_key keys[16];
    size_t n_bookings[16];
    struct ledger_cancellation cancellation;
    size_t n;
};

static bool note(void *context, const struct ledger_entry *entry, struct error *error)
{
    struct waiting *waiting = context;

    (void)error;
    waiting->keys[waiting->n] = entry->key;
    waiting->n_bookings[waiting->n] = entry->n_bookings;
    if (entry->n_cancellations > 0)
        waiting->cancellation = entry->cancellations[0];
    waiting->n++;
    return true;
}

Test(ledger_lists, show_unpublished_entries_whole_and_oldest_first)
{
    const struct object_id other = id_of(2);
    const struct object_id booking_id = id_of(101);
    const struct object_id user_id = id_of(7);
    struct waiting waiting = {0};
    struct error error = {0};

    store_ledger();
    cr_assert(ledger_store_unpublished(world.ledger, 16, note, &waiting, &error), "%s", error.text);

    cr_assert_eq(waiting.n, 5);
    cr_expect(object_id_equal(&waiting.keys[0].event_id, &other));
    for (size_t i = 1; i < 5; i++)
        cr_expect_eq(waiting.keys[i].sequence, (int64_t)i - 1);
    cr_expect_eq(waiting.n_bookings[2], 3);
    cr_expect(object_id_equal(&waiting.cancellation.booking_id, &booking_id));
    cr_expect(object_id_equal(&waiting.cancellation.user_id, &user_id));
    cr_expect_eq(waiting.cancellation.seats, 2);
}

Test(ledger_lists, show_at_most_as_many_unpublished_entries_as_were_asked_for)
{
    struct waiting waiting = {0};
    struct error error = {0};

    store_ledger();
    cr_assert(ledger_store_unpublished(world.ledger, 2, note, &waiting, &error), "%s", error.text);

    cr_expect_eq(waiting.n, 2);
}

Test(ledger_lists, leave_out_what_was_marked)
{
    const struct ledger_key keys[] = {{id_of(1), 0}, {id_of(1), 2}, {id_of(2), 0}, {id_of(8), 3}};
    struct waiting waiting = {0};
    struct error error = {0};

    store_ledger();
    cr_assert(ledger_store_mark(world.ledger, keys, 4, &error), "%s", error.text);
    cr_assert(ledger_store_mark(world.ledger, keys, 4, &error), "%s", error.text);
    cr_assert(ledger_store_unpublished(world.ledger, 16, note, &waiting, &error), "%s", error.text);

    cr_assert_eq(waiting.n, 2);
    cr_expect_eq(waiting.keys[0].sequence, 1);
    cr_expect_eq(waiting.keys[1].sequence, 3);
}

Test(ledger_lists, show_a_full_batch_with_every_member)
{
    struct ledger_booking bookings[LEDGER_BATCH_MAX];
    struct ledger_entry entry = entry_of(1, 0, bookings, LEDGER_BATCH_MAX);
    struct booking_page page = {.event_id = id_of(1), .index = LEDGER_BATCH_MAX - 1, .limit = 16};
    struct seen seen = {0};
    struct error error = {0};
    const struct object_id last = id_of(1000 + LEDGER_BATCH_MAX - 1);

    for (uint32_t i = 0; i < LEDGER_BATCH_MAX; i++)
        bookings[i] = (struct ledger_booking){.id = id_of(1000 + i),
                                              .user_id = id_of(5000 + i),
                                              .seats = SEATS_PER_BOOKING_MAX,
                                              .fingerprint = i};
    cr_assert_eq(insert_one(&entry), LEDGER_LANDED);
    cr_assert(ledger_store_bookings(world.ledger, &page, see, &seen, &error), "%s", error.text);

    cr_assert_eq(seen.n, 1);
    cr_expect(object_id_equal(&seen.bookings[0].id, &last));
    cr_expect_eq(seen.bookings[0].seats, SEATS_PER_BOOKING_MAX);
}
