#include "base/clock.h"
#include "msgqueue/own_thread.h"

#include <criterion/criterion.h>
#include <poll.h>

static struct own_thread thread;
static _Atomic int n_turns;

static void *wait_for_the_end(void *context)
{
    (void)context;
    while (!own_thread_stopping(&thread)) {
        struct pollfd wake = {.fd = thread.wake_descriptor, .events = POLLIN};

        poll(&wake, 1, -1);
        own_thread_drain(&thread);
        n_turns++;
    }
    return NULL;
}

static void *rest_for_ever(void *context)
{
    (void)context;
    own_thread_rest(&thread, INT32_MAX);
    return NULL;
}

Test(own_thread, wakes_up_and_ends)
{
    cr_assert(own_thread_init(&thread, NULL));
    cr_assert(own_thread_start(&thread, wait_for_the_end, NULL, NULL));
    own_thread_wake(&thread);
    while (n_turns == 0)
        poll(NULL, 0, 1);
    own_thread_clear(&thread); /* waits for its end */
}

Test(own_thread, does_not_cut_a_rest_short_for_a_mere_wake_up)
{
    int64_t start_ms = clock_monotonic_ms();

    cr_assert(own_thread_init(&thread, NULL));
    own_thread_wake(&thread);
    own_thread_rest(&thread, 20);

    cr_expect_geq(clock_monotonic_ms() - start_ms, 20);
    own_thread_clear(&thread);
}

Test(own_thread, ends_in_the_middle_of_a_rest)
{
    cr_assert(own_thread_init(&thread, NULL));
    cr_assert(own_thread_start(&thread, rest_for_ever, NULL, NULL));

    own_thread_clear(&thread);
}

Test(own_thread, is_nothing_to_clear_when_empty)
{
    struct own_thread empty = {0};

    own_thread_clear(&empty);
}
