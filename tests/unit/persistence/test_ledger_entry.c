#include "base/memory.h"
#include "persistence/ledger_entry.h"
#include "persistence/outbox.h"

#include <criterion/criterion.h>

static struct ledger_booking bookings[] = {{.id = {{1}}, .seats = 2}, {.id = {{2}}, .seats = 3}};
static struct ledger_cancellation cancellations[] = {{.booking_id = {{3}}, .seats = 4}};
static const struct ledger_entry sample = {
    .key = {.event_id = {{9}}, .sequence = 5},
    .token = {{7}},
    .at_ms = 11,
    .state = {.event_version = 2, .capacity = 100, .seats_sold = 60},
    .bookings = bookings,
    .n_bookings = 2,
    .cancellations = cancellations,
    .n_cancellations = 1,
};

Test(ledger_entry, is_copied_with_all_it_holds)
{
    struct ledger_entry copy = {0};
    struct error error = {0};

    cr_assert(ledger_entry_copy(&sample, &copy, &error));

    cr_expect_neq(copy.bookings, sample.bookings);
    cr_expect_eq(copy.key.sequence, 5);
    cr_expect_eq(copy.state.seats_sold, 60);
    cr_assert_eq(copy.n_bookings, 2);
    cr_expect_eq(copy.bookings[1].seats, 3);
    cr_assert_eq(copy.n_cancellations, 1);
    cr_expect_eq(copy.cancellations[0].seats, 4);
    ledger_entry_clear(&copy);
    ledger_entry_clear(&copy);
}

Test(ledger_entry, is_not_copied_in_part)
{
    for (long n = 1; n <= 2; n++) {
        struct ledger_entry copy = {0};
        struct error error = {0};

        memory_fail_at(n, false);
        cr_expect_not(ledger_entry_copy(&sample, &copy, &error));
        memory_fail_at(0, false);

        cr_expect_eq(error.code, ERROR_MEMORY);
        cr_expect_null(copy.bookings);
        cr_expect_null(copy.cancellations);
    }
}

Test(ledger_entry, says_how_many_seats_are_free)
{
    const struct {
        struct ledger_state state;
        int64_t free;
    } rows[] = {
        {{.capacity = 10, .seats_sold = 0}, 10},
        {{.capacity = 10, .seats_sold = 10}, 0},
        {{.capacity = 10, .seats_sold = 12}, 0},
        {{.capacity = 0, .seats_sold = 0}, 0},
        {{.capacity = CAPACITY_UNKNOWN, .seats_sold = 12}, CAPACITY_UNKNOWN},
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
        cr_expect_eq(ledger_state_free(&rows[i].state), rows[i].free, "row %zu", i);
}

Test(outbox_message, is_copied_with_its_body)
{
    char body[] = "{}";
    struct outbox_message message = {
        .version = 3, .name = "event.created", .body = body, .body_bytes = 2};
    struct outbox_message empty = {0};
    struct outbox_message copy = {0};
    struct error error = {0};

    cr_assert(outbox_message_copy(&message, &copy, &error));
    body[0] = 'x';
    cr_expect_eq(copy.version, 3);
    cr_expect_str_eq(copy.body, "{}");
    outbox_message_clear(&copy);

    cr_assert(outbox_message_copy(&empty, &copy, &error));
    cr_expect_str_eq(copy.body, "");
    outbox_message_clear(&copy);
}
