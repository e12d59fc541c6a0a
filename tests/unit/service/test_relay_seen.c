#include "base/memory.h"
#include "service/relay_seen.h"

#include <criterion/criterion.h>

enum {
    SEEN_MAX = 4
};

static struct relay_seen seen;

static struct relay_item item_of(int64_t number)
{
    return (struct relay_item){.key = {.number = number}, .committed_ms = 1000 + number};
}

static int64_t note(int64_t number, int64_t now_ms)
{
    const struct relay_item item = item_of(number);

    return relay_seen_note(&seen, &item, now_ms);
}

static bool knows(int64_t number)
{
    const struct relay_item item = item_of(number);

    return relay_table_find(&seen.table, &item.key) != RELAY_NOWHERE;
}

static void make(void)
{
    cr_assert(relay_seen_init(&seen, SEEN_MAX, 7, NULL));
}

static void clear(void)
{
    relay_seen_clear(&seen);
}

TestSuite(relay_seen, .init = make, .fini = clear);

Test(relay_seen, remembers_the_first_sighting)
{
    cr_expect_eq(note(1, 50), 50);
    cr_expect_eq(note(2, 60), 60);
    cr_expect_eq(note(1, 70), 50);
}

Test(relay_seen, begins_anew_after_forgetting)
{
    const struct relay_item item = item_of(1);

    note(1, 50);
    relay_seen_forget(&seen, &item.key);
    relay_seen_forget(&seen, &item.key);

    cr_expect_eq(note(1, 70), 70);
}

Test(relay_seen, forgets_the_longest_unseen_when_it_is_full)
{
    for (int64_t i = 0; i < SEEN_MAX; i++)
        note(i, 10 + i);
    note(0, 20);

    note(SEEN_MAX, 30);

    cr_expect(knows(0));
    cr_expect_not(knows(1));
    cr_expect(knows(2));
    cr_expect(knows(SEEN_MAX));
}

Test(relay_seen, forgets_what_a_whole_sweep_did_not_see)
{
    note(1, 10);
    note(2, 10);
    note(3, 10);

    relay_seen_begin_sweep(&seen);
    note(2, 20);
    relay_seen_end_sweep(&seen, true);

    cr_expect_not(knows(1));
    cr_expect(knows(2));
    cr_expect_not(knows(3));
}

Test(relay_seen, keeps_what_is_seen_while_the_sweep_runs_beside_it)
{
    relay_seen_begin_sweep(&seen);
    note(1, 10);
    relay_seen_end_sweep(&seen, true);
    cr_expect(knows(1));

    relay_seen_begin_sweep(&seen);
    relay_seen_end_sweep(&seen, true);
    cr_expect_not(knows(1));
}

Test(relay_seen, keeps_what_sweeps_do_not_see_that_are_not_whole_but_not_for_ever)
{
    int n = 0;

    note(1, 10);
    for (; knows(1) && n < 1000; n++) {
        relay_seen_begin_sweep(&seen);
        note(2, 20);
        relay_seen_end_sweep(&seen, false);
    }

    cr_expect_gt(n, 10);
    cr_expect_lt(n, 1000);
    cr_expect(knows(2));
}

Test(relay_seen, knows_the_oldest_commit)
{
    cr_expect_eq(relay_seen_oldest_ms(&seen), INT64_MAX);

    note(3, 10);
    note(1, 20);
    note(2, 30);

    cr_expect_eq(relay_seen_oldest_ms(&seen), 1001);
}

Test(relay_seen, keeps_its_order_whatever_is_taken_out)
{
    const int64_t out[] = {1, 0, 3, 2}; /* from the middle, the old end, the new end, the last */

    for (int64_t i = 0; i < SEEN_MAX; i++)
        note(i, 10);
    for (size_t i = 0; i < ARRAY_SIZE(out); i++) {
        const struct relay_item item = item_of(out[i]);

        relay_seen_forget(&seen, &item.key);
        cr_expect_not(knows(out[i]));
    }

    cr_expect_eq(seen.oldest, RELAY_NOWHERE);
    cr_expect_eq(seen.newest, RELAY_NOWHERE);
    cr_expect_eq(seen.table.n_used, 0);
}

Test(relay_seen, says_so_when_memory_fails)
{
    for (long n = 1; n <= 4; n++) {
        struct relay_seen none = {0};
        struct error error = {0};

        memory_fail_at(n, false);
        cr_expect_not(relay_seen_init(&none, SEEN_MAX, 0, &error));
        memory_fail_at(0, false);
        cr_expect_eq(error.code, ERROR_MEMORY);
    }
}
