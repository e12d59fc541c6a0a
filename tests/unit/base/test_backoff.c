#include "base/backoff.h"

#include <criterion/criterion.h>

Test(backoff, doubles_up_to_its_most)
{
    static const int32_t waits[] = {100, 200, 400, 800, 1000, 1000};
    struct backoff least = {.first_ms = 100, .most_ms = 1000};
    struct backoff most = least;

    for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
        int32_t half = waits[i] / 2;

        cr_expect_eq(backoff_next_ms(&least, 0), half);
        cr_expect_eq(backoff_next_ms(&most, (uint64_t)half), waits[i]);
    }
}

Test(backoff, stays_between_half_and_all_for_any_random_number)
{
    for (uint64_t random = 0; random < 1000; random++) {
        struct backoff backoff = {.first_ms = 101, .most_ms = 1000};
        int32_t wait_ms = backoff_next_ms(&backoff, random * 0x9E3779B97F4A7C15U);

        cr_expect(wait_ms >= 50 && wait_ms <= 101, "%d", wait_ms);
    }
}

Test(backoff, begins_again_after_a_success)
{
    struct backoff backoff = {.first_ms = 100, .most_ms = 1000};

    for (int i = 0; i < 5; i++)
        backoff_next_ms(&backoff, 0);
    backoff_reset(&backoff);

    cr_expect_eq(backoff_next_ms(&backoff, 0), 50);
}

Test(backoff, bears_any_number_of_attempts)
{
    struct backoff backoff = {.first_ms = INT32_MAX, .most_ms = INT32_MAX};
    int32_t wait_ms = 0;

    for (int i = 0; i < 1000; i++)
        wait_ms = backoff_next_ms(&backoff, UINT64_MAX);

    cr_expect(wait_ms >= INT32_MAX / 2);
}

Test(backoff, waits_never_when_empty)
{
    struct backoff backoff = {0};

    cr_expect_eq(backoff_next_ms(&backoff, UINT64_MAX), 0);
}
