#include "flow_hand.h"

#include <criterion/criterion.h>

TestSuite(relay_flow_keep, .init = flow_make, .fini = flow_clear);

/* ---- marking ---- */

Test(relay_flow_keep, marks_what_was_confirmed_while_the_mark_before_ran)
{
    flow_publish(1);
    cr_expect_eq(relay_flow_keep_due_ms(flow), 0);
    cr_assert_eq(relay_flow_begin_mark(flow, 0, flow_batch), 1);
    flow_publish(2);
    flow_publish(3);
    cr_expect_eq(relay_flow_begin_mark(flow, 0, flow_batch), 0, "one mark at a time");
    cr_expect_gt(relay_flow_keep_due_ms(flow), 0);
    relay_flow_end_mark(flow, true, 0);

    cr_expect_eq(relay_flow_begin_mark(flow, 0, flow_batch), 2);
    cr_expect_eq(flow_batch[0], &flow_items[2]);
    cr_expect_eq(flow_batch[1], &flow_items[3]);
    relay_flow_end_mark(flow, true, 0);
    cr_expect(relay_flow_is_empty(flow));
    cr_expect_eq(flow_counts().marked, 3);
    cr_expect_eq(flow_counts().published, 3);
}

Test(relay_flow_keep, marks_at_most_a_batch_at_a_time)
{
    for (int64_t i = 0; i < RELAY_MARK_MAX + 10; i++)
        flow_publish(i);

    cr_expect_eq(relay_flow_begin_mark(flow, 0, flow_batch), RELAY_MARK_MAX);
    relay_flow_end_mark(flow, true, 0);
    cr_expect_eq(relay_flow_begin_mark(flow, 0, flow_batch), 10);
}

Test(relay_flow_keep, lets_what_is_to_be_marked_gather_after_the_first)
{
    flow_make_paced(50);
    flow_publish(1);
    cr_assert_eq(relay_flow_begin_mark(flow, 0, flow_batch), 1);
    relay_flow_end_mark(flow, true, 1);
    flow_publish(2);
    flow_publish(3);

    cr_expect_eq(relay_flow_begin_mark(flow, 49, flow_batch), 0);
    cr_expect_eq(relay_flow_keep_due_ms(flow), 50);
    cr_expect_eq(relay_flow_begin_mark(flow, 50, flow_batch), 2);
}

Test(relay_flow_keep, marks_at_once_what_fills_a_batch)
{
    flow_make_paced(50);
    flow_publish(RELAY_MARK_MAX);
    cr_assert_eq(relay_flow_begin_mark(flow, 0, flow_batch), 1);
    relay_flow_end_mark(flow, true, 0);
    for (int64_t i = 0; i < RELAY_MARK_MAX; i++)
        flow_publish(i);

    cr_expect_eq(relay_flow_keep_due_ms(flow), 0);
    cr_expect_eq(relay_flow_begin_mark(flow, 0, flow_batch), RELAY_MARK_MAX);
    relay_flow_end_mark(flow, false, 0);
    relay_flow_finish(flow);
    cr_expect_gt(relay_flow_keep_due_ms(flow), 0, "but not after one that failed");
}

Test(relay_flow_keep, marks_and_sends_at_once_at_the_end)
{
    flow_make_paced(50);
    flow_publish(1);
    cr_assert_eq(relay_flow_begin_mark(flow, 0, flow_batch), 1);
    relay_flow_end_mark(flow, true, 0);
    cr_expect_not(flow_has_send(0));
    flow_hand_over(2, 1);
    relay_flow_finish(flow);

    cr_expect_eq(relay_flow_send_due_ms(flow), 0);
    relay_flow_done(flow, flow_send_next(1).place, true, 1);
    cr_expect_eq(relay_flow_keep_due_ms(flow), 0);
    cr_expect_eq(relay_flow_begin_mark(flow, 1, flow_batch), 1);
}

Test(relay_flow_keep, repeats_a_failed_mark_after_a_while_in_the_same_order)
{
    int64_t due_ms;

    flow_publish(1);
    flow_publish(2);
    cr_assert_eq(relay_flow_begin_mark(flow, 0, flow_batch), 2);
    flow_publish(3);
    relay_flow_end_mark(flow, false, 0);

    cr_expect_eq(relay_flow_begin_mark(flow, 99, flow_batch), 0);
    relay_flow_finish(flow); /* no sweep is due before the mark */
    due_ms = relay_flow_keep_due_ms(flow);
    cr_expect_leq(due_ms, 200);
    cr_assert_eq(relay_flow_begin_mark(flow, due_ms, flow_batch), 3);
    for (int64_t i = 0; i < 3; i++)
        cr_expect_eq(flow_batch[i], &flow_items[i + 1]);
    relay_flow_end_mark(flow, true, due_ms);
    cr_expect(relay_flow_is_empty(flow));
}

Test(relay_flow_keep, marks_at_once_again_after_a_mark_has_worked)
{
    flow_publish(1);
    relay_flow_end_mark(flow, relay_flow_begin_mark(flow, 0, flow_batch) == 0, 0);
    relay_flow_end_mark(flow, relay_flow_begin_mark(flow, BACKOFF_MOST_MS, flow_batch) == 1,
                        BACKOFF_MOST_MS);
    flow_publish(2);

    cr_expect_eq(relay_flow_begin_mark(flow, BACKOFF_MOST_MS, flow_batch), 1);
}

Test(relay_flow_keep, waits_no_longer_than_at_first_when_a_mark_fails_after_one_has_worked)
{
    static const bool works[] = {false, false, false, false, true, false};
    int64_t now_ms = 0;

    relay_flow_finish(flow); /* no sweep is due before the mark */
    for (int64_t i = 0; i < (int64_t)ARRAY_SIZE(works); i++) {
        flow_publish(i);
        now_ms += BACKOFF_MOST_MS;
        cr_assert_gt(relay_flow_begin_mark(flow, now_ms, flow_batch), 0);
        relay_flow_end_mark(flow, works[i], now_ms);
    }

    cr_expect_leq(relay_flow_keep_due_ms(flow), now_ms + 200);
}

/* ---- sweeping ---- */

Test(relay_flow_keep, begins_its_sweeps_at_a_time_of_its_own)
{
    int64_t first_ms = relay_flow_keep_due_ms(flow);

    cr_expect_leq(first_ms, EVERY_MS);
    if (first_ms > 0)
        cr_expect_eq(relay_flow_begin_sweep(flow, true, first_ms - 1), 0);
    cr_expect_eq(relay_flow_begin_sweep(flow, true, first_ms), RELAY_SWEEP_LIMIT);
    cr_expect_eq(relay_flow_begin_sweep(flow, true, first_ms), 0, "one sweep at a time");
    cr_expect_eq(relay_flow_keep_due_ms(flow), INT64_MAX);
}

Test(relay_flow_keep, sweeps_about_every_second)
{
    int64_t now_ms = EVERY_MS;
    int64_t different = 0;

    for (int i = 0; i < 100; i++) {
        int64_t pause_ms;

        flow_sweep(1, 0, now_ms);
        pause_ms = relay_flow_keep_due_ms(flow) - now_ms;
        cr_expect_geq(pause_ms, EVERY_MS * 3 / 4);
        cr_expect_leq(pause_ms, EVERY_MS * 5 / 4);
        different += pause_ms != EVERY_MS;
        now_ms += pause_ms;
    }

    cr_expect_gt(different, 50);
}

Test(relay_flow_keep, publishes_what_it_saw_unmarked_twice_three_seconds_apart)
{
    cr_expect_eq(flow_sweep(1, 1, 10000), 0);
    cr_expect_eq(flow_sweep(1, 1, 10000 + AGE_MS - 1), 0);
    cr_expect_eq(flow_sweep(1, 1, 10000 + AGE_MS + 2000), 1);

    cr_expect_eq(flow_send_next(20000).item, &flow_items[1]);
    cr_expect_eq(flow_counts().swept, 1);
}

Test(relay_flow_keep, leaves_alone_what_is_in_hand)
{
    flow_hand_over(1, 1);

    cr_expect_eq(flow_sweep(1, 1, 10000), 0);
    cr_expect_eq(flow_sweep(1, 1, 20000), 0);
    cr_expect_eq(flow_counts().in_hand, 1);
}

Test(relay_flow_keep, begins_anew_with_what_was_handed_over_since)
{
    flow_sweep(1, 1, 10000);
    flow_publish(1);
    relay_flow_end_mark(flow, relay_flow_begin_mark(flow, 10000, flow_batch) == 1, 10000);

    cr_expect_eq(flow_sweep(1, 1, 20000), 0, "an answer from before the mark is a first sighting");
}

Test(relay_flow_keep, forgets_what_a_sweep_no_longer_sees)
{
    flow_sweep(1, 2, 10000);
    flow_sweep(2, 2, 12000);

    cr_expect_eq(flow_sweep(1, 2, 14000), 1);
    cr_expect_eq(flow_counts().in_hand, 1);
    cr_expect_eq(flow_send_next(14000).item, &flow_items[2]);
}

Test(relay_flow_keep, remembers_what_a_full_sweep_had_no_room_for)
{
    flow_sweep(1, RELAY_SWEEP_LIMIT, 10000);
    flow_sweep(1001, 1000 + ITEMS_MAX, 12000); /* wide, and full again */

    cr_expect_eq(flow_sweep(1, 10, 14000), 10);
}

Test(relay_flow_keep, remembers_when_a_sweep_fails)
{
    flow_sweep(1, 1, 10000);
    cr_assert_gt(relay_flow_begin_sweep(flow, true, 12000), 0);
    relay_flow_end_sweep(flow, false, 12000);

    cr_expect_eq(flow_sweep(1, 1, 14000), 1);
}

Test(relay_flow_keep, takes_no_more_from_a_sweep_than_there_is_room_for)
{
    flow_sweep(1, 10, 10000);
    for (int64_t i = 0; i < ITEMS_MAX - 3; i++)
        cr_assert(relay_flow_hand_over(flow, flow_item(1000 + i, 1), 14000));

    cr_expect_eq(flow_sweep(1, 10, 14000), 3);
    cr_expect_eq(flow_counts().overflowed, 0);
}

/* Whose own messages are late would only publish what others are late with. */
Test(relay_flow_keep, takes_a_few_of_a_sweep_while_its_own_have_waited_as_long)
{
    flow_sweep(1, 20, 10000);
    cr_assert(relay_flow_hand_over(flow, flow_item(1000, 1), 11000));

    cr_expect_eq(flow_sweep(1, 20, 11000 + AGE_MS), RELAY_SWEPT_BEHIND);
}

Test(relay_flow_keep, takes_a_few_of_a_sweep_while_what_was_refused_waits_for_its_turn)
{
    flow_sweep(1, 20, 10000);
    for (int64_t i = 0; i < 30; i++)
        flow_hand_over(1000 + i, 1);
    for (int64_t i = 0; i < 30; i++)
        relay_flow_refused(flow, flow_send_next(10000).place, 10000);
    (void)flow_send_next(10300);

    cr_expect_eq(flow_sweep(1, 20, 10000 + AGE_MS), RELAY_SWEPT_BEHIND);
}

Test(relay_flow_keep, takes_all_of_a_sweep_while_its_own_are_young)
{
    flow_sweep(1, 20, 10000);
    cr_assert(relay_flow_hand_over(flow, flow_item(1000, 1), 13000));

    cr_expect_eq(flow_sweep(1, 20, 10000 + AGE_MS + 2000), 20);
}

Test(relay_flow_keep, takes_all_of_a_sweep_when_its_own_are_sent)
{
    flow_sweep(1, 20, 10000);
    flow_hand_over(1000, 1);
    (void)flow_send_next(10000);

    cr_expect_eq(flow_sweep(1, 20, 20000), 20);
}

/* With room for all that a wide sweep may bring: the next one is. */
static void sweep_fully(void)
{
    relay_flow_free(flow, flow_leave);
    flow_open(10000, 0);
    flow_sweep(1, RELAY_SWEEP_LIMIT, 10000);
}

Test(relay_flow_keep, sweeps_wider_after_a_full_sweep)
{
    sweep_fully();

    cr_expect_eq(relay_flow_begin_sweep(flow, true, 12000), RELAY_SWEEP_LIMIT_WIDE);
    flow_offer(1, RELAY_SWEEP_LIMIT_WIDE - 1, 12000);
    relay_flow_end_sweep(flow, true, 12000);
    cr_expect_eq(relay_flow_begin_sweep(flow, true, 14000), RELAY_SWEEP_LIMIT);
}

Test(relay_flow_keep, sweeps_narrowly_while_the_broker_is_away)
{
    sweep_fully();

    cr_expect_eq(relay_flow_begin_sweep(flow, false, 12000), RELAY_SWEEP_LIMIT);
}

Test(relay_flow_keep, sweeps_no_wider_than_it_has_room)
{
    flow_sweep(1, RELAY_SWEEP_LIMIT, 10000);
    cr_expect_eq(relay_flow_begin_sweep(flow, true, 12000), ITEMS_MAX);
    flow_offer(1, ITEMS_MAX, 12000);
    relay_flow_end_sweep(flow, true, 12000);
    for (int64_t i = 0; i < ITEMS_MAX - 10; i++)
        flow_hand_over(10000 + i, 1);

    cr_expect_eq(relay_flow_begin_sweep(flow, true, 14000), RELAY_SWEEP_LIMIT,
                 "to see what is there, though it cannot take all of it");
}

Test(relay_flow_keep, sweeps_narrowly_while_it_has_many_messages)
{
    sweep_fully();
    for (int64_t i = 0; i < 100; i++)
        flow_hand_over(10000 + i, MESSAGES_MAX / 150);

    cr_expect_eq(relay_flow_begin_sweep(flow, true, 12000), RELAY_SWEEP_LIMIT);
}

Test(relay_flow_keep, wants_no_more_of_a_wide_sweep_when_it_has_no_room)
{
    sweep_fully();
    cr_assert_eq(relay_flow_begin_sweep(flow, true, 14000), RELAY_SWEEP_LIMIT_WIDE);

    for (int64_t i = 1; i <= RELAY_SWEEP_LIMIT; i++) {
        cr_expect(relay_flow_wants_more(flow, 14000));
        cr_expect_eq(relay_flow_offer(flow, flow_item(i, MESSAGES_MAX / 100), 14000), i <= 100);
    }
    cr_expect_not(relay_flow_wants_more(flow, 14000));
}

Test(relay_flow_keep, wants_no_more_of_a_wide_sweep_when_marks_have_waited_for_a_second)
{
    sweep_fully();
    flow_publish(10000);
    cr_assert_eq(relay_flow_begin_sweep(flow, true, 12000), RELAY_SWEEP_LIMIT_WIDE);
    flow_offer(1, RELAY_SWEEP_LIMIT - 1, 12000);
    cr_expect(relay_flow_wants_more(flow, 20000), "or it would never see much of a slow database");

    flow_offer(1000, 1000, 12000);
    cr_expect(relay_flow_wants_more(flow, 12999));
    cr_expect_not(relay_flow_wants_more(flow, 13000));
    relay_flow_end_sweep(flow, false, 13000);
    cr_expect_eq(flow_sweep(1, 10, 14000), 10, "nothing is forgotten");
}

Test(relay_flow_keep, brings_a_backlog_down_that_is_larger_than_its_room)
{
    enum {
        BACKLOG = 5000
    };
    bool marked[BACKLOG] = {false};
    size_t n_marked = 0;
    int64_t now_ms = EVERY_MS;

    while (n_marked < BACKLOG) {
        size_t limit = relay_flow_begin_sweep(flow, true, now_ms);
        struct relay_send send;
        size_t n;

        for (int64_t i = 0; i < BACKLOG && limit > 0; i++) {
            if (marked[i])
                continue;
            flow_offer(i, i, now_ms);
            limit--;
        }
        relay_flow_end_sweep(flow, true, now_ms);
        while (relay_flow_next_send(flow, now_ms, &send))
            relay_flow_done(flow, send.place, true, now_ms);
        while ((n = relay_flow_begin_mark(flow, now_ms, flow_batch)) > 0) {
            for (size_t i = 0; i < n; i++)
                marked[flow_batch[i]->key.number] = true;
            n_marked += n;
            relay_flow_end_mark(flow, true, now_ms);
        }
        now_ms = relay_flow_keep_due_ms(flow);
        cr_assert_lt(now_ms, 120000);
    }

    cr_expect_eq(flow_counts().published, BACKLOG, "nothing twice");
}

Test(relay_flow_keep, neither_sweeps_nor_takes_when_it_is_to_finish)
{
    flow_sweep(1, 1, 10000);
    cr_assert_gt(relay_flow_begin_sweep(flow, true, 12000), 0);
    relay_flow_finish(flow);

    cr_expect_not(relay_flow_offer(flow, flow_item(1, 1), 14000));
    cr_expect_not(relay_flow_wants_more(flow, 14000));
    relay_flow_end_sweep(flow, true, 14000);
    cr_expect_eq(relay_flow_begin_sweep(flow, true, 20000), 0);
    cr_expect_eq(relay_flow_keep_due_ms(flow), INT64_MAX);
}
