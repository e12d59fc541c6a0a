#include "msgqueue/listener_reader.h"

#include <criterion/criterion.h>

enum {
    HELDS = 8
};

static struct listener_reader reader;
static struct held helds[HELDS]; /* [i] has the tag i + 1 */
static int n_arrived;

static void start(int64_t offset)
{
    listener_reader_init(&reader);
    listener_reader_begin(&reader, offset);
    listener_reader_declared(&reader, true);
    listener_reader_opened(&reader, 0);
    n_arrived = 0;
}

/* True when a cut was noticed. */
static bool come(enum log_marker marker, int64_t offset, int64_t now_ms)
{
    enum held_state state = listener_reader_judge(&reader, marker, offset, HELD_WAITING);
    struct held *held = &helds[n_arrived++];

    *held = (struct held){0};
    return listener_reader_arrived(&reader, held, offset, (uint64_t)n_arrived, state, now_ms);
}

static void settle(void)
{
    struct settlement settlement;

    while (listener_flow_settle(&reader.flow, &settlement))
        continue;
    while (listener_flow_finished(&reader.flow))
        continue;
}

static size_t handle(enum delivery_verdict verdict)
{
    struct held *offered[HELDS];
    enum delivery_verdict verdicts[HELDS];
    size_t n = listener_flow_offer(&reader.flow, 0, offered, HELDS);

    for (size_t i = 0; i < n; i++)
        verdicts[i] = verdict;
    listener_flow_answered(&reader.flow, offered, verdicts, n, 0, 0);
    settle();
    return n;
}

static enum reader_step next(int64_t now_ms)
{
    return listener_reader_next(&reader, false, now_ms);
}

Test(listener_reader, ends_when_all_before_its_marker_is_handled_and_the_offset_stored)
{
    start(3);
    (void)come(LOG_NO_MARKER, 3, 0);
    (void)come(LOG_TO, 4, 0);

    cr_expect_eq(next(0), READER_WAITS, "it is in hand");
    cr_expect_eq(handle(DELIVERY_ACKNOWLEDGE), 1);
    cr_expect_eq(next(0), READER_STORES);
    cr_expect_eq(listener_reader_reached(&reader), 5);
    listener_reader_stored(&reader, 5);
    cr_expect_eq(next(0), READER_ENDS);
}

Test(listener_reader, stores_no_offset_beyond_what_is_in_hand)
{
    start(0);
    (void)come(LOG_NO_MARKER, 0, 0);
    (void)come(LOG_TO, 1, 0);

    (void)handle(DELIVERY_RETRY);

    cr_expect_eq(listener_reader_reached(&reader), 0);
    cr_expect_eq(next(0), READER_WAITS);
}

Test(listener_reader, goes_on_until_its_own_marker)
{
    start(3);
    (void)come(LOG_FOREIGN, 3, 0);
    (void)come(LOG_FROM, 4, 0);
    settle();

    cr_expect_eq(next(0), READER_WAITS);
}

Test(listener_reader, stores_on_the_way_when_it_has_to_be_careful)
{
    start(3);
    (void)come(LOG_NO_MARKER, 3, 0);
    (void)handle(DELIVERY_ACKNOWLEDGE);

    cr_expect_eq(listener_reader_next(&reader, false, 0), READER_WAITS);
    cr_expect_eq(listener_reader_next(&reader, true, 0), READER_STORES);
}

Test(listener_reader, leaves_out_what_came_with_a_chunk_and_was_read_before)
{
    start(3);
    cr_expect_not(come(LOG_NO_MARKER, 2, 0));
    settle();

    cr_expect_eq(handle(DELIVERY_ACKNOWLEDGE), 0);
    cr_expect_eq(reader.n_taken, 0);
}

Test(listener_reader, notices_that_its_beginning_was_cut_off)
{
    start(3);
    cr_expect(come(LOG_NO_MARKER, 5, 0));
    cr_expect_not(come(LOG_TO, 6, 0), "once");

    start(3);
    cr_expect_not(come(LOG_NO_MARKER, 3, 0), "nothing is missing");
}

Test(listener_reader, notices_it_also_where_it_starts_over)
{
    start(3);
    listener_reader_begin_again(&reader);
    listener_reader_opened(&reader, 3000);
    cr_expect(come(LOG_NO_MARKER, 5, 3000));

    start(3);
    listener_reader_begin_again(&reader);
    listener_reader_opened(&reader, 3000);
    cr_expect_not(come(LOG_NO_MARKER, 3, 3000), "what is missing was read before");
}

Test(listener_reader, counts_what_came_before_the_queue_was_there)
{
    start(3);
    cr_expect(reader.countable);
    (void)come(LOG_FROM, 3, 0);
    cr_expect_not(reader.countable);

    start(0);
    cr_expect_not(reader.countable, "whoever reads for the first time has missed nothing");
}

Test(listener_reader, starts_over_where_a_log_gives_nothing_of_what_it_asked_for)
{
    start(9);
    cr_expect_eq(next(2999), READER_WAITS);
    cr_expect_eq(next(3000), READER_PUTS_LATE);
    listener_reader_late_put(&reader, false, 3000);
    cr_expect_eq(next(3000), READER_STARTS_OVER);

    listener_reader_begin_again(&reader);
    listener_reader_opened(&reader, 3000);
    cr_expect_not(come(LOG_NO_MARKER, 0, 3000), "nothing was asked for");
    (void)come(LOG_TO, 1, 3000);
    cr_expect_eq(handle(DELIVERY_ACKNOWLEDGE), 1);
    cr_expect_eq(next(3000), READER_STORES);
}

Test(listener_reader, starts_over_when_a_later_marker_comes_first)
{
    start(9);
    (void)come(LOG_NO_MARKER, 9, 2900);
    cr_expect_eq(next(3000), READER_PUTS_LATE);
    listener_reader_late_put(&reader, true, 3000);
    cr_expect_eq(next(3000), READER_WAITS);
    (void)come(LOG_LATE, 10, 3010);

    cr_expect_eq(next(3010), READER_STARTS_OVER);
}

Test(listener_reader, gives_up_when_its_marker_is_not_there_from_the_beginning_either)
{
    start(9);
    listener_reader_late_put(&reader, true, 3000);
    cr_expect_eq(next(3000), READER_STARTS_OVER);
    listener_reader_begin_again(&reader);
    listener_reader_opened(&reader, 3000);
    (void)come(LOG_LATE, 10, 3010);

    cr_expect_eq(next(3010), READER_FAILS, "or it would begin again and again");
}

Test(listener_reader, gives_up_a_log_that_falls_silent)
{
    start(0);

    cr_expect_eq(next(9999), READER_WAITS);
    cr_expect_eq(next(10000), READER_FAILS);
}
