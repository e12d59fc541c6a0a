#include "schedule.h"

#include "base/random.h"

#include <criterion/criterion.h>

#include <inttypes.h>
#include <stdlib.h>

enum {
    SEEDS = 5000
};

static void run(uint64_t seed, struct schedule_sights *sights)
{
    struct error error = {0};

    cr_assert(schedule_run(seed, sights, &error), "MYEVENTS_SEED=%" PRIu64 ": %s", seed,
              error.text);
}

/* MYEVENTS_SEED in the environment: only that one. */
Test(schedule, ends_with_whole_ledgers_and_true_answers)
{
    const char *only = getenv("MYEVENTS_SEED");
    struct schedule_sights sights = {0};

    cr_assert(random_init(NULL));
    if (only) {
        run(strtoull(only, NULL, 10), &sights);
        return;
    }
    for (uint64_t seed = 1; seed <= SEEDS; seed++)
        run(seed, &sights);

    cr_expect_eq(sights.corrupt, 0);
    cr_expect_gt(sights.entries, SEEDS);
    cr_expect_gt(sights.lost_races, SEEDS);
    cr_expect_gt(sights.resends, SEEDS);
    cr_expect_gt(sights.own_found, SEEDS / 10);
    cr_expect_gt(sights.crashes, SEEDS / 10);
    cr_expect_gt(sights.left_unsent, SEEDS / 10);
    cr_expect_gt(sights.left_sent, SEEDS / 10);
    cr_expect_gt(sights.booked, SEEDS);
    cr_expect_gt(sights.replayed, SEEDS / 10);
    cr_expect_gt(sights.cancelled, SEEDS / 10);
    cr_expect_gt(sights.taken_over, SEEDS);
    cr_expect_gt(sights.key_reused, SEEDS / 10);
    cr_expect_gt(sights.sold_out, SEEDS / 10);
    cr_expect_gt(sights.gone, SEEDS / 10);
    cr_expect_gt(sights.user_limit, SEEDS / 10);
    cr_expect_gt(sights.not_found, SEEDS / 10);
}
