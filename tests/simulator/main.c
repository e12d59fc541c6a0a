/* Runs schedules, one seed after the other; see --help and docs/simulator.md. */
#include "base/log.h"
#include "tests/simulator/options.h"
#include "tests/simulator/shorten.h"
#include "tests/simulator/world.h"

#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

enum {
    SCHEDULES_TO_SEE_ALL = 20000,
    TELL_EVERY = 1000000
};

static double processor_seconds(void)
{
    return (double)clock() / CLOCKS_PER_SEC;
}

static void print_plan(const struct plan *plan)
{
    printf("%d replicas, %" PRId64 " seats per user\n", plan->n_replicas, plan->seats_per_user);
    for (size_t i = 0; i < plan->n_rows; i++) {
        char text[ROW_TEXT_BYTES];

        if (plan->left_out[i])
            continue;
        plan_describe(plan, i, text);
        printf("  %s\n", text);
    }
}

/* "--without 3,5" of what is left out. */
static void print_replay(const struct plan *plan)
{
    const char *before = " --without ";

    printf("replay: simulator --trace --seed %" PRIu64, plan->seed);
    if (plan->luck)
        printf(" --luck %" PRIu64, plan->luck);
    for (size_t i = 0; i < plan->n_rows; i++) {
        if (plan->left_out[i]) {
            printf("%s%zu", before, i);
            before = ",";
        }
    }
    printf("\n");
}

static void report(struct world *world, struct plan *plan, bool as_is, struct error *error)
{
    printf("seed %" PRIu64 ": %s\n", plan->seed, error->text);
    print_replay(plan);
    fflush(stdout);
    if (as_is)
        return;
    shorten(world, plan, error);
    printf("\nthe same in %zu rows: %s\n", shorten_rows_left(plan), error->text);
    print_plan(plan);
    print_replay(plan);
}

static bool print_sights(const struct sights *sights, bool must_see_all)
{
    bool saw_all = true;

    for (int i = 0; i < SIGHTS; i++) {
        bool is_missing = must_see_all && sights->n[i] == 0;

        printf("%12" PRId64 "  %s%s\n", sights->n[i], sight_name((enum sight)i),
               is_missing ? ": NEVER REACHED" : "");
        saw_all &= !is_missing;
    }
    return saw_all;
}

/* True when no schedule failed. */
static bool run_all(struct world *world, const struct options *options, struct sights *sights)
{
    struct plan plan;

    for (uint64_t i = 0; i < options->schedules; i++) {
        struct error error = {0};

        plan_make(&plan, options->seed + i);
        if (!world_run(world, &plan, sights, NULL, &error)) {
            report(world, &plan, options->as_is, &error);
            return false;
        }
        if ((i + 1) % TELL_EVERY == 0) {
            printf("%" PRIu64 " schedules\n", i + 1);
            fflush(stdout);
        }
    }
    return true;
}

static bool run_suite(struct world *world, const struct options *options)
{
    double began = processor_seconds();
    struct sights sights = {0};
    bool ok = run_all(world, options, &sights);
    double took = processor_seconds() - began;

    if (!ok)
        return false;
    ok = print_sights(&sights, options->schedules >= SCHEDULES_TO_SEE_ALL);
    printf("%" PRIu64 " schedules from seed %" PRIu64 ", no violation; %.1f s of processor time, "
           "%.0f schedules/s\n",
           options->schedules, options->seed, took, (double)options->schedules / took);
    return ok;
}

static bool run_one(struct world *world, const struct options *options)
{
    struct sights sights = {0};
    struct error error = {0};
    struct plan plan;
    bool ok;

    plan_make(&plan, options->seed);
    plan.luck = options->luck;
    if (!options_leave_out(options->without, &plan, &error)) {
        printf("%s\n", error.text);
        return false;
    }
    if (options->trace)
        print_plan(&plan);
    ok = world_run(world, &plan, &sights, options->trace ? stdout : NULL, &error);
    printf("seed %" PRIu64 ": %s\n", plan.seed, ok ? "no violation" : error.text);
    return ok;
}

int main(int argc, char *argv[])
{
    struct error error = {0};
    struct options options;
    struct world *world;
    bool ok;

    if (!options_read(&options, argc, argv, &error)) {
        (void)fprintf(stderr, "%s\n", error.text);
        return EXIT_FAILURE;
    }
    if (options.help) {
        printf("%s", options_help);
        return EXIT_SUCCESS;
    }
    log_setup(LOG_ERROR, LOG_FORMAT_TEXT, "simulator");
    world = world_new();
    if (!world)
        return EXIT_FAILURE;
    ok = options.schedules == 1 ? run_one(world, &options) : run_suite(world, &options);
    world_free(world);
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
