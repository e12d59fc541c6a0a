#include "ledger/deadlines.h"

#include <criterion/criterion.h>

static struct deadlines deadlines;

static void start(void)
{
    deadlines_init(&deadlines);
}

TestSuite(deadlines, .init = start);

static void put(struct call *call, int64_t deadline_ms)
{
    call->deadline_ms = deadline_ms;
    (void)!deadlines_put(&deadlines, call);
}

static void expect_next(const struct call *call)
{
    cr_expect_eq(deadlines_take(&deadlines, INT64_MAX), call);
}

Test(deadlines, come_in_their_order_and_the_first_of_equals_first)
{
    struct call calls[5] = {{.context = NULL}};

    put(&calls[0], 20);
    put(&calls[1], 10);
    put(&calls[2], 30);
    put(&calls[3], 20);
    put(&calls[4], 5);

    expect_next(&calls[4]);
    expect_next(&calls[1]);
    expect_next(&calls[0]);
    expect_next(&calls[3]);
    expect_next(&calls[2]);
    expect_next(NULL);
}

Test(deadlines, are_over_when_their_time_has_come_and_not_before)
{
    struct call call = {.context = NULL};

    put(&call, 10);

    cr_expect_null(deadlines_take(&deadlines, 9));
    cr_expect_eq(deadlines_take(&deadlines, 10), &call);
    cr_expect_null(deadlines_take(&deadlines, 10));
}

Test(deadlines, forget_what_was_answered)
{
    struct call calls[3] = {{.context = NULL}};

    for (int i = 0; i < 3; i++)
        put(&calls[i], i);
    deadlines_remove(&deadlines, &calls[1]);
    deadlines_remove(&deadlines, &calls[0]);

    expect_next(&calls[2]);
    expect_next(NULL);
}

Test(deadlines, wake_who_sleeps_only_for_an_earlier_one)
{
    struct call calls[4] = {
        {.deadline_ms = 10}, {.deadline_ms = 20}, {.deadline_ms = 5}, {.deadline_ms = 5}};

    cr_expect_not(deadlines_put(&deadlines, &calls[0]), "nobody sleeps yet");
    cr_expect_eq(deadlines_sleep(&deadlines), 10);
    cr_expect_not(deadlines_put(&deadlines, &calls[1]));
    cr_expect(deadlines_put(&deadlines, &calls[2]));
    cr_expect_not(deadlines_put(&deadlines, &calls[3]), "it has been woken for the other one");
}

Test(deadlines, let_sleep_for_ever_when_there_are_none)
{
    struct call call = {.deadline_ms = INT64_MAX - 1};

    cr_expect_eq(deadlines_sleep(&deadlines), INT64_MAX);
    cr_expect(deadlines_put(&deadlines, &call));
}
