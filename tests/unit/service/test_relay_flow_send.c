#include "flow_hand.h"

#include <criterion/criterion.h>

TestSuite(relay_flow_send, .init = flow_make, .fini = flow_clear);

Test(relay_flow_send, has_nothing_to_send_when_empty)
{
    cr_expect(relay_flow_is_empty(flow));
    cr_expect_not(flow_has_send(0));
    cr_expect_eq(relay_flow_send_due_ms(flow), INT64_MAX);
}

Test(relay_flow_send, sends_all_messages_of_an_item_then_the_next_item)
{
    static const struct {
        int64_t number;
        size_t index;
    } expected[] = {{1, 0}, {1, 1}, {1, 2}, {2, 0}};

    flow_hand_over(1, 3);
    flow_hand_over(2, 1);
    cr_expect_eq(relay_flow_send_due_ms(flow), 0);

    for (size_t i = 0; i < ARRAY_SIZE(expected); i++) {
        struct relay_send send = flow_send_next(0);

        cr_expect_eq(send.item, &flow_items[expected[i].number]);
        cr_expect_eq(send.index, expected[i].index);
    }
    cr_expect_not(flow_has_send(0));
}

Test(relay_flow_send, lets_messages_gather_after_a_run_of_them)
{
    flow_make_paced(10);
    flow_hand_over(1, 1);
    flow_hand_over(2, 1);
    flow_send_next(5);
    flow_send_next(12);
    cr_expect_not(flow_has_send(12));
    flow_hand_over(3, 1);

    cr_expect_not(flow_has_send(14));
    cr_expect_eq(relay_flow_send_due_ms(flow), 15, "from where the run began");
    flow_send_next(15);
    flow_hand_over(4, 1);
    flow_send_next(16); /* the run goes on */
}

Test(relay_flow_send, is_confirmed_only_when_every_message_is)
{
    struct relay_send send;

    flow_hand_over(1, 3);
    for (size_t i = 0; i < 3; i++)
        send = flow_send_next(0);

    relay_flow_done(flow, send.place, true, 0);
    relay_flow_done(flow, send.place, true, 0);
    cr_expect_eq(relay_flow_begin_mark(flow, 0, flow_batch), 0);
    relay_flow_done(flow, send.place, true, 0);
    cr_expect_eq(relay_flow_begin_mark(flow, 0, flow_batch), 1);
    cr_expect_eq(flow_batch[0], &flow_items[1]);
}

Test(relay_flow_send, is_not_confirmed_before_every_message_was_sent)
{
    struct relay_send send;

    flow_hand_over(1, 2);
    send = flow_send_next(0);
    relay_flow_done(flow, send.place, true, 0);

    cr_expect_eq(relay_flow_begin_mark(flow, 0, flow_batch), 0);
    cr_expect(flow_has_send(0));
}

Test(relay_flow_send, only_marks_an_item_without_messages)
{
    flow_hand_over(1, 0);

    cr_expect_not(flow_has_send(0));
    cr_expect_eq(relay_flow_begin_mark(flow, 0, flow_batch), 1);
}

Test(relay_flow_send, publishes_the_whole_item_again_after_a_failure)
{
    struct relay_send send;
    int64_t due_ms;

    flow_hand_over(1, 3);
    for (size_t i = 0; i < 3; i++)
        send = flow_send_next(0);
    relay_flow_done(flow, send.place, true, 10);
    relay_flow_done(flow, send.place, false, 10);
    cr_expect_eq(relay_flow_send_due_ms(flow), INT64_MAX, "one outcome is still to come");
    relay_flow_done(flow, send.place, true, 10);

    due_ms = relay_flow_send_due_ms(flow);
    cr_expect_geq(due_ms, 10 + 100);
    cr_expect_leq(due_ms, 10 + 200);
    cr_expect_not(flow_has_send(due_ms - 1));
    for (size_t i = 0; i < 3; i++) {
        send = flow_send_next(due_ms);
        cr_expect_eq(send.index, i);
        relay_flow_done(flow, send.place, true, due_ms);
    }
    cr_expect_eq(relay_flow_begin_mark(flow, due_ms, flow_batch), 1);
}

Test(relay_flow_send, does_not_send_the_rest_of_an_attempt_that_failed)
{
    struct relay_send send;

    flow_hand_over(1, 3);
    flow_hand_over(2, 1);
    send = flow_send_next(0);
    (void)flow_send_next(0);
    relay_flow_done(flow, send.place, false, 0);

    cr_expect_eq(flow_send_next(0).item, &flow_items[2]);
    cr_expect_not(flow_has_send(0));
    cr_expect_eq(relay_flow_send_due_ms(flow), INT64_MAX, "its second message has no outcome yet");
    relay_flow_done(flow, send.place, true, 0);
    cr_expect_lt(relay_flow_send_due_ms(flow), INT64_MAX);
}

Test(relay_flow_send, waits_longer_after_each_failure_but_no_longer_than_five_seconds)
{
    int64_t now_ms = 0;
    int64_t wait_ms = 0;

    flow_hand_over(1, 1);
    for (int i = 0; i < 12; i++) {
        struct relay_send send = flow_send_next(now_ms);

        relay_flow_done(flow, send.place, false, now_ms);
        wait_ms = relay_flow_send_due_ms(flow) - now_ms;
        cr_expect_leq(wait_ms, BACKOFF_MOST_MS);
        now_ms += wait_ms;
    }

    cr_expect_geq(wait_ms, BACKOFF_MOST_MS / 2);
}

Test(relay_flow_send, fails_until_the_last_failed_item_is_confirmed)
{
    struct relay_send first;
    struct relay_send second;

    flow_hand_over(1, 1);
    flow_hand_over(2, 1);
    first = flow_send_next(0);
    second = flow_send_next(0);
    cr_expect_not(relay_flow_is_failing(flow));
    relay_flow_done(flow, first.place, false, 0);
    relay_flow_done(flow, second.place, true, 0);
    cr_expect(relay_flow_is_failing(flow));

    first = flow_send_next(BACKOFF_MOST_MS);
    cr_expect(relay_flow_is_failing(flow));
    relay_flow_done(flow, first.place, true, BACKOFF_MOST_MS);
    cr_expect_not(relay_flow_is_failing(flow));
}

Test(relay_flow_send, offers_a_refused_message_again_when_half_of_those_out_have_ended)
{
    struct relay_send sends[5];

    for (int64_t i = 0; i < 5; i++) {
        flow_hand_over(i, 1);
        sends[i] = flow_send_next(0);
    }
    relay_flow_busy(flow, &sends[4], 0);

    cr_expect_not(flow_has_send(1000000));
    cr_expect_eq(relay_flow_send_due_ms(flow), INT64_MAX);
    relay_flow_done(flow, sends[0].place, true, 0);
    cr_expect_not(flow_has_send(0));
    relay_flow_done(flow, sends[1].place, true, 0);
    cr_expect_eq(relay_flow_send_due_ms(flow), 0);
    cr_expect_eq(flow_send_next(0).item, &flow_items[4]);
}

Test(relay_flow_send, offers_a_refused_message_again_after_a_while_when_none_is_out)
{
    struct relay_send send;
    int64_t due_ms;

    flow_hand_over(1, 2);
    send = flow_send_next(100);
    relay_flow_busy(flow, &send, 100);

    due_ms = relay_flow_send_due_ms(flow);
    cr_expect_gt(due_ms, 100);
    cr_expect_lt(due_ms, 200);
    cr_expect_not(flow_has_send(due_ms - 1));
    cr_expect_eq(flow_send_next(due_ms).index, 0);
    cr_expect_eq(flow_send_next(due_ms).index, 1);
}

Test(relay_flow_send, puts_a_refused_last_message_back_before_the_other_items)
{
    struct relay_send send;

    flow_hand_over(1, 2);
    flow_hand_over(2, 1);
    (void)flow_send_next(0);
    send = flow_send_next(0);
    relay_flow_busy(flow, &send, 0);
    relay_flow_done(flow, send.place, true, 0);

    send = flow_send_next(0);
    cr_expect_eq(send.item, &flow_items[1]);
    cr_expect_eq(send.index, 1);
    cr_expect_eq(flow_send_next(0).item, &flow_items[2]);
}

Test(relay_flow_send, tries_anew_when_a_message_fails_while_the_next_is_refused)
{
    struct relay_send send;

    flow_hand_over(1, 2);
    (void)flow_send_next(0);
    send = flow_send_next(0);
    relay_flow_done(flow, send.place, false, 0);
    relay_flow_busy(flow, &send, 0);

    cr_expect_not(flow_has_send(0));
    send = flow_send_next(BACKOFF_MOST_MS);
    cr_expect_eq(send.index, 0);
}

Test(relay_flow_send, wakes_for_the_earlier_of_a_retry_and_a_refused_message)
{
    struct relay_send failed;
    struct relay_send refused;

    flow_hand_over(1, 1);
    flow_hand_over(2, 1);
    failed = flow_send_next(0);
    relay_flow_done(flow, failed.place, false, 0);
    refused = flow_send_next(60);
    relay_flow_busy(flow, &refused, 60);
    cr_expect_leq(relay_flow_send_due_ms(flow), 60 + 50);

    refused = flow_send_next(110);
    relay_flow_busy(flow, &refused, 1000);
    cr_expect_leq(relay_flow_send_due_ms(flow), 200);
}

/* ---- what a full queue refuses ---- */

enum {
    ROUND_MS = 10, /* from a message to its outcome */
    MINUTE_MS = 60000
};

/* Send what is due; of that the first @n_confirmed are confirmed, the rest refused. Returns how many were sent. */
static size_t round_trip(int64_t now_ms, size_t n_confirmed)
{
    static struct relay_send sends[MESSAGES_MAX];
    size_t n_sends = 0;

    while (relay_flow_next_send(flow, now_ms, &sends[n_sends]))
        n_sends++;
    cr_assert_gt(relay_flow_send_due_ms(flow), now_ms, "the sender would spin");
    for (size_t i = 0; i < n_sends; i++) {
        if (i < n_confirmed)
            relay_flow_done(flow, sends[i].place, true, now_ms + ROUND_MS);
        else
            relay_flow_refused(flow, sends[i].place, now_ms + ROUND_MS);
    }
    return n_sends;
}

/* Returns how many of their messages went out in a minute, all refused, the first attempts not counted. */
static size_t refuse_for_a_minute(int64_t n_items, size_t n_messages)
{
    size_t n_sent = 0;

    relay_flow_free(flow, flow_leave);
    flow_open((size_t)n_items, 0);
    for (int64_t i = 0; i < n_items; i++)
        flow_hand_over(i, n_messages);
    cr_assert_eq(round_trip(0, 0), (size_t)n_items * n_messages);
    for (int64_t now_ms = ROUND_MS; now_ms < MINUTE_MS; now_ms += ROUND_MS)
        n_sent += round_trip(now_ms, 0);
    return n_sent;
}

/* Each time all other queues and the log get them once more. */
Test(relay_flow_send, tries_a_thousand_refused_items_again_at_a_slow_pace)
{
    size_t n_sent = refuse_for_a_minute(1000, 1);

    cr_expect_leq(n_sent, 60 * 50);
    cr_expect_geq(n_sent, 60 * 40);
}

Test(relay_flow_send, counts_the_messages_of_refused_items_for_their_pace)
{
    cr_expect_leq(refuse_for_a_minute(150, 64), 60 * 50 + 64);
}

Test(relay_flow_send, sends_a_thousand_refused_items_at_once_when_there_is_room_again)
{
    int64_t now_ms = MINUTE_MS;

    refuse_for_a_minute(1000, 1);
    for (; now_ms < MINUTE_MS + 200; now_ms += ROUND_MS)
        (void)round_trip(now_ms, SIZE_MAX);
    cr_expect_gt(flow_counts().published, 700, "all but those that were tried last");
    for (; now_ms < MINUTE_MS + BACKOFF_MOST_MS + 200; now_ms += ROUND_MS)
        (void)round_trip(now_ms, SIZE_MAX);

    cr_expect_eq(flow_counts().published, 1000);
    cr_expect_not(relay_flow_is_failing(flow));
}

Test(relay_flow_send, sends_at_once_whatever_failed_for_other_reasons)
{
    struct relay_send send;

    relay_flow_free(flow, flow_leave);
    flow_open(1000, 0);
    for (int64_t i = 0; i < 1000; i++)
        flow_hand_over(i, 1);
    while (relay_flow_next_send(flow, 0, &send))
        relay_flow_done(flow, send.place, false, 0);

    cr_expect_eq(round_trip(200, SIZE_MAX), 1000);
}

Test(relay_flow_send, is_slow_again_after_a_further_refusal)
{
    refuse_for_a_minute(1000, 1);
    for (int64_t i = 0; i < 6; i++)
        (void)round_trip(MINUTE_MS + i * ROUND_MS, SIZE_MAX);
    cr_assert_gt(round_trip(MINUTE_MS + 60, 10), 10);

    cr_expect_leq(round_trip(MINUTE_MS + 70, 0), 1);
}
