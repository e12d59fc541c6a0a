#include "msgqueue/listener_flow.h"

#include <criterion/criterion.h>
#include <stdio.h>

enum {
    N = 5,
    BATCH = 8
};

static const int64_t long_ms = 60000; /* longer than any back-off */

/* Five deliveries that live as long as the test, so that nothing has to be freed. */
static struct held helds[N];
static struct listener_flow flow;

static void start(int n_arrived)
{
    listener_flow_init(&flow);
    listener_flow_opened(&flow);
    for (int i = 0; i < n_arrived; i++)
        listener_flow_arrived(&flow, &helds[i], (uint64_t)i + 1, HELD_WAITING);
}

/* "1 2": tags offered at @now_ms. */
static struct held *batch[BATCH];
static size_t n_batch;

static const char *offer(int64_t now_ms)
{
    static char text[64];
    size_t n = 0;

    text[0] = '\0';
    n_batch = listener_flow_offer(&flow, now_ms, batch, BATCH);
    for (size_t i = 0; i < n_batch; i++)
        n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%d", n ? " " : "", (int)batch[i]->tag);
    return text;
}

/* One letter for each of the batch: a, r, p. */
static void answer(const char *letters, int64_t now_ms)
{
    enum delivery_verdict verdicts[BATCH];

    for (size_t i = 0; i < n_batch; i++) {
        verdicts[i] = letters[i] == 'a'   ? DELIVERY_ACKNOWLEDGE
                      : letters[i] == 'r' ? DELIVERY_RETRY
                                          : DELIVERY_PARK;
    }
    listener_flow_answered(&flow, batch, verdicts, n_batch, now_ms, 0);
}

/* "a3* x4": what is told to the broker: acknowledge (* up to) or reject. */
static const char *settle(void)
{
    static char text[64];
    struct settlement settlement;
    size_t n = 0;

    text[0] = '\0';
    while (listener_flow_settle(&flow, &settlement))
        n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%c%d%s", n ? " " : "",
                              settlement.reject ? 'x' : 'a', (int)settlement.tag,
                              settlement.multiple ? "*" : "");
    return text;
}

static int n_finished(void)
{
    int n = 0;

    while (listener_flow_finished(&flow))
        n++;
    return n;
}

static int64_t wait_ms(int64_t now_ms)
{
    return listener_flow_wait_ms(&flow, now_ms, long_ms);
}

Test(listener_flow, offers_what_has_arrived_in_order)
{
    start(3);

    cr_expect_str_eq(offer(0), "1 2 3");
}

Test(listener_flow, offers_no_more_than_a_batch)
{
    start(3);

    cr_expect_eq(listener_flow_offer(&flow, 0, batch, 2), 2);
}

Test(listener_flow, offers_nothing_while_a_batch_is_out)
{
    start(2);
    (void)offer(0);
    listener_flow_arrived(&flow, &helds[2], 3, HELD_WAITING);

    cr_expect_eq(listener_flow_offer(&flow, 0, batch, BATCH), 0);
}

Test(listener_flow, settles_nothing_without_a_verdict)
{
    start(2);
    (void)offer(0);

    cr_expect_str_eq(settle(), "");
}

Test(listener_flow, acknowledges_a_whole_batch_at_once)
{
    start(3);
    (void)offer(0);
    answer("aaa", 0);

    cr_expect_str_eq(settle(), "a3*");
    cr_expect(listener_flow_is_empty(&flow));
    cr_expect_eq(n_finished(), 3);
}

Test(listener_flow, acknowledges_one_by_itself)
{
    start(1);
    (void)offer(0);
    answer("a", 0);

    cr_expect_str_eq(settle(), "a1");
}

/* Tag 1 is kept, so nothing may be said of "everything up to 3". */
Test(listener_flow, does_not_acknowledge_what_it_keeps)
{
    start(3);
    (void)offer(0);
    answer("raa", 0);

    cr_expect_str_eq(settle(), "a2 a3");
    cr_expect_eq(n_finished(), 2);
}

Test(listener_flow, acknowledges_the_front_at_once_and_what_is_behind_a_kept_one_singly)
{
    start(5);
    (void)offer(0);
    answer("aaraa", 0);

    cr_expect_str_eq(settle(), "a2* a4 a5");
}

Test(listener_flow, holds_back_everything_after_a_retry)
{
    start(2);
    (void)offer(1000);
    answer("ar", 1000);
    (void)settle();
    listener_flow_arrived(&flow, &helds[2], 3, HELD_WAITING);

    cr_expect_str_eq(offer(1049), "");
    cr_expect_eq(wait_ms(1000), 50);
    cr_expect_str_eq(offer(1050), "2 3");
}

Test(listener_flow, waits_longer_after_each_retry_up_to_a_bound)
{
    static const int64_t waits[] = {50, 100, 200, 400, 800, 1600, 2500, 2500};
    int64_t now_ms = 0;

    start(1);
    for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
        cr_assert_str_eq(offer(now_ms), "1");
        answer("r", now_ms);
        cr_expect_eq(wait_ms(now_ms), waits[i]);
        now_ms += waits[i];
    }
}

Test(listener_flow, forgets_the_waits_after_a_batch_without_retry)
{
    start(1);
    for (int64_t now_ms = 0; now_ms < 3 * long_ms; now_ms += long_ms) {
        cr_assert_str_eq(offer(now_ms), "1");
        answer("r", now_ms);
    }
    cr_assert_str_eq(offer(4 * long_ms), "1");
    answer("a", 4 * long_ms);
    listener_flow_arrived(&flow, &helds[1], 2, HELD_WAITING);
    cr_assert_str_eq(offer(4 * long_ms), "2");
    answer("r", 4 * long_ms);

    cr_expect_eq(wait_ms(4 * long_ms), 50);
}

Test(listener_flow, parks_before_it_acknowledges)
{
    struct held *parked;

    start(1);
    (void)offer(0);
    answer("p", 0);
    cr_expect_str_eq(settle(), "");
    parked = listener_flow_park(&flow, 0);
    cr_expect_str_eq(settle(), "");
    listener_flow_parked(&flow, parked, PARKING_CONFIRMED, 0, 0);

    cr_expect_str_eq(settle(), "a1");
}

Test(listener_flow, goes_on_with_the_good_ones_around_a_bad_one)
{
    start(3);
    (void)offer(0);
    answer("apa", 0);
    cr_expect_str_eq(settle(), "a1 a3");
    listener_flow_arrived(&flow, &helds[3], 4, HELD_WAITING);

    cr_expect_str_eq(offer(0), "4");
}

Test(listener_flow, parks_again_after_a_while_when_it_failed)
{
    struct held *parked;

    start(1);
    (void)offer(0);
    answer("p", 0);
    parked = listener_flow_park(&flow, 0);
    listener_flow_parked(&flow, parked, PARKING_FAILED, 0, 0);

    cr_expect_str_eq(settle(), "");
    cr_expect_null(listener_flow_park(&flow, 49));
    cr_expect_eq(wait_ms(0), 50);
    cr_expect_eq(listener_flow_park(&flow, 50), parked);
}

Test(listener_flow, rejects_what_cannot_be_copied)
{
    struct held *parked;

    start(3);
    (void)offer(0);
    answer("apa", 0);
    parked = listener_flow_park(&flow, 0);
    listener_flow_parked(&flow, parked, PARKING_IMPOSSIBLE, 0, 0);

    cr_expect_str_eq(settle(), "x2 a3*");
    cr_expect_eq(n_finished(), 3);
}

Test(listener_flow, settles_what_needs_no_handler_without_asking_it)
{
    start(0);
    listener_flow_arrived(&flow, &helds[0], 1, HELD_DONE);
    listener_flow_arrived(&flow, &helds[1], 2, HELD_TO_REJECT);
    listener_flow_arrived(&flow, &helds[2], 3, HELD_TO_PARK);

    cr_expect_str_eq(offer(0), "");
    cr_expect_str_eq(settle(), "x2 a1");
    cr_expect_eq(wait_ms(0), 0);
    cr_expect_eq(listener_flow_park(&flow, 0), &helds[2]);
}

Test(listener_flow, drops_everything_with_the_connection)
{
    start(3);
    listener_flow_lost(&flow);

    cr_expect(listener_flow_is_empty(&flow));
    cr_expect_eq(n_finished(), 3);
    cr_expect_str_eq(settle(), "");
}

/* The tag belongs to a connection that is gone: the broker delivers the message anew. */
Test(listener_flow, says_nothing_of_a_verdict_from_before_the_connection_was_lost)
{
    start(2);
    (void)offer(0);
    listener_flow_opened(&flow);
    cr_expect_eq(n_finished(), 0);
    listener_flow_arrived(&flow, &helds[2], 1, HELD_WAITING);
    answer("ar", 0);

    cr_expect_str_eq(settle(), "");
    cr_expect_eq(n_finished(), 2);
    cr_expect_str_eq(offer(0), "1");
}

Test(listener_flow, says_nothing_of_a_copy_from_before_the_connection_was_lost)
{
    static const enum parking_end ends[] = {PARKING_CONFIRMED, PARKING_FAILED, PARKING_IMPOSSIBLE};

    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        struct held *parked;

        start(0);
        listener_flow_arrived(&flow, &helds[0], 1, HELD_TO_PARK);
        parked = listener_flow_park(&flow, 0);
        listener_flow_opened(&flow);
        listener_flow_parked(&flow, parked, ends[i], 0, 0);

        cr_expect_str_eq(settle(), "");
        cr_expect_eq(n_finished(), 1);
    }
}

Test(listener_flow, forgets_to_hold_back_with_the_connection)
{
    start(1);
    (void)offer(0);
    answer("r", 0);
    listener_flow_opened(&flow);
    listener_flow_arrived(&flow, &helds[1], 1, HELD_WAITING);

    cr_expect_str_eq(offer(0), "1");
}

Test(listener_flow, settles_what_is_done_when_it_stops_and_offers_no_more)
{
    start(2);
    (void)offer(0);
    listener_flow_arrived(&flow, &helds[2], 3, HELD_WAITING);
    listener_flow_stop(&flow);
    answer("ap", 0);

    cr_expect_str_eq(settle(), "a1");
    cr_expect_str_eq(offer(long_ms), "");
    cr_expect_null(listener_flow_park(&flow, long_ms));
    cr_expect_eq(wait_ms(0), long_ms);
}

Test(listener_flow, has_nothing_to_wait_for_when_empty)
{
    start(0);

    cr_expect_eq(wait_ms(0), long_ms);
    cr_expect(listener_flow_is_empty(&flow));
}

/* ---- quarantine ---- */

static void start_with_suspect(int suspect)
{
    for (int i = 0; i < N; i++)
        helds[i] = (struct held){.is_suspect = i == suspect - 1};
    start(3);
}

/* "1:0 2:3": tags to be noted, and how many processes then had begun with each. */
static const char *note(int n_noted, int64_t now_ms)
{
    static char text[64];
    struct held *held;
    size_t n = 0;

    text[0] = '\0';
    while ((held = listener_flow_note(&flow, now_ms))) {
        n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%d:%d", n ? " " : "", (int)held->tag,
                              n_noted);
        listener_flow_noted(&flow, held, n_noted, now_ms, 0);
    }
    return text;
}

Test(listener_flow, notes_nothing_that_is_not_suspect)
{
    start(3);

    cr_expect_str_eq(note(1, 0), "");
}

Test(listener_flow, offers_a_suspect_alone_once_it_is_noted)
{
    start_with_suspect(1);

    cr_expect_str_eq(offer(0), "", "not before it is noted");
    cr_expect_str_eq(note(1, 0), "1:1");
    cr_expect_str_eq(offer(0), "1");
    answer("a", 0);
    cr_expect_str_eq(settle(), "a1");
    cr_expect_str_eq(offer(0), "2 3");
}

Test(listener_flow, hands_out_what_is_before_a_suspect_without_it)
{
    start_with_suspect(3);

    cr_expect_str_eq(note(1, 0), "", "its turn has not come");
    cr_expect_str_eq(offer(0), "1 2");
    cr_expect_str_eq(note(1, 0), "", "a batch is out");
    answer("aa", 0);
    cr_expect_str_eq(note(1, 0), "3:1");
    cr_expect_str_eq(offer(0), "3");
}

Test(listener_flow, parks_what_five_did_not_come_back_from)
{
    start_with_suspect(1);

    cr_expect_str_eq(note(DEATHS_MAX + 1, 0), "1:6");
    cr_expect(helds[0].is_quarantined);
    cr_expect_str_eq(offer(0), "2 3");
    cr_expect_eq(listener_flow_park(&flow, 0), &helds[0]);
    listener_flow_parked(&flow, &helds[0], PARKING_CONFIRMED, 0, 0);
    answer("aa", 0);
    cr_expect_str_eq(settle(), "a3*");
}

Test(listener_flow, gives_the_fifth_a_chance)
{
    start_with_suspect(1);

    cr_expect_str_eq(note(DEATHS_MAX, 0), "1:5");
    cr_expect_str_eq(offer(0), "1");
}

/* The database is away: no attempt, no parking, no loop, and nothing overtakes. */
Test(listener_flow, holds_back_while_it_cannot_note)
{
    start_with_suspect(1);

    cr_expect_str_eq(note(0, 0), "1:0");
    cr_expect_str_eq(offer(0), "");
    cr_expect_null(listener_flow_park(&flow, 0));
    cr_expect_gt(wait_ms(0), 0);
    cr_expect_lt(wait_ms(0), long_ms);
    cr_expect_str_eq(note(1, long_ms), "1:1");
    cr_expect_str_eq(offer(long_ms), "1");
}

Test(listener_flow, notes_once_however_often_it_is_retried)
{
    start_with_suspect(1);
    (void)note(1, 0);
    (void)offer(0);
    answer("r", 0);

    cr_expect_str_eq(note(2, long_ms), "");
    cr_expect_str_eq(offer(long_ms), "1", "alone again");
}

Test(listener_flow, forgets_what_is_settled)
{
    start_with_suspect(1);
    (void)note(1, 0);
    (void)offer(0);

    cr_expect_not(listener_flow_forgets(&flow, &helds[0]), "with the handler");
    answer("a", 0);
    cr_expect(listener_flow_forgets(&flow, &helds[0]));
    cr_expect_not(listener_flow_forgets(&flow, &helds[1]), "it was never noted");
}

Test(listener_flow, forgets_nothing_of_what_it_loses)
{
    start_with_suspect(1);
    (void)note(1, 0);
    listener_flow_lost(&flow);

    cr_expect_eq(listener_flow_finished(&flow), &helds[0]);
    cr_expect_not(listener_flow_forgets(&flow, &helds[0]));
}

Test(listener_flow, takes_no_note_for_a_connection_that_is_gone)
{
    struct held *held;

    start_with_suspect(1);
    held = listener_flow_note(&flow, 0);
    cr_assert_eq(held, &helds[0]);
    listener_flow_lost(&flow);
    cr_expect_eq(n_finished(), 2, "the one that is out comes later");
    listener_flow_noted(&flow, held, 1, 0, 0);

    cr_expect_eq(listener_flow_finished(&flow), &helds[0]);
    cr_expect(listener_flow_is_empty(&flow));
}

/* A log: what it leaves out still waits in the queue, which parks it by the same notes. */
Test(listener_flow, leaves_out_of_a_log_what_a_queue_would_park)
{
    start_with_suspect(1);
    flow.leaves_out = true;
    (void)note(DEATHS_MAX + 1, 0);

    cr_expect_null(listener_flow_park(&flow, 0));
    cr_expect_not(listener_flow_forgets(&flow, &helds[0]));
    cr_expect_str_eq(settle(), "a1");
    cr_expect_str_eq(offer(0), "2 3");
    answer("pp", 0);
    cr_expect_null(listener_flow_park(&flow, 0));
    cr_expect_str_eq(settle(), "a3*");
}

Test(listener_flow, neither_notes_nor_offers_when_stopped)
{
    start_with_suspect(1);
    listener_flow_stop(&flow);

    cr_expect_str_eq(note(1, 0), "");
    cr_expect_str_eq(offer(0), "");
}
