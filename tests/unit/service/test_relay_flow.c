#include "base/memory.h"
#include "service/relay_flow.h"

#include <criterion/criterion.h>

enum {
    ITEMS_MAX = 400,
    MESSAGES_MAX = 10000,
    SEEN_MAX = 8192,
    EVERY_MS = 1000,
    AGE_MS = 3000,
    BACKOFF_MOST_MS = 5000
};

static struct relay_flow *flow;
static struct relay_item items[20000];
static struct relay_item *batch[RELAY_MARK_MAX];

static struct relay_item *item_of(int64_t number, size_t n_messages)
{
    struct relay_item *item = &items[number];

    *item = (struct relay_item){
        .key = {.number = number}, .n_messages = n_messages, .committed_ms = 1000 + number};
    return item;
}

static void open_flow(size_t items_max, int64_t now_ms)
{
    const struct relay_flow_options options = {.items_max = items_max,
                                               .messages_max = MESSAGES_MAX,
                                               .seen_max = SEEN_MAX,
                                               .sweep_every_ms = EVERY_MS,
                                               .sweep_age_ms = AGE_MS,
                                               .seed = 1};

    cr_assert(relay_flow_new(&options, now_ms, &flow, NULL));
}

static void make(void)
{
    open_flow(ITEMS_MAX, 0);
}

static void leave(struct relay_item *item)
{
    item->committed_ms = -1;
}

static void clear(void)
{
    relay_flow_free(flow, leave);
}

TestSuite(relay_flow, .init = make, .fini = clear);

static void hand_over(int64_t number, size_t n_messages)
{
    cr_assert(relay_flow_hand_over(flow, item_of(number, n_messages), 0));
}

static struct relay_send send_next(int64_t now_ms)
{
    struct relay_send send;

    cr_assert(relay_flow_next_send(flow, now_ms, &send));
    return send;
}

static bool has_send(int64_t now_ms)
{
    struct relay_send send;

    return relay_flow_next_send(flow, now_ms, &send);
}

static void publish(int64_t number)
{
    struct relay_send send;

    hand_over(number, 1);
    send = send_next(0);
    relay_flow_done(flow, send.place, true, 0);
}

static struct relay_counts counts(void)
{
    return relay_flow_counts(flow, 1000000);
}

/* Offer items @first to @last as a sweep would; returns how many were taken. */
static size_t offer(int64_t first, int64_t last, int64_t now_ms)
{
    size_t taken = 0;

    for (int64_t i = first; i <= last; i++)
        taken += relay_flow_offer(flow, item_of(i, 1), now_ms);
    return taken;
}

/* A sweep that finds items @first to @last. */
static size_t sweep(int64_t first, int64_t last, int64_t now_ms)
{
    size_t taken;

    cr_assert_gt(relay_flow_begin_sweep(flow, true, now_ms), 0);
    taken = offer(first, last, now_ms);
    relay_flow_end_sweep(flow, true, now_ms);
    return taken;
}

/* ---- sending ---- */

Test(relay_flow, has_nothing_to_send_when_empty)
{
    cr_expect(relay_flow_is_empty(flow));
    cr_expect_not(has_send(0));
    cr_expect_eq(relay_flow_send_due_ms(flow), INT64_MAX);
}

Test(relay_flow, sends_all_messages_of_an_item_then_the_next_item)
{
    static const struct {
        int64_t number;
        size_t index;
    } expected[] = {{1, 0}, {1, 1}, {1, 2}, {2, 0}};

    hand_over(1, 3);
    hand_over(2, 1);
    cr_expect_eq(relay_flow_send_due_ms(flow), 0);

    for (size_t i = 0; i < ARRAY_SIZE(expected); i++) {
        struct relay_send send = send_next(0);

        cr_expect_eq(send.item, &items[expected[i].number]);
        cr_expect_eq(send.index, expected[i].index);
    }
    cr_expect_not(has_send(0));
}

Test(relay_flow, is_confirmed_only_when_every_message_is)
{
    struct relay_send send;

    hand_over(1, 3);
    for (size_t i = 0; i < 3; i++)
        send = send_next(0);

    relay_flow_done(flow, send.place, true, 0);
    relay_flow_done(flow, send.place, true, 0);
    cr_expect_eq(relay_flow_begin_mark(flow, 0, batch), 0);
    relay_flow_done(flow, send.place, true, 0);
    cr_expect_eq(relay_flow_begin_mark(flow, 0, batch), 1);
    cr_expect_eq(batch[0], &items[1]);
}

Test(relay_flow, is_not_confirmed_before_every_message_was_sent)
{
    struct relay_send send;

    hand_over(1, 2);
    send = send_next(0);
    relay_flow_done(flow, send.place, true, 0);

    cr_expect_eq(relay_flow_begin_mark(flow, 0, batch), 0);
    cr_expect(has_send(0));
}

Test(relay_flow, only_marks_an_item_without_messages)
{
    hand_over(1, 0);

    cr_expect_not(has_send(0));
    cr_expect_eq(relay_flow_begin_mark(flow, 0, batch), 1);
}

Test(relay_flow, publishes_the_whole_item_again_after_a_failure)
{
    struct relay_send send;
    int64_t due_ms;

    hand_over(1, 3);
    for (size_t i = 0; i < 3; i++)
        send = send_next(0);
    relay_flow_done(flow, send.place, true, 10);
    relay_flow_done(flow, send.place, false, 10);
    cr_expect_eq(relay_flow_send_due_ms(flow), INT64_MAX, "one outcome is still to come");
    relay_flow_done(flow, send.place, true, 10);

    due_ms = relay_flow_send_due_ms(flow);
    cr_expect_geq(due_ms, 10 + 100);
    cr_expect_leq(due_ms, 10 + 200);
    cr_expect_not(has_send(due_ms - 1));
    for (size_t i = 0; i < 3; i++) {
        send = send_next(due_ms);
        cr_expect_eq(send.index, i);
        relay_flow_done(flow, send.place, true, due_ms);
    }
    cr_expect_eq(relay_flow_begin_mark(flow, due_ms, batch), 1);
}

Test(relay_flow, does_not_send_the_rest_of_an_attempt_that_failed)
{
    struct relay_send send;

    hand_over(1, 3);
    hand_over(2, 1);
    send = send_next(0);
    (void)send_next(0);
    relay_flow_done(flow, send.place, false, 0);

    cr_expect_eq(send_next(0).item, &items[2]);
    cr_expect_not(has_send(0));
    cr_expect_eq(relay_flow_send_due_ms(flow), INT64_MAX, "its second message has no outcome yet");
    relay_flow_done(flow, send.place, true, 0);
    cr_expect_lt(relay_flow_send_due_ms(flow), INT64_MAX);
}

Test(relay_flow, waits_longer_after_each_failure_but_no_longer_than_five_seconds)
{
    int64_t now_ms = 0;
    int64_t wait_ms = 0;

    hand_over(1, 1);
    for (int i = 0; i < 12; i++) {
        struct relay_send send = send_next(now_ms);

        relay_flow_done(flow, send.place, false, now_ms);
        wait_ms = relay_flow_send_due_ms(flow) - now_ms;
        cr_expect_leq(wait_ms, BACKOFF_MOST_MS);
        now_ms += wait_ms;
    }

    cr_expect_geq(wait_ms, BACKOFF_MOST_MS / 2);
}

Test(relay_flow, fails_until_the_last_failed_item_is_confirmed)
{
    struct relay_send first;
    struct relay_send second;

    hand_over(1, 1);
    hand_over(2, 1);
    first = send_next(0);
    second = send_next(0);
    cr_expect_not(relay_flow_is_failing(flow));
    relay_flow_done(flow, first.place, false, 0);
    relay_flow_done(flow, second.place, true, 0);
    cr_expect(relay_flow_is_failing(flow));

    first = send_next(BACKOFF_MOST_MS);
    cr_expect(relay_flow_is_failing(flow));
    relay_flow_done(flow, first.place, true, BACKOFF_MOST_MS);
    cr_expect_not(relay_flow_is_failing(flow));
}

Test(relay_flow, offers_a_refused_message_again_when_half_of_those_out_have_ended)
{
    struct relay_send sends[5];

    for (int64_t i = 0; i < 5; i++) {
        hand_over(i, 1);
        sends[i] = send_next(0);
    }
    relay_flow_busy(flow, &sends[4], 0);

    cr_expect_not(has_send(1000000));
    cr_expect_eq(relay_flow_send_due_ms(flow), INT64_MAX);
    relay_flow_done(flow, sends[0].place, true, 0);
    cr_expect_not(has_send(0));
    relay_flow_done(flow, sends[1].place, true, 0);
    cr_expect_eq(relay_flow_send_due_ms(flow), 0);
    cr_expect_eq(send_next(0).item, &items[4]);
}

Test(relay_flow, offers_a_refused_message_again_after_a_while_when_none_is_out)
{
    struct relay_send send;
    int64_t due_ms;

    hand_over(1, 2);
    send = send_next(100);
    relay_flow_busy(flow, &send, 100);

    due_ms = relay_flow_send_due_ms(flow);
    cr_expect_gt(due_ms, 100);
    cr_expect_lt(due_ms, 200);
    cr_expect_not(has_send(due_ms - 1));
    cr_expect_eq(send_next(due_ms).index, 0);
    cr_expect_eq(send_next(due_ms).index, 1);
}

Test(relay_flow, puts_a_refused_last_message_back_before_the_other_items)
{
    struct relay_send send;

    hand_over(1, 2);
    hand_over(2, 1);
    (void)send_next(0);
    send = send_next(0);
    relay_flow_busy(flow, &send, 0);
    relay_flow_done(flow, send.place, true, 0);

    send = send_next(0);
    cr_expect_eq(send.item, &items[1]);
    cr_expect_eq(send.index, 1);
    cr_expect_eq(send_next(0).item, &items[2]);
}

Test(relay_flow, tries_anew_when_a_message_fails_while_the_next_is_refused)
{
    struct relay_send send;

    hand_over(1, 2);
    (void)send_next(0);
    send = send_next(0);
    relay_flow_done(flow, send.place, false, 0);
    relay_flow_busy(flow, &send, 0);

    cr_expect_not(has_send(0));
    send = send_next(BACKOFF_MOST_MS);
    cr_expect_eq(send.index, 0);
}

Test(relay_flow, wakes_for_the_earlier_of_a_retry_and_a_refused_message)
{
    struct relay_send failed;
    struct relay_send refused;

    hand_over(1, 1);
    hand_over(2, 1);
    failed = send_next(0);
    relay_flow_done(flow, failed.place, false, 0);
    refused = send_next(60);
    relay_flow_busy(flow, &refused, 60);
    cr_expect_leq(relay_flow_send_due_ms(flow), 60 + 50);

    refused = send_next(110);
    relay_flow_busy(flow, &refused, 1000);
    cr_expect_leq(relay_flow_send_due_ms(flow), 200);
}

/* ---- items in hand ---- */

Test(relay_flow, does_not_take_what_is_in_hand)
{
    hand_over(1, 1);

    cr_expect_not(relay_flow_hand_over(flow, &items[1], 0));
    cr_expect_eq(counts().in_hand, 1);
    cr_expect_eq(counts().overflowed, 0);
}

Test(relay_flow, drops_what_does_not_fit_and_counts_it_as_a_sighting)
{
    for (int64_t i = 0; i < ITEMS_MAX; i++)
        hand_over(i, 1);

    cr_expect_not(relay_flow_hand_over(flow, item_of(ITEMS_MAX, 1), 500));
    cr_expect_eq(counts().overflowed, 1);

    for (int64_t i = 0; i < ITEMS_MAX; i++)
        relay_flow_done(flow, send_next(500).place, true, 500);
    relay_flow_end_mark(flow, relay_flow_begin_mark(flow, 500, batch) > 0, 500);
    cr_expect_eq(sweep(ITEMS_MAX, ITEMS_MAX, 500 + AGE_MS), 1, "seen when it was handed over");
}

Test(relay_flow, holds_a_bounded_number_of_messages)
{
    hand_over(1, MESSAGES_MAX - 2);
    cr_expect_not(relay_flow_hand_over(flow, item_of(2, 3), 0));
    hand_over(3, 2);
    cr_expect_not(relay_flow_hand_over(flow, item_of(4, 1), 0));
    hand_over(5, 0);
    cr_expect_eq(counts().overflowed, 2);

    for (size_t i = 0; i < MESSAGES_MAX; i++)
        relay_flow_done(flow, send_next(0).place, true, 0);
    relay_flow_end_mark(flow, relay_flow_begin_mark(flow, 0, batch) == 3, 0);
    hand_over(2, MESSAGES_MAX);
}

Test(relay_flow, takes_an_item_that_is_larger_than_its_bound_when_it_has_no_other)
{
    hand_over(1, MESSAGES_MAX + 1);

    cr_expect_not(relay_flow_hand_over(flow, item_of(2, 1), 0));
}

Test(relay_flow, gives_back_what_is_in_hand_when_it_ends)
{
    hand_over(1, 1);
    hand_over(2, 1);

    relay_flow_free(flow, leave);
    flow = NULL;

    cr_expect_eq(items[1].committed_ms, -1);
    cr_expect_eq(items[2].committed_ms, -1);
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

/* ---- marking ---- */

Test(relay_flow, marks_what_was_confirmed_while_the_mark_before_ran)
{
    publish(1);
    cr_expect_eq(relay_flow_keep_due_ms(flow), 0);
    cr_assert_eq(relay_flow_begin_mark(flow, 0, batch), 1);
    publish(2);
    publish(3);
    cr_expect_eq(relay_flow_begin_mark(flow, 0, batch), 0, "one mark at a time");
    cr_expect_gt(relay_flow_keep_due_ms(flow), 0);
    relay_flow_end_mark(flow, true, 0);

    cr_expect_eq(relay_flow_begin_mark(flow, 0, batch), 2);
    cr_expect_eq(batch[0], &items[2]);
    cr_expect_eq(batch[1], &items[3]);
    relay_flow_end_mark(flow, true, 0);
    cr_expect(relay_flow_is_empty(flow));
    cr_expect_eq(counts().marked, 3);
    cr_expect_eq(counts().published, 3);
}

Test(relay_flow, marks_at_most_a_batch_at_a_time)
{
    for (int64_t i = 0; i < RELAY_MARK_MAX + 10; i++)
        publish(i);

    cr_expect_eq(relay_flow_begin_mark(flow, 0, batch), RELAY_MARK_MAX);
    relay_flow_end_mark(flow, true, 0);
    cr_expect_eq(relay_flow_begin_mark(flow, 0, batch), 10);
}

Test(relay_flow, repeats_a_failed_mark_after_a_while_in_the_same_order)
{
    int64_t due_ms;

    publish(1);
    publish(2);
    cr_assert_eq(relay_flow_begin_mark(flow, 0, batch), 2);
    publish(3);
    relay_flow_end_mark(flow, false, 0);

    cr_expect_eq(relay_flow_begin_mark(flow, 99, batch), 0);
    relay_flow_finish(flow); /* no sweep is due before the mark */
    due_ms = relay_flow_keep_due_ms(flow);
    cr_expect_leq(due_ms, 200);
    cr_assert_eq(relay_flow_begin_mark(flow, due_ms, batch), 3);
    for (int64_t i = 0; i < 3; i++)
        cr_expect_eq(batch[i], &items[i + 1]);
    relay_flow_end_mark(flow, true, due_ms);
    cr_expect(relay_flow_is_empty(flow));
}

Test(relay_flow, marks_at_once_again_after_a_mark_has_worked)
{
    publish(1);
    relay_flow_end_mark(flow, relay_flow_begin_mark(flow, 0, batch) == 0, 0);
    relay_flow_end_mark(flow, relay_flow_begin_mark(flow, BACKOFF_MOST_MS, batch) == 1,
                        BACKOFF_MOST_MS);
    publish(2);

    cr_expect_eq(relay_flow_begin_mark(flow, BACKOFF_MOST_MS, batch), 1);
}

Test(relay_flow, waits_no_longer_than_at_first_when_a_mark_fails_after_one_has_worked)
{
    static const bool works[] = {false, false, false, false, true, false};
    int64_t now_ms = 0;

    relay_flow_finish(flow); /* no sweep is due before the mark */
    for (int64_t i = 0; i < (int64_t)ARRAY_SIZE(works); i++) {
        publish(i);
        now_ms += BACKOFF_MOST_MS;
        cr_assert_gt(relay_flow_begin_mark(flow, now_ms, batch), 0);
        relay_flow_end_mark(flow, works[i], now_ms);
    }

    cr_expect_leq(relay_flow_keep_due_ms(flow), now_ms + 200);
}

/* ---- sweeping ---- */

Test(relay_flow, begins_its_sweeps_at_a_time_of_its_own)
{
    int64_t first_ms = relay_flow_keep_due_ms(flow);

    cr_expect_leq(first_ms, EVERY_MS);
    if (first_ms > 0)
        cr_expect_eq(relay_flow_begin_sweep(flow, true, first_ms - 1), 0);
    cr_expect_eq(relay_flow_begin_sweep(flow, true, first_ms), RELAY_SWEEP_LIMIT);
    cr_expect_eq(relay_flow_begin_sweep(flow, true, first_ms), 0, "one sweep at a time");
    cr_expect_eq(relay_flow_keep_due_ms(flow), INT64_MAX);
}

Test(relay_flow, sweeps_about_every_second)
{
    int64_t now_ms = EVERY_MS;
    int64_t different = 0;

    for (int i = 0; i < 100; i++) {
        int64_t pause_ms;

        sweep(1, 0, now_ms);
        pause_ms = relay_flow_keep_due_ms(flow) - now_ms;
        cr_expect_geq(pause_ms, EVERY_MS * 3 / 4);
        cr_expect_leq(pause_ms, EVERY_MS * 5 / 4);
        different += pause_ms != EVERY_MS;
        now_ms += pause_ms;
    }

    cr_expect_gt(different, 50);
}

Test(relay_flow, publishes_what_it_saw_unmarked_twice_three_seconds_apart)
{
    cr_expect_eq(sweep(1, 1, 10000), 0);
    cr_expect_eq(sweep(1, 1, 10000 + AGE_MS - 1), 0);
    cr_expect_eq(sweep(1, 1, 10000 + AGE_MS + 2000), 1);

    cr_expect_eq(send_next(20000).item, &items[1]);
    cr_expect_eq(counts().swept, 1);
}

Test(relay_flow, leaves_alone_what_is_in_hand)
{
    hand_over(1, 1);

    cr_expect_eq(sweep(1, 1, 10000), 0);
    cr_expect_eq(sweep(1, 1, 20000), 0);
    cr_expect_eq(counts().in_hand, 1);
}

Test(relay_flow, begins_anew_with_what_was_handed_over_since)
{
    sweep(1, 1, 10000);
    publish(1);
    relay_flow_end_mark(flow, relay_flow_begin_mark(flow, 10000, batch) == 1, 10000);

    cr_expect_eq(sweep(1, 1, 20000), 0, "an answer from before the mark is a first sighting");
}

Test(relay_flow, forgets_what_a_sweep_no_longer_sees)
{
    sweep(1, 2, 10000);
    sweep(2, 2, 12000);

    cr_expect_eq(sweep(1, 2, 14000), 1);
    cr_expect_eq(counts().in_hand, 1);
    cr_expect_eq(send_next(14000).item, &items[2]);
}

Test(relay_flow, remembers_what_a_full_sweep_had_no_room_for)
{
    sweep(1, RELAY_SWEEP_LIMIT, 10000);
    sweep(1001, 1000 + ITEMS_MAX, 12000); /* wide, and full again */

    cr_expect_eq(sweep(1, 10, 14000), 10);
}

Test(relay_flow, remembers_when_a_sweep_fails)
{
    sweep(1, 1, 10000);
    cr_assert_gt(relay_flow_begin_sweep(flow, true, 12000), 0);
    relay_flow_end_sweep(flow, false, 12000);

    cr_expect_eq(sweep(1, 1, 14000), 1);
}

Test(relay_flow, takes_no_more_from_a_sweep_than_there_is_room_for)
{
    sweep(1, 10, 10000);
    for (int64_t i = 0; i < ITEMS_MAX - 3; i++)
        hand_over(1000 + i, 1);

    cr_expect_eq(sweep(1, 10, 14000), 3);
    cr_expect_eq(counts().overflowed, 0);
}

Test(relay_flow, sweeps_wider_after_a_full_sweep)
{
    relay_flow_free(flow, leave);
    open_flow(10000, 0);
    sweep(1, RELAY_SWEEP_LIMIT, 10000);

    cr_expect_eq(relay_flow_begin_sweep(flow, true, 12000), RELAY_SWEEP_LIMIT_WIDE);
    offer(1, RELAY_SWEEP_LIMIT_WIDE - 1, 12000);
    relay_flow_end_sweep(flow, true, 12000);
    cr_expect_eq(relay_flow_begin_sweep(flow, true, 14000), RELAY_SWEEP_LIMIT);
}

Test(relay_flow, sweeps_narrowly_while_the_broker_is_away)
{
    relay_flow_free(flow, leave);
    open_flow(10000, 0);
    sweep(1, RELAY_SWEEP_LIMIT, 10000);

    cr_expect_eq(relay_flow_begin_sweep(flow, false, 12000), RELAY_SWEEP_LIMIT);
}

Test(relay_flow, sweeps_no_wider_than_it_has_room)
{
    sweep(1, RELAY_SWEEP_LIMIT, 10000);
    cr_expect_eq(relay_flow_begin_sweep(flow, true, 12000), ITEMS_MAX);
    offer(1, ITEMS_MAX, 12000);
    relay_flow_end_sweep(flow, true, 12000);
    for (int64_t i = 0; i < ITEMS_MAX - 10; i++)
        hand_over(10000 + i, 1);

    cr_expect_eq(relay_flow_begin_sweep(flow, true, 14000), RELAY_SWEEP_LIMIT,
                 "to see what is there, though it cannot take all of it");
}

Test(relay_flow, brings_a_backlog_down_that_is_larger_than_its_room)
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
            offer(i, i, now_ms);
            limit--;
        }
        relay_flow_end_sweep(flow, true, now_ms);
        while (relay_flow_next_send(flow, now_ms, &send))
            relay_flow_done(flow, send.place, true, now_ms);
        while ((n = relay_flow_begin_mark(flow, now_ms, batch)) > 0) {
            for (size_t i = 0; i < n; i++)
                marked[batch[i]->key.number] = true;
            n_marked += n;
            relay_flow_end_mark(flow, true, now_ms);
        }
        now_ms = relay_flow_keep_due_ms(flow);
        cr_assert_lt(now_ms, 120000);
    }

    cr_expect_eq(counts().published, BACKLOG, "nothing twice");
}

Test(relay_flow, neither_sweeps_nor_takes_when_it_is_to_finish)
{
    sweep(1, 1, 10000);
    cr_assert_gt(relay_flow_begin_sweep(flow, true, 12000), 0);
    relay_flow_finish(flow);

    cr_expect_not(relay_flow_offer(flow, item_of(1, 1), 14000));
    relay_flow_end_sweep(flow, true, 14000);
    cr_expect_eq(relay_flow_begin_sweep(flow, true, 20000), 0);
    cr_expect_eq(relay_flow_keep_due_ms(flow), INT64_MAX);
}

/* ---- figures ---- */

Test(relay_flow, knows_the_age_of_the_oldest_unpublished_item)
{
    struct relay_send send;

    cr_expect_eq(relay_flow_counts(flow, 5000).oldest_ms, 0);
    hand_over(500, 1); /* committed at 1500 */
    hand_over(300, 1); /* at 1300 */
    cr_expect_eq(relay_flow_counts(flow, 5000).oldest_ms, 3700);
    cr_expect_eq(relay_flow_counts(flow, 0).oldest_ms, 1, "the clock that wrote it was ahead");

    for (int i = 0; i < 2; i++) {
        send = send_next(0);
        relay_flow_done(flow, send.place, true, 0);
    }
    cr_expect_eq(relay_flow_counts(flow, 5000).oldest_ms, 0, "published, if not marked");
    sweep(100, 100, 10000);
    cr_expect_eq(relay_flow_counts(flow, 5000).oldest_ms, 3900, "only seen, by a sweep");
}
