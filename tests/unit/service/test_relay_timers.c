#include "base/memory.h"
#include "service/relay_timers.h"

#include <criterion/criterion.h>

enum {
    PLACES = 200
};

static struct relay_timers timers;

static void make(void)
{
    cr_assert(relay_timers_init(&timers, PLACES, NULL));
}

static void clear(void)
{
    relay_timers_clear(&timers);
}

TestSuite(relay_timers, .init = make, .fini = clear);

Test(relay_timers, have_nothing_due_when_empty)
{
    cr_expect_eq(relay_timers_due_ms(&timers), INT64_MAX);
}

Test(relay_timers, come_out_in_the_order_of_their_time)
{
    int64_t before_ms = 0;

    for (uint32_t i = 0; i < PLACES; i++)
        relay_timers_add(&timers, i, 1 + i * 7919 % 101); /* with repeats, in no order */

    for (uint32_t i = 0; i < PLACES; i++) {
        int64_t due_ms = relay_timers_due_ms(&timers);
        uint32_t place = relay_timers_pop(&timers);

        cr_expect_geq(due_ms, before_ms);
        cr_expect_eq(due_ms, 1 + place * 7919 % 101);
        before_ms = due_ms;
    }
    cr_expect_eq(timers.n, 0);
}

Test(relay_timers, say_so_when_memory_fails)
{
    struct relay_timers none = {0};
    struct error error = {0};

    memory_fail_at(1, false);
    cr_expect_not(relay_timers_init(&none, PLACES, &error));
    memory_fail_at(0, false);

    cr_expect_eq(error.code, ERROR_MEMORY);
}
