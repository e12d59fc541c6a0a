#include "base/memory.h"
#include "flow_hand.h"

#include <criterion/criterion.h>

TestSuite(relay_flow, .init = flow_make, .fini = flow_clear);

/* ---- items in hand ---- */

Test(relay_flow, does_not_take_what_is_in_hand)
{
    flow_hand_over(1, 1);

    cr_expect_not(relay_flow_hand_over(flow, &flow_items[1], 0));
    cr_expect_eq(flow_counts().in_hand, 1);
    cr_expect_eq(flow_counts().overflowed, 0);
}

Test(relay_flow, drops_what_does_not_fit_and_counts_it_as_a_sighting)
{
    for (int64_t i = 0; i < ITEMS_MAX; i++)
        flow_hand_over(i, 1);

    cr_expect_not(relay_flow_hand_over(flow, flow_item(ITEMS_MAX, 1), 500));
    cr_expect_eq(flow_counts().overflowed, 1);

    for (int64_t i = 0; i < ITEMS_MAX; i++)
        relay_flow_done(flow, flow_send_next(500).place, true, 500);
    relay_flow_end_mark(flow, relay_flow_begin_mark(flow, 500, flow_batch) > 0, 500);
    cr_expect_eq(flow_sweep(ITEMS_MAX, ITEMS_MAX, 500 + AGE_MS), 1, "seen when it was handed over");
}

Test(relay_flow, holds_a_bounded_number_of_messages)
{
    flow_hand_over(1, MESSAGES_MAX - 2);
    cr_expect_not(relay_flow_hand_over(flow, flow_item(2, 3), 0));
    flow_hand_over(3, 2);
    cr_expect_not(relay_flow_hand_over(flow, flow_item(4, 1), 0));
    flow_hand_over(5, 0);
    cr_expect_eq(flow_counts().overflowed, 2);

    for (size_t i = 0; i < MESSAGES_MAX; i++)
        relay_flow_done(flow, flow_send_next(0).place, true, 0);
    relay_flow_end_mark(flow, relay_flow_begin_mark(flow, 0, flow_batch) == 3, 0);
    flow_hand_over(2, MESSAGES_MAX);
}

Test(relay_flow, takes_an_item_that_is_larger_than_its_bound_when_it_has_no_other)
{
    flow_hand_over(1, MESSAGES_MAX + 1);

    cr_expect_not(relay_flow_hand_over(flow, flow_item(2, 1), 0));
}

Test(relay_flow, gives_back_what_is_in_hand_when_it_ends)
{
    flow_hand_over(1, 1);
    flow_hand_over(2, 1);

    relay_flow_free(flow, flow_leave);
    flow = NULL;

    cr_expect_eq(flow_items[1].committed_ms, -1);
    cr_expect_eq(flow_items[2].committed_ms, -1);
}

Test(relay_flow, says_so_when_memory_fails)
{
    const struct relay_flow_options options = {.items_max = 4, .messages_max = 4, .seen_max = 4};
    long n = memory_allocations();
    struct relay_flow *other = NULL;

    cr_assert(relay_flow_new(&options, 0, &other, NULL));
    n = memory_allocations() - n;
    relay_flow_free(other, NULL);
    other = NULL;
    for (long i = 1; i <= n; i++) {
        struct error error = {0};

        memory_fail_at(i, false);
        cr_expect_not(relay_flow_new(&options, 0, &other, &error));
        memory_fail_at(0, false);
        cr_expect_eq(error.code, ERROR_MEMORY);
        cr_expect_null(other);
    }
}

/* ---- figures ---- */

Test(relay_flow, knows_the_age_of_the_oldest_unpublished_item)
{
    struct relay_send send;

    cr_expect_eq(relay_flow_counts(flow, 5000).oldest_ms, 0);
    flow_hand_over(500, 1); /* committed at 1500 */
    flow_hand_over(300, 1); /* at 1300 */
    cr_expect_eq(relay_flow_counts(flow, 5000).oldest_ms, 3700);
    cr_expect_eq(relay_flow_counts(flow, 0).oldest_ms, 1, "the clock that wrote it was ahead");

    for (int i = 0; i < 2; i++) {
        send = flow_send_next(0);
        relay_flow_done(flow, send.place, true, 0);
    }
    cr_expect_eq(relay_flow_counts(flow, 5000).oldest_ms, 0, "published, if not marked");
    flow_sweep(100, 100, 10000);
    cr_expect_eq(relay_flow_counts(flow, 5000).oldest_ms, 3900, "only seen, by a sweep");
}
