#include "base/clock.h"
#include "base/memory.h"
#include "base/random.h"
#include "log_pipe.h"
#include "relay_world.h"

#include <criterion/criterion.h>
#include <string.h>

enum {
    FLUSH_MS = 10000
};

static struct world *world;
static struct relay *relay;

static void open_relay(struct relay_options options)
{
    cr_assert(relay_open(&options, &relay, NULL));
}

static void start(void)
{
    cr_assert(random_init(NULL));
    log_pipe_open();
    world = world_new();
    open_relay(world_options(world));
}

/* Whatever the test was about: in the end no item is lost and none is left behind. */
static void end(void)
{
    relay_stop(relay, 0);
    world_finish(world, world->n_held, ERROR_UNAVAILABLE);
    cr_expect_eq(world->n_alive, 0);
    world_free(world);
}

TestSuite(relay, .init = start, .fini = end);

static void hand_over(int64_t number, size_t n_messages)
{
    relay_hand_over(relay, world_commit(world, number, n_messages));
}

/* Stop this relay, and start one with other options. */
static void reopen(struct relay_options options)
{
    relay_stop(relay, 0);
    open_relay(options);
}

static void expect_in_log(const char *message, const char *field)
{
    const char *line = log_pipe_line();

    cr_expect(strstr(line, message) && strstr(line, field), "%s", line);
}

Test(relay, publishes_what_is_handed_over_and_marks_it_when_confirmed)
{
    hand_over(7, 3);
    WORLD_WAIT(world, world->n_emitted == 3);
    world_finish(world, 2, ERROR_NONE);
    cr_expect_eq(world->n_mark_calls, 0);
    cr_expect_eq(relay_counts(relay).in_hand, 1);

    world_finish(world, 1, ERROR_NONE);
    WORLD_WAIT(world, world->n_marked == 1 && world->n_alive == 0);
    cr_expect_eq(relay_counts(relay).published, 3);
    cr_expect_eq(relay_counts(relay).marked, 1);
    cr_expect_eq(relay_counts(relay).in_hand, 0);
}

Test(relay, publishes_an_item_again_whole_when_a_message_was_returned)
{
    hand_over(7, 2);
    WORLD_WAIT(world, world->n_held == 2);
    world_finish(world, 1, ERROR_NOT_FOUND);
    world_finish(world, 1, ERROR_NONE);

    WORLD_WAIT(world, world->n_held == 2);
    cr_expect_eq(world->n_emitted, 4);
    world_finish(world, 2, ERROR_NONE);
    WORLD_WAIT(world, world->n_marked == 1);
}

Test(relay, goes_on_when_the_emitter_has_room_again)
{
    WORLD_SET(world, world->room = 4);
    hand_over(7, 100);

    for (size_t i = 0; i < 100; i++)
        world_finish(world, 1, ERROR_NONE);

    WORLD_WAIT(world, world->n_marked == 1);
    cr_expect_eq(world->n_emitted, 100);
    cr_expect_gt(world->n_refused, 0);
    cr_expect_lt(world->n_refused, 60, "not a refusal for each message");
}

Test(relay, tries_again_when_others_fill_the_emitter)
{
    WORLD_SET(world, world->room = 0);
    hand_over(7, 1);
    WORLD_WAIT(world, world->n_refused >= 2);

    WORLD_SET(world, world->room = 1);
    world_finish(world, 1, ERROR_NONE);
    WORLD_WAIT(world, world->n_marked == 1);
}

Test(relay, publishes_while_a_mark_waits)
{
    WORLD_SET(world, world->hold_marks = true);
    hand_over(1, 1);
    world_finish(world, 1, ERROR_NONE);
    WORLD_WAIT(world, world->n_mark_calls == 1);

    hand_over(2, 1);
    hand_over(3, 1);
    world_finish(world, 2, ERROR_NONE);
    WORLD_SET(world, world->hold_marks = false);
    WORLD_WAIT(world, world->n_marked == 3);
    cr_expect_eq(world->n_mark_calls, 2, "the later ones in one batch");
}

Test(relay, repeats_a_mark_that_failed)
{
    WORLD_SET(world, world->fail_marks = 2);
    hand_over(1, 1);
    world_finish(world, 1, ERROR_NONE);

    WORLD_WAIT(world, world->n_marked == 1);
    cr_expect_eq(world->n_mark_calls, 3);
    cr_expect_eq(world->n_emitted, 1, "it is not published again for that");
    expect_in_log("relay hindered", "step=mark");
    expect_in_log("relay works again", "step=mark");
}

Test(relay, tries_again_when_a_message_cannot_be_written)
{
    WORLD_SET(world, world->fail_envelopes = 1);
    hand_over(1, 1);
    hand_over(2, 1);

    world_finish(world, 2, ERROR_NONE);
    WORLD_WAIT(world, world->n_marked == 2);
    expect_in_log("relay hindered", "no memory for it");
}

Test(relay, tries_what_the_broker_refused_again_one_after_the_other)
{
    int64_t began_ms = clock_monotonic_ms();

    for (int64_t i = 0; i < 30; i++)
        hand_over(i, 1);
    world_finish(world, 30, ERROR_BUSY);
    WORLD_WAIT(world, world->n_held == 30);

    cr_expect_geq(clock_monotonic_ms() - began_ms, 500);
    world_finish(world, 30, ERROR_NONE);
    WORLD_WAIT(world, world->n_marked == 30);
}

Test(relay, says_once_that_publishing_fails_and_once_that_it_works)
{
    hand_over(1, 3);
    for (int i = 0; i < 3; i++) {
        WORLD_WAIT(world, world->n_held == 3);
        world_finish(world, 3, i < 2 ? ERROR_UNAVAILABLE : ERROR_NONE);
    }

    expect_in_log("relay hindered", "step=publish");
    expect_in_log("relay works again", "step=publish");
    relay_stop(relay, FLUSH_MS);
    relay = NULL;
    cr_expect(log_pipe_is_empty());
}

Test(relay, does_not_say_that_publishing_works_while_one_item_fails)
{
    hand_over(1, 1);
    WORLD_WAIT(world, world->n_held == 1);
    hand_over(2, 1);
    WORLD_WAIT(world, world->n_held == 2);
    world_finish(world, 1, ERROR_NOT_FOUND);
    world_finish(world, 1, ERROR_NONE);
    expect_in_log("relay hindered", "step=publish");
    cr_expect(log_pipe_is_empty());

    world_finish(world, 1, ERROR_NONE);
    expect_in_log("relay works again", "step=publish");
}

Test(relay, leaves_to_the_sweep_what_does_not_fit)
{
    struct relay_options options = world_options(world);

    options.items_max = 2;
    reopen(options);
    for (int64_t i = 0; i < 5; i++)
        hand_over(i, 1);

    cr_expect_eq(relay_counts(relay).overflowed, 3);
    cr_expect_eq(relay_counts(relay).in_hand, 2);
    WORLD_WAIT(world, world->n_alive == 2);
}

Test(relay, publishes_what_the_sweep_finds)
{
    struct relay_options options = world_options(world);
    int64_t started_ms = clock_monotonic_ms();

    options.sweep_every_ms = 5;
    options.sweep_age_ms = 50;
    WORLD_SET(world, world->exists[3] = world->exists[4] = true);
    WORLD_SET(world, world->fail_sweeps = 1);
    reopen(options);

    world_finish(world, 2, ERROR_NONE);
    WORLD_WAIT(world, world->n_marked == 2);
    cr_expect_geq(clock_monotonic_ms() - started_ms, 50);
    cr_expect_eq(relay_counts(relay).swept, 2);
    cr_expect_eq(world->n_emitted, 2);
    expect_in_log("relay hindered", "step=sweep");
    expect_in_log("relay works again", "step=sweep");
}

Test(relay, takes_no_sweep_for_failed_that_it_has_no_room_for)
{
    struct relay_options options = world_options(world);

    options.messages_max = 512;
    options.sweep_every_ms = 5;
    options.sweep_age_ms = 50;
    WORLD_SET(world, world->n_messages = 8);
    for (int64_t i = 0; i < 300; i++)
        WORLD_SET(world, world->exists[i] = true);
    reopen(options);

    world_finish(world, 300 * 8, ERROR_NONE);
    WORLD_WAIT(world, world->n_marked == 300);
    cr_expect(log_pipe_is_empty());
}

Test(relay, does_not_publish_twice_what_is_in_hand_while_it_sweeps)
{
    struct relay_options options = world_options(world);
    size_t n_sweeps;

    options.sweep_every_ms = 5;
    options.sweep_age_ms = 20;
    reopen(options);
    hand_over(3, 1);
    WORLD_WAIT(world, world->n_held == 1);
    n_sweeps = world->n_sweeps;
    WORLD_WAIT(world, world->n_sweeps >= n_sweeps + 20);

    cr_expect_eq(world->n_emitted, 1);
    world_finish(world, 1, ERROR_NONE);
    WORLD_WAIT(world, world->n_marked == 1);
    cr_expect_eq(relay_counts(relay).swept, 0);
}

static void *confirm_all(void *context)
{
    world_finish(world, *(size_t *)context, ERROR_NONE);
    return NULL;
}

Test(relay, flushes_what_it_has_in_hand_when_it_stops)
{
    pthread_t thread;
    size_t n = 600;
    int64_t started_ms = clock_monotonic_ms();

    for (int64_t i = 0; i < 300; i++)
        hand_over(i, 2);
    cr_assert_eq(pthread_create(&thread, NULL, confirm_all, &n), 0);
    relay_stop(relay, FLUSH_MS);
    relay = NULL;
    pthread_join(thread, NULL);

    cr_expect_eq(world->n_marked, 300);
    cr_expect_lt(clock_monotonic_ms() - started_ms, FLUSH_MS);
}

Test(relay, gives_up_flushing_in_time_and_bears_late_outcomes)
{
    hand_over(1, 5);
    hand_over(2, 5);
    WORLD_WAIT(world, world->n_held == 10);
    relay_stop(relay, 20);
    relay = NULL;

    cr_expect_eq(world->n_alive, 0);
    world_finish(world, 6, ERROR_NONE);
    world_finish(world, 4, ERROR_UNAVAILABLE);
    cr_expect_eq(world->n_marked, 0);
}

Test(relay, ends_at_once_with_nothing_in_hand)
{
    int64_t started_ms = clock_monotonic_ms();

    relay_stop(relay, FLUSH_MS);
    relay = NULL;

    cr_expect_lt(clock_monotonic_ms() - started_ms, FLUSH_MS / 2);
}

Test(relay, says_so_when_memory_fails_at_its_start)
{
    const struct relay_options options = world_options(world);
    struct relay *other = NULL;
    bool opened = false;

    for (long n = 1; !opened && n < 100; n++) {
        struct error error = {0};

        memory_fail_at(n, false);
        opened = relay_open(&options, &other, &error);
        memory_fail_at(0, false);
        cr_expect(opened || error.code == ERROR_MEMORY, "%ld: %s", n, error.text);
    }
    relay_stop(other, 0);

    cr_expect(opened);
}
