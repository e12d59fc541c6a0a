#include "flow_hand.h"

#include <criterion/criterion.h>
#include <stdio.h>

static void start_with_suspect(int suspect)
{
    for (int i = 0; i < FLOW_HELDS; i++)
        flow_helds[i] = (struct held){.is_suspect = i == suspect - 1};
    flow_start(3);
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

Test(listener_suspects, notes_nothing_that_is_not_suspect)
{
    flow_start(3);

    cr_expect_str_eq(note(1, 0), "");
}

Test(listener_suspects, offers_a_suspect_alone_once_it_is_noted)
{
    start_with_suspect(1);

    cr_expect_str_eq(flow_offer(0), "", "not before it is noted");
    cr_expect_str_eq(note(1, 0), "1:1");
    cr_expect_str_eq(flow_offer(0), "1");
    flow_answer("a", 0);
    cr_expect_str_eq(flow_settle(), "a1");
    cr_expect_str_eq(flow_offer(0), "2 3");
}

Test(listener_suspects, hands_out_what_is_before_a_suspect_without_it)
{
    start_with_suspect(3);

    cr_expect_str_eq(note(1, 0), "", "its turn has not come");
    cr_expect_str_eq(flow_offer(0), "1 2");
    cr_expect_str_eq(note(1, 0), "", "a flow_batch is out");
    flow_answer("aa", 0);
    cr_expect_str_eq(note(1, 0), "3:1");
    cr_expect_str_eq(flow_offer(0), "3");
}

Test(listener_suspects, parks_what_five_did_not_come_back_from)
{
    start_with_suspect(1);

    cr_expect_str_eq(note(DEATHS_MAX + 1, 0), "1:6");
    cr_expect(flow_helds[0].is_quarantined);
    cr_expect_str_eq(flow_offer(0), "2 3");
    cr_expect_eq(listener_flow_park(&flow, 0), &flow_helds[0]);
    listener_flow_parked(&flow, &flow_helds[0], PARKING_CONFIRMED, 0, 0);
    flow_answer("aa", 0);
    cr_expect_str_eq(flow_settle(), "a3*");
}

Test(listener_suspects, gives_the_fifth_a_chance)
{
    start_with_suspect(1);

    cr_expect_str_eq(note(DEATHS_MAX, 0), "1:5");
    cr_expect_str_eq(flow_offer(0), "1");
}

/* The database is away: no attempt, no parking, no loop, and nothing overtakes. */
Test(listener_suspects, holds_back_while_it_cannot_note)
{
    start_with_suspect(1);

    cr_expect_str_eq(note(0, 0), "1:0");
    cr_expect_str_eq(flow_offer(0), "");
    cr_expect_null(listener_flow_park(&flow, 0));
    cr_expect_gt(flow_wait_ms(0), 0);
    cr_expect_lt(flow_wait_ms(0), FLOW_LONG_MS);
    cr_expect_str_eq(note(1, FLOW_LONG_MS), "1:1");
    cr_expect_str_eq(flow_offer(FLOW_LONG_MS), "1");
}

Test(listener_suspects, notes_once_however_often_it_is_retried)
{
    start_with_suspect(1);
    (void)note(1, 0);
    (void)flow_offer(0);
    flow_answer("r", 0);

    cr_expect_str_eq(note(2, FLOW_LONG_MS), "");
    cr_expect_str_eq(flow_offer(FLOW_LONG_MS), "1", "alone again");
}

Test(listener_suspects, forgets_what_is_settled)
{
    start_with_suspect(1);
    (void)note(1, 0);
    (void)flow_offer(0);

    cr_expect_not(listener_flow_forgets(&flow, &flow_helds[0]), "with the handler");
    flow_answer("a", 0);
    cr_expect(listener_flow_forgets(&flow, &flow_helds[0]));
    cr_expect_not(listener_flow_forgets(&flow, &flow_helds[1]), "it was never noted");
}

Test(listener_suspects, forgets_nothing_of_what_it_loses)
{
    start_with_suspect(1);
    (void)note(1, 0);
    listener_flow_lost(&flow);

    cr_expect_eq(listener_flow_finished(&flow), &flow_helds[0]);
    cr_expect_not(listener_flow_forgets(&flow, &flow_helds[0]));
}

Test(listener_suspects, takes_no_note_for_a_connection_that_is_gone)
{
    struct held *held;

    start_with_suspect(1);
    held = listener_flow_note(&flow, 0);
    cr_assert_eq(held, &flow_helds[0]);
    listener_flow_lost(&flow);
    cr_expect_eq(flow_n_finished(), 2, "the one that is out comes later");
    listener_flow_noted(&flow, held, 1, 0, 0);

    cr_expect_eq(listener_flow_finished(&flow), &flow_helds[0]);
    cr_expect(listener_flow_is_empty(&flow));
}

/* A log: what it leaves out still waits in the queue, which parks it by the same notes. */
Test(listener_suspects, leaves_out_of_a_log_what_a_queue_would_park)
{
    start_with_suspect(1);
    flow.leaves_out = true;
    (void)note(DEATHS_MAX + 1, 0);

    cr_expect_null(listener_flow_park(&flow, 0));
    cr_expect_not(listener_flow_forgets(&flow, &flow_helds[0]));
    cr_expect_str_eq(flow_settle(), "a1");
    cr_expect_str_eq(flow_offer(0), "2 3");
    flow_answer("pp", 0);
    cr_expect_null(listener_flow_park(&flow, 0));
    cr_expect_str_eq(flow_settle(), "a3*");
}

Test(listener_suspects, neither_notes_nor_offers_when_stopped)
{
    start_with_suspect(1);
    listener_flow_stop(&flow);

    cr_expect_str_eq(note(1, 0), "");
    cr_expect_str_eq(flow_offer(0), "");
}
