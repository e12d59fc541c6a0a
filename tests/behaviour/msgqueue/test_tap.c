/* Queues and logs of a real broker, looked at and left as they are. */
#include "base/clock.h"
#include "tests/behaviour/msgqueue/tapping.h"

#include <criterion/criterion.h>
#include <string.h>

enum {
    N_MANY = 700 /* more than two prefetches */
};

static struct error error;

TestSuite(queue_tap, .timeout = 300);

Test(queue_tap, shows_what_passes_under_its_keys)
{
    WORLD_VAR world = {0};
    world_open(&world);
    EMITTER_VAR emitter = world_connected_emitter(&world);
    const struct queue_access access = tap_access(&world);
    const char *const keys[] = {world.created, "no.such.*"};
    TAP_VAR tap = NULL;
    struct tapped message;

    cr_assert(queue_tap_watch(&access, keys, ARRAY_SIZE(keys), &tap, &error), "%s", error.text);
    world_emit(emitter, world.removed, 1, "{}", NULL);
    world_emit(emitter, world.created, 2, "{\"a\":1}", NULL);
    world_emit(emitter, world.created, 3, "{}", NULL);

    cr_assert(tap_next(tap, &message));
    cr_expect_eq(tap_number(&message), 2);
    cr_expect_str_eq(message.envelope.name, world.created);
    cr_expect_str_eq(message.routing_key, world.created);
    cr_expect_arr_eq(message.envelope.body, "{\"a\":1}", 7);
    cr_expect_eq(message.offset, -1);
    cr_assert(tap_next(tap, &message));
    cr_expect_eq(tap_number(&message), 3);
}

Test(queue_tap, shows_more_than_a_prefetch_and_takes_nothing)
{
    WORLD_VAR world = {0};
    world_open(&world);
    raw_amqp_declare(&world, world.dead_name, "quorum");
    tap_fill(&world, world.dead_name, 1, N_MANY);

    for (int looks = 0; looks < 2; looks++) {
        TAP_VAR tap = tap_look(&world, world.dead_name);
        struct tapped message;

        cr_expect_eq(queue_tap_end(tap), N_MANY);
        for (int i = 1; i <= N_MANY; i++) {
            cr_assert(tap_next(tap, &message));
            cr_assert_eq(tap_number(&message), i);
            cr_expect_eq(message.delivery_count, looks);
        }
        cr_expect_not(tap_next(tap, &message));
        queue_tap_free(tap);
        tap = NULL;
        EVENTUALLY(world_count(&world, world.dead_name) == N_MANY);
    }
}

Test(queue_tap, removes_what_it_is_told_and_nothing_else)
{
    static int numbers[N_MANY];
    WORLD_VAR world = {0};
    world_open(&world);
    raw_amqp_declare(&world, world.dead_name, "quorum");
    tap_fill(&world, world.dead_name, 1, N_MANY);
    TAP_VAR tap = tap_look(&world, world.dead_name);
    struct tapped message;

    while (tap_next(tap, &message)) {
        if (tap_number(&message) % 2 == 0)
            cr_assert(queue_tap_remove(tap, message.handle, &error), "%s", error.text);
    }
    cr_assert(queue_tap_finish(tap, &error), "%s", error.text);
    queue_tap_free(tap);
    tap = NULL;

    EVENTUALLY(world_count(&world, world.dead_name) == N_MANY / 2);
    tap = tap_look(&world, world.dead_name);
    cr_assert_eq(tap_read_all(tap, numbers), N_MANY / 2);
    for (int i = 0; i < N_MANY / 2; i++)
        cr_expect_eq(numbers[i], 2 * i + 1);
}

Test(queue_tap, ends_when_others_took_what_lay_there)
{
    static int numbers[8];
    WORLD_VAR world = {0};
    world_open(&world);
    raw_amqp_declare(&world, world.dead_name, "quorum");
    tap_fill(&world, world.dead_name, 1, 3);
    TAP_VAR tap = tap_look(&world, world.dead_name);
    struct pulled pulled;

    cr_assert(world_pull(&world, world.dead_name, &pulled));

    cr_assert_eq(tap_read_all(tap, numbers), 2);
    cr_expect_eq(numbers[0], 2);
}

Test(queue_tap, reads_a_log_from_anywhere_to_its_end)
{
    static int numbers[2 * N_MANY];
    WORLD_VAR world = {0};
    world_open(&world);
    raw_amqp_declare(&world, world.log_name, "stream");
    tap_fill(&world, world.log_name, 0, N_MANY - 1);
    const struct queue_tap_start starts[] = {
        {QUEUE_TAP_FIRST, 0},        {QUEUE_TAP_TIME, clock_wall_ms() / 1000 - 60},
        {QUEUE_TAP_OFFSET, 300},     {QUEUE_TAP_OFFSET, N_MANY - 1},
        {QUEUE_TAP_OFFSET, 1000000},
    };
    const int expected[] = {N_MANY, N_MANY, N_MANY - 300, 1, 0};

    for (size_t i = 0; i < ARRAY_SIZE(starts); i++) {
        TAP_VAR tap = tap_replay(&world, starts[i]);
        int n = tap_read_all(tap, numbers);

        cr_assert_eq(n, expected[i], "start %zu: %d messages", i, n);
        for (int k = 0; k < n; k++)
            cr_assert_eq(numbers[k], N_MANY - n + k, "start %zu", i);
        cr_expect_geq(queue_tap_end(tap), N_MANY);
    }
}

Test(queue_tap, shows_nothing_that_came_into_the_log_later)
{
    static int numbers[16];
    WORLD_VAR world = {0};
    world_open(&world);
    raw_amqp_declare(&world, world.log_name, "stream");
    tap_fill(&world, world.log_name, 0, 4);
    TAP_VAR tap = tap_replay(&world, (struct queue_tap_start){QUEUE_TAP_FIRST, 0});
    tap_fill(&world, world.log_name, 5, 9);

    cr_expect_eq(tap_read_all(tap, numbers), 5);
    cr_expect_eq(queue_tap_begin(tap), 0);
}

Test(queue_tap, reads_no_queue_as_a_log)
{
    static const char *const types[] = {"quorum", "classic"};

    for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
        WORLD_VAR world = {0};
        world_open(&world);
        raw_amqp_declare(&world, world.queue_name, types[i]);
        tap_fill(&world, world.queue_name, 1, 2);
        const struct queue_access access = tap_access(&world);
        const struct queue_tap_start start = {QUEUE_TAP_FIRST, 0};
        TAP_VAR tap = NULL;

        cr_expect_not(queue_tap_replay(&access, world.queue_name, &start, &tap, &error));

        cr_expect_eq(error.code, ERROR_INVALID);
        cr_expect(strstr(error.text, world.queue_name), "%s", error.text);
        EVENTUALLY(world_count(&world, world.queue_name) == 2);
    }
}

Test(queue_tap, names_what_is_missing)
{
    WORLD_VAR world = {0};
    world_open(&world);
    const struct queue_access access = tap_access(&world);
    const struct queue_access nowhere = {.url = "http://x", .connection_name = "test#tap"};
    TAP_VAR tap = NULL;

    cr_expect_not(queue_tap_look(&access, world.dead_name, &tap, &error));
    cr_expect(strstr(error.text, world.dead_name), "%s", error.text);
    cr_expect_not(queue_tap_look(&nowhere, world.dead_name, &tap, &error));
    cr_expect_eq(error.code, ERROR_INVALID);
}

Test(queue_tap, fails_when_the_broker_goes_away)
{
    WORLD_VAR world = {0};
    world_open(&world);
    raw_amqp_declare(&world, world.dead_name, "quorum");
    tap_fill(&world, world.dead_name, 1, N_MANY);
    TAP_VAR tap = tap_look(&world, world.dead_name);
    struct tapped message;
    enum queue_tap_state state;

    cr_assert(tap_next(tap, &message));
    world_set_away(&world, true);

    while (queue_tap_next(tap, 100, &message, &state, &error))
        cr_assert_neq(state, QUEUE_TAP_OVER);
    cr_expect_eq(error.code, ERROR_UNAVAILABLE);
    world_set_away(&world, false);
    EVENTUALLY(world_count(&world, world.dead_name) == N_MANY);
}
