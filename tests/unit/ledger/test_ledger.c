#include "ledger_world.h"

#include "base/clock.h"
#include "base/memory.h"

#include <criterion/criterion.h>

#include <stdatomic.h>

enum {
    LANDED_MAX = 16,
    EVENTS = 3 * LEDGER_BULK_MAX
};

TestSuite(ledger, .init = world_open, .fini = world_close);

Test(ledger, books_replays_and_gives_back)
{
    struct booking stored;

    open_event(10);
    const struct ledger_receipt first = must_book(1, 3);
    const struct ledger_receipt again = must_book(1, 3);
    const struct ledger_receipt back = must_cancel(1);
    const struct ledger_receipt back_again = must_cancel(1);

    cr_expect_not(first.replayed);
    cr_expect_eq(first.booking.seats, 3);
    cr_expect_eq(first.seats_left, 7);
    cr_expect(again.replayed);
    cr_expect_eq(again.booking.made_at_ms, first.booking.made_at_ms);
    cr_expect(back.booking.cancelled);
    cr_expect_not(back.replayed);
    cr_expect_eq(back.seats_left, 10);
    cr_expect(back_again.replayed);
    cr_assert(ledger_store_booking(database_ledger(database), &first.booking.id, &stored, NULL));
    cr_expect(stored.cancelled);
    expect_stored(1);
}

Test(ledger, says_why_it_refuses)
{
    struct error error = must_not_book(1, 1);
    cr_expect_eq(error.code, ERROR_NOT_FOUND);

    open_event(2);
    error = must_not_book(1, 3);
    cr_expect_eq(error.code, ERROR_SOLD_OUT);
    cr_expect_str_eq(error.text, "2 left");
    cr_assert_eq(error.n_members, 1);
    cr_expect_str_eq(error.members[0].name, "seatsLeft");
    cr_expect_eq(error.members[0].number, 2);

    must_book(1, 1);
    cr_expect_eq(must_not_book(1, 2).code, ERROR_KEY_REUSED);

    struct ledger_change change = change_of(2, 10);
    change.closed = true;
    cr_assert(ledger_take_over(ledger, &change, 1, late(), &error));
    cr_expect_eq(must_not_book(2, 1).code, ERROR_GONE);

    const struct object_id unknown = id_of(9);
    struct ledger_receipt receipt;
    cr_expect_not(ledger_cancel(ledger, &event, &unknown, late(), &receipt, &error));
    cr_expect_eq(error.code, ERROR_NOT_FOUND);
    expect_stored(1);
}

Test(ledger, sells_nothing_after_the_end_of_an_event)
{
    struct ledger_change change = change_of(1, 10);

    change.end_s = 1000;
    cr_assert(ledger_take_over(ledger, &change, 1, late(), NULL));
    clock_set_wall_ms(999999);
    must_book(1, 1);
    clock_set_wall_ms(1000000);

    cr_expect_eq(must_not_book(2, 1).code, ERROR_GONE);
    cr_expect(must_book(1, 1).replayed);
}

Test(ledger, holds_users_to_their_limit)
{
    struct ledger_order order = order_of(1, 2);
    struct ledger_receipt receipt;
    struct error error = {0};

    world_reopen((struct ledger_options){.seats_per_user = 3});
    open_event(100);
    order.user_id = id_of(77);
    cr_assert(ledger_book(ledger, &order, &receipt, &error), "%s", error.text);
    order.booking_id = id_of(2);
    cr_expect_not(ledger_book(ledger, &order, &receipt, &error));
    cr_expect_eq(error.code, ERROR_USER_LIMIT);
    order.user_id = (struct object_id){0};
    cr_expect(ledger_book(ledger, &order, &receipt, &error));
    must_cancel(1);
    order.booking_id = id_of(3);
    order.user_id = id_of(77);
    cr_expect(ledger_book(ledger, &order, &receipt, &error), "%s", error.text);
}

Test(ledger, takes_over_many_versions_at_once)
{
    struct ledger_change changes[] = {change_of(1, 5), change_of(3, 7), change_of(2, 6),
                                      change_of(1, 5)};
    struct ledger_head head;

    changes[3].event_id = id_of(500);
    cr_assert(ledger_take_over(ledger, changes, ARRAY_SIZE(changes), late(), NULL));

    for (size_t i = 0; i < ARRAY_SIZE(changes); i++)
        cr_expect(changes[i].taken_over);
    cr_expect(changes[0].changed);
    cr_expect(changes[1].changed);
    cr_expect_not(changes[2].changed);
    cr_expect(changes[3].changed);
    cr_assert(ledger_store_head(database_ledger(database), &event, &head, NULL));
    cr_expect_eq(head.state.event_version, 3);
    cr_expect_eq(head.state.capacity, 7);
    cr_expect(ledger_take_over(ledger, NULL, 0, soon(0), NULL));
}

Test(ledger, takes_over_more_events_at_once_than_a_bulk_holds)
{
    struct ledger_change changes[EVENTS];
    struct error error = {0};

    for (int i = 0; i < EVENTS; i++) {
        changes[i] = change_of(1, i);
        changes[i].event_id = id_of(1000 + i);
    }
    cr_assert(ledger_take_over(ledger, changes, EVENTS, late(), &error), "%s", error.text);

    for (int i = 0; i < EVENTS; i++) {
        struct ledger_head head;

        cr_assert(ledger_store_head(database_ledger(database), &changes[i].event_id, &head, NULL));
        cr_expect_eq(head.state.capacity, i);
    }
    cr_expect_eq(ledger_counts(ledger).entries, EVENTS);
}

Test(ledger, says_which_versions_it_could_not_take_over)
{
    struct ledger_change changes[WORLD_WAITING_MAX + 1];
    struct error error = {0};

    for (int64_t i = 0; i <= WORLD_WAITING_MAX; i++)
        changes[i] = change_of(i + 1, 5);
    cr_expect_not(ledger_take_over(ledger, changes, WORLD_WAITING_MAX + 1, late(), &error));

    cr_expect_eq(error.code, ERROR_BUSY);
    for (size_t i = 0; i < WORLD_WAITING_MAX; i++)
        cr_expect(changes[i].taken_over);
    cr_expect_not(changes[WORLD_WAITING_MAX].taken_over);
    cr_expect(ledger_take_over(ledger, changes, WORLD_WAITING_MAX + 1, soon(0), &error) ||
              error.code == ERROR_BUSY || error.code == ERROR_UNAVAILABLE);
}

static struct object_id landed_ids[LANDED_MAX];
static _Atomic size_t n_landed;

static void note_landed(void *context, const struct ledger_entry *entry)
{
    (void)context;
    for (size_t i = 0; i < entry->n_bookings; i++) {
        landed_ids[n_landed] = entry->bookings[i].id;
        n_landed++;
    }
}

Test(ledger, tells_of_an_entry_before_its_callers)
{
    world_reopen((struct ledger_options){.landed = note_landed});
    open_event(LANDED_MAX);
    for (int i = 0; i < LANDED_MAX; i++) {
        const struct ledger_receipt receipt = must_book(i, 1);

        cr_assert_eq(n_landed, (size_t)i + 1);
        cr_expect(object_id_equal(&landed_ids[i], &receipt.booking.id));
    }
}

Test(ledger, counts_what_landed)
{
    open_event(10);
    must_book(1, 2);
    must_book(2, 3);
    must_book(2, 3);
    must_cancel(1);
    const struct ledger_counts counts = ledger_counts(ledger);

    cr_expect_eq(counts.entries, 4);
    cr_expect_eq(counts.bookings, 2);
    cr_expect_eq(counts.seats, 5);
    cr_expect_eq(counts.cancelled, 1);
    cr_expect_eq(counts.lost_races, 0);
    cr_expect_eq(counts.resends, 0);
    cr_expect_eq(counts.corrupt, 0);
}

Test(ledger, serves_more_events_than_it_keeps)
{
    struct error error = {0};

    world_reopen((struct ledger_options){.events_max = 2});
    for (int i = 0; i < 10; i++) {
        struct ledger_change change = change_of(1, 2);
        struct ledger_order order = order_of(i, 1);
        struct ledger_receipt receipt;

        change.event_id = order.event_id = id_of(300 + i % 5);
        cr_assert(ledger_take_over(ledger, &change, 1, late(), &error), "%s", error.text);
        cr_assert(ledger_book(ledger, &order, &receipt, &error), "%s", error.text);
        cr_expect_eq(receipt.seats_left, i < 5 ? 1 : 0);
    }
    expect_stored(10);
}

Test(ledger, bears_having_no_memory)
{
    open_event(100);
    for (int n = 1; n < 30; n++) {
        const struct ledger_order order = order_of(n, 1);
        struct ledger_receipt receipt;
        struct error error = {0};
        bool ok;

        memory_fail_at(n, false);
        ok = ledger_book(ledger, &order, &receipt, &error);
        memory_fail_at(0, false);
        cr_expect(ok || error.code == ERROR_MEMORY, "allocation %d: %s", n, error.text);
        must_book(n, 1);
    }
    expect_stored(29);
}

Test(ledger, does_not_open_without_memory)
{
    const struct ledger_options options = {.store = database_ledger(database), .waiting_max = 1};
    struct ledger *opened = NULL;

    for (long n = 1; n <= 2; n++) {
        struct error error = {0};

        memory_fail_at(n, false);
        cr_expect_not(ledger_open(&options, &opened, &error), "allocation %ld not needed", n);
        memory_fail_at(0, false);
        cr_expect_eq(error.code, ERROR_MEMORY);
        cr_expect_null(opened);
    }
    ledger_stop(NULL, 0);
}
