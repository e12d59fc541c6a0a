#include "flow_hand.h"

#include <criterion/criterion.h>

Test(listener_flow, offers_what_has_arrived_in_order)
{
    flow_start(3);

    cr_expect_str_eq(flow_offer(0), "1 2 3");
}

Test(listener_flow, offers_no_more_than_a_batch)
{
    flow_start(3);

    cr_expect_eq(listener_flow_offer(&flow, 0, flow_batch, 2), 2);
}

Test(listener_flow, offers_nothing_while_a_batch_is_out)
{
    flow_start(2);
    (void)flow_offer(0);
    listener_flow_arrived(&flow, &flow_helds[2], 3, HELD_WAITING);

    cr_expect_eq(listener_flow_offer(&flow, 0, flow_batch, FLOW_BATCH), 0);
}

/* A pace of 20 ms: the first comes at once, the next wait for company. */
static void start_at_pace(void)
{
    flow_start(1);
    flow.pace_ms = 20;
    (void)flow_offer(1000);
    flow_answer("a", 1001);
    listener_flow_arrived(&flow, &flow_helds[1], 2, HELD_WAITING);
    listener_flow_arrived(&flow, &flow_helds[2], 3, HELD_WAITING);
}

Test(listener_flow, lets_a_batch_gather_when_one_has_just_begun)
{
    start_at_pace();

    cr_expect_str_eq(flow_offer(1019), "");
    cr_expect_eq(flow_wait_ms(1019), 1);
    cr_expect_str_eq(flow_offer(1020), "2 3");
}

Test(listener_flow, lets_a_full_batch_wait_for_nothing)
{
    start_at_pace();

    cr_expect_eq(listener_flow_offer(&flow, 1002, flow_batch, 2), 2);
}

Test(listener_flow, lets_a_suspect_wait_for_nothing)
{
    start_at_pace();
    flow_helds[1].is_suspect = true;
    flow_helds[1].is_noted = true;

    cr_expect_eq(flow_wait_ms(1002), 0);
    cr_expect_str_eq(flow_offer(1002), "2");
}

Test(listener_flow, lets_nothing_gather_before_a_suspect)
{
    start_at_pace();
    flow_helds[2].is_suspect = true;

    cr_expect_eq(flow_wait_ms(1002), 0);
    cr_expect_str_eq(flow_offer(1002), "2");
}

Test(listener_flow, settles_nothing_without_a_verdict)
{
    flow_start(2);
    (void)flow_offer(0);

    cr_expect_str_eq(flow_settle(), "");
}

Test(listener_flow, acknowledges_a_whole_batch_at_once)
{
    flow_start(3);
    (void)flow_offer(0);
    flow_answer("aaa", 0);

    cr_expect_str_eq(flow_settle(), "a3*");
    cr_expect(listener_flow_is_empty(&flow));
    cr_expect_eq(flow_n_finished(), 3);
}

Test(listener_flow, acknowledges_one_by_itself)
{
    flow_start(1);
    (void)flow_offer(0);
    flow_answer("a", 0);

    cr_expect_str_eq(flow_settle(), "a1");
}

/* Tag 1 is kept, so nothing may be said of "everything up to 3". */
Test(listener_flow, does_not_acknowledge_what_it_keeps)
{
    flow_start(3);
    (void)flow_offer(0);
    flow_answer("raa", 0);

    cr_expect_str_eq(flow_settle(), "a2 a3");
    cr_expect_eq(flow_n_finished(), 2);
}

Test(listener_flow, acknowledges_the_front_at_once_and_what_is_behind_a_kept_one_singly)
{
    flow_start(5);
    (void)flow_offer(0);
    flow_answer("aaraa", 0);

    cr_expect_str_eq(flow_settle(), "a2* a4 a5");
}

Test(listener_flow, holds_back_everything_after_a_retry)
{
    flow_start(2);
    (void)flow_offer(1000);
    flow_answer("ar", 1000);
    (void)flow_settle();
    listener_flow_arrived(&flow, &flow_helds[2], 3, HELD_WAITING);

    cr_expect_str_eq(flow_offer(1049), "");
    cr_expect_eq(flow_wait_ms(1000), 50);
    cr_expect_str_eq(flow_offer(1050), "2 3");
}

Test(listener_flow, waits_longer_after_each_retry_up_to_a_bound)
{
    static const int64_t waits[] = {50, 100, 200, 400, 800, 1600, 2500, 2500};
    int64_t now_ms = 0;

    flow_start(1);
    for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
        cr_assert_str_eq(flow_offer(now_ms), "1");
        flow_answer("r", now_ms);
        cr_expect_eq(flow_wait_ms(now_ms), waits[i]);
        now_ms += waits[i];
    }
}

Test(listener_flow, forgets_the_waits_after_a_batch_without_retry)
{
    flow_start(1);
    for (int64_t now_ms = 0; now_ms < 3 * FLOW_LONG_MS; now_ms += FLOW_LONG_MS) {
        cr_assert_str_eq(flow_offer(now_ms), "1");
        flow_answer("r", now_ms);
    }
    cr_assert_str_eq(flow_offer(4 * FLOW_LONG_MS), "1");
    flow_answer("a", 4 * FLOW_LONG_MS);
    listener_flow_arrived(&flow, &flow_helds[1], 2, HELD_WAITING);
    cr_assert_str_eq(flow_offer(4 * FLOW_LONG_MS), "2");
    flow_answer("r", 4 * FLOW_LONG_MS);

    cr_expect_eq(flow_wait_ms(4 * FLOW_LONG_MS), 50);
}

Test(listener_flow, parks_before_it_acknowledges)
{
    struct held *parked;

    flow_start(1);
    (void)flow_offer(0);
    flow_answer("p", 0);
    cr_expect_str_eq(flow_settle(), "");
    parked = listener_flow_park(&flow, 0);
    cr_expect_str_eq(flow_settle(), "");
    listener_flow_parked(&flow, parked, PARKING_CONFIRMED, 0, 0);

    cr_expect_str_eq(flow_settle(), "a1");
}

Test(listener_flow, goes_on_with_the_good_ones_around_a_bad_one)
{
    flow_start(3);
    (void)flow_offer(0);
    flow_answer("apa", 0);
    cr_expect_str_eq(flow_settle(), "a1 a3");
    listener_flow_arrived(&flow, &flow_helds[3], 4, HELD_WAITING);

    cr_expect_str_eq(flow_offer(0), "4");
}

Test(listener_flow, parks_again_after_a_while_when_it_failed)
{
    struct held *parked;

    flow_start(1);
    (void)flow_offer(0);
    flow_answer("p", 0);
    parked = listener_flow_park(&flow, 0);
    listener_flow_parked(&flow, parked, PARKING_FAILED, 0, 0);

    cr_expect_str_eq(flow_settle(), "");
    cr_expect_null(listener_flow_park(&flow, 49));
    cr_expect_eq(flow_wait_ms(0), 50);
    cr_expect_eq(listener_flow_park(&flow, 50), parked);
}

Test(listener_flow, rejects_what_cannot_be_copied)
{
    struct held *parked;

    flow_start(3);
    (void)flow_offer(0);
    flow_answer("apa", 0);
    parked = listener_flow_park(&flow, 0);
    listener_flow_parked(&flow, parked, PARKING_IMPOSSIBLE, 0, 0);

    cr_expect_str_eq(flow_settle(), "x2 a3*");
    cr_expect_eq(flow_n_finished(), 3);
}

Test(listener_flow, settles_what_needs_no_handler_without_asking_it)
{
    flow_start(0);
    listener_flow_arrived(&flow, &flow_helds[0], 1, HELD_DONE);
    listener_flow_arrived(&flow, &flow_helds[1], 2, HELD_TO_REJECT);
    listener_flow_arrived(&flow, &flow_helds[2], 3, HELD_TO_PARK);

    cr_expect_str_eq(flow_offer(0), "");
    cr_expect_str_eq(flow_settle(), "x2 a1");
    cr_expect_eq(flow_wait_ms(0), 0);
    cr_expect_eq(listener_flow_park(&flow, 0), &flow_helds[2]);
}

Test(listener_flow, drops_everything_with_the_connection)
{
    flow_start(3);
    listener_flow_lost(&flow);

    cr_expect(listener_flow_is_empty(&flow));
    cr_expect_eq(flow_n_finished(), 3);
    cr_expect_str_eq(flow_settle(), "");
}

/* The tag belongs to a connection that is gone: the broker delivers the message anew. */
Test(listener_flow, says_nothing_of_a_verdict_from_before_the_connection_was_lost)
{
    flow_start(2);
    (void)flow_offer(0);
    listener_flow_opened(&flow);
    cr_expect_eq(flow_n_finished(), 0);
    listener_flow_arrived(&flow, &flow_helds[2], 1, HELD_WAITING);
    flow_answer("ar", 0);

    cr_expect_str_eq(flow_settle(), "");
    cr_expect_eq(flow_n_finished(), 2);
    cr_expect_str_eq(flow_offer(0), "1");
}

Test(listener_flow, says_nothing_of_a_copy_from_before_the_connection_was_lost)
{
    static const enum parking_end ends[] = {PARKING_CONFIRMED, PARKING_FAILED, PARKING_IMPOSSIBLE};

    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        struct held *parked;

        flow_start(0);
        listener_flow_arrived(&flow, &flow_helds[0], 1, HELD_TO_PARK);
        parked = listener_flow_park(&flow, 0);
        listener_flow_opened(&flow);
        listener_flow_parked(&flow, parked, ends[i], 0, 0);

        cr_expect_str_eq(flow_settle(), "");
        cr_expect_eq(flow_n_finished(), 1);
    }
}

Test(listener_flow, forgets_to_hold_back_with_the_connection)
{
    flow_start(1);
    (void)flow_offer(0);
    flow_answer("r", 0);
    listener_flow_opened(&flow);
    listener_flow_arrived(&flow, &flow_helds[1], 1, HELD_WAITING);

    cr_expect_str_eq(flow_offer(0), "1");
}

Test(listener_flow, settles_what_is_done_when_it_stops_and_offers_no_more)
{
    flow_start(2);
    (void)flow_offer(0);
    listener_flow_arrived(&flow, &flow_helds[2], 3, HELD_WAITING);
    listener_flow_stop(&flow);
    flow_answer("ap", 0);

    cr_expect_str_eq(flow_settle(), "a1");
    cr_expect_str_eq(flow_offer(FLOW_LONG_MS), "");
    cr_expect_null(listener_flow_park(&flow, FLOW_LONG_MS));
    cr_expect_eq(flow_wait_ms(0), FLOW_LONG_MS);
}

Test(listener_flow, has_nothing_to_wait_for_when_empty)
{
    flow_start(0);

    cr_expect_eq(flow_wait_ms(0), FLOW_LONG_MS);
    cr_expect(listener_flow_is_empty(&flow));
}
