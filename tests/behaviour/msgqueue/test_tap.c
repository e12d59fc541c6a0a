/* Looking into a real broker by hand, and publishing by hand. */
#include "base/clock.h"
#include "msgqueue/queue_sender.h"
#include "tests/behaviour/msgqueue/raw_amqp.h"

#include <criterion/criterion.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

enum {
    CHANNEL = 1,
    N_MANY = 700 /* more than two prefetches */
};

#define TAP_VAR CLEANUP(queue_tap_freep) struct queue_tap *
#define SENDER_VAR CLEANUP(queue_sender_freep) struct queue_sender *

static struct error error;

TestSuite(queue_tap, .timeout = 120);
TestSuite(queue_sender, .timeout = 120);

static struct queue_access access_to(const struct world *world)
{
    return (struct queue_access){.url = world->url, .connection_name = "test#tap"};
}

static struct queue_tap *look(const struct world *world, const char *queue)
{
    const struct queue_access access = access_to(world);
    struct queue_tap *tap = NULL;

    cr_assert(queue_tap_look(&access, queue, &tap, &error), "%s", error.text);
    return tap;
}

static struct queue_tap *replay(const struct world *world, const struct queue_tap_start start)
{
    const struct queue_access access = access_to(world);
    struct queue_tap *tap = NULL;

    cr_assert(queue_tap_replay(&access, world->log_name, &start, &tap, &error), "%s", error.text);
    return tap;
}

static struct queue_sender *new_sender(const struct world *world)
{
    const struct queue_access access = access_to(world);
    struct queue_sender *sender = NULL;

    cr_assert(queue_sender_open(&access, &sender, &error), "%s", error.text);
    return sender;
}

/* The next message; false when that was all. */
static bool next(struct queue_tap *tap, struct tapped *message)
{
    int64_t until_ms = clock_monotonic_ms() + WORLD_DEADLINE_MS;
    enum queue_tap_state state = QUEUE_TAP_QUIET;

    while (state == QUEUE_TAP_QUIET) {
        cr_assert_lt(clock_monotonic_ms(), until_ms, "nothing comes");
        cr_assert(queue_tap_next(tap, 100, message, &state, &error), "%s", error.text);
    }
    return state == QUEUE_TAP_MESSAGE;
}

static int number_of(const struct tapped *message)
{
    int number = -1;

    (void)sscanf(message->envelope.id, "%d", &number);
    return number;
}

static struct envelope envelope_of(const struct world *world, int number)
{
    struct envelope envelope = {
        .source = "test", .time_ms = clock_wall_ms(), .body = "{}", .body_bytes = 2};

    snprintf(envelope.id, sizeof(envelope.id), "%d", number);
    snprintf(envelope.name, sizeof(envelope.name), "%s", world->created);
    return envelope;
}

/* How the next message ended. */
static enum queue_posting_end end_of_next(struct queue_sender *sender, uint64_t *handle)
{
    int64_t until_ms = clock_monotonic_ms() + WORLD_DEADLINE_MS;
    enum queue_posting_end end;

    while (!queue_sender_take(sender, handle, &end)) {
        cr_assert_lt(clock_monotonic_ms(), until_ms, "the broker says nothing");
        cr_assert(queue_sender_wait(sender, 100, &error), "%s", error.text);
    }
    return end;
}

static void post(struct queue_sender *sender, const char *queue, const struct envelope *envelope,
                 uint64_t handle)
{
    const struct queue_posting posting = {.exchange = "", .key = queue, .handle = handle};

    cr_assert(queue_sender_post(sender, &posting, envelope, &error), "%s", error.text);
}

/* Messages @first to @last to a queue by its name. */
static void fill(const struct world *world, const char *queue, int first, int last)
{
    SENDER_VAR sender = new_sender(world);
    uint64_t handle = 0;

    for (int i = first; i <= last; i++) {
        const struct envelope envelope = envelope_of(world, i);

        while (!queue_sender_has_room(sender))
            cr_assert_eq(end_of_next(sender, &handle), QUEUE_POSTING_CONFIRMED);
        post(sender, queue, &envelope, (uint64_t)i);
    }
    while (queue_sender_n_waiting(sender))
        cr_assert_eq(end_of_next(sender, &handle), QUEUE_POSTING_CONFIRMED);
    cr_assert_eq((int)handle, last);
}

/* Numbers of messages in the order in which they come, up to the end. */
static int read_all(struct queue_tap *tap, int *numbers)
{
    struct tapped message;
    int n = 0;

    while (next(tap, &message))
        numbers[n++] = number_of(&message);
    return n;
}

/* ---- queue_tap ---- */

Test(queue_tap, shows_what_passes_under_its_keys)
{
    WORLD_VAR world = {0};
    world_open(&world);
    EMITTER_VAR emitter = world_connected_emitter(&world);
    const struct queue_access access = access_to(&world);
    const char *const keys[] = {world.created, "no.such.*"};
    TAP_VAR tap = NULL;
    struct tapped message;

    cr_assert(queue_tap_watch(&access, keys, ARRAY_SIZE(keys), &tap, &error), "%s", error.text);
    world_emit(emitter, world.removed, 1, "{}", NULL);
    world_emit(emitter, world.created, 2, "{\"a\":1}", NULL);
    world_emit(emitter, world.created, 3, "{}", NULL);

    cr_assert(next(tap, &message));
    cr_expect_eq(number_of(&message), 2);
    cr_expect_str_eq(message.envelope.name, world.created);
    cr_expect_str_eq(message.routing_key, world.created);
    cr_expect_arr_eq(message.envelope.body, "{\"a\":1}", 7);
    cr_expect_eq(message.offset, -1);
    cr_assert(next(tap, &message));
    cr_expect_eq(number_of(&message), 3);
}

Test(queue_tap, shows_more_than_a_prefetch_and_takes_nothing)
{
    WORLD_VAR world = {0};
    world_open(&world);
    raw_amqp_declare(&world, world.dead_name, "quorum");
    fill(&world, world.dead_name, 1, N_MANY);

    for (int looks = 0; looks < 2; looks++) {
        TAP_VAR tap = look(&world, world.dead_name);
        struct tapped message;

        cr_expect_eq(queue_tap_end(tap), N_MANY);
        for (int i = 1; i <= N_MANY; i++) {
            cr_assert(next(tap, &message));
            cr_assert_eq(number_of(&message), i);
            cr_expect_eq(message.delivery_count, looks);
        }
        cr_expect_not(next(tap, &message));
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
    fill(&world, world.dead_name, 1, N_MANY);
    TAP_VAR tap = look(&world, world.dead_name);
    struct tapped message;

    while (next(tap, &message)) {
        if (number_of(&message) % 2 == 0)
            cr_assert(queue_tap_remove(tap, message.handle, &error), "%s", error.text);
    }
    cr_assert(queue_tap_finish(tap, &error), "%s", error.text);
    queue_tap_free(tap);
    tap = NULL;

    EVENTUALLY(world_count(&world, world.dead_name) == N_MANY / 2);
    tap = look(&world, world.dead_name);
    cr_assert_eq(read_all(tap, numbers), N_MANY / 2);
    for (int i = 0; i < N_MANY / 2; i++)
        cr_expect_eq(numbers[i], 2 * i + 1);
}

Test(queue_tap, ends_when_others_took_what_lay_there)
{
    static int numbers[8];
    WORLD_VAR world = {0};
    world_open(&world);
    raw_amqp_declare(&world, world.dead_name, "quorum");
    fill(&world, world.dead_name, 1, 3);
    TAP_VAR tap = look(&world, world.dead_name);
    struct pulled pulled;

    cr_assert(world_pull(&world, world.dead_name, &pulled));

    cr_assert_eq(read_all(tap, numbers), 2);
    cr_expect_eq(numbers[0], 2);
}

Test(queue_tap, reads_a_log_from_anywhere_to_its_end)
{
    static int numbers[2 * N_MANY];
    WORLD_VAR world = {0};
    world_open(&world);
    raw_amqp_declare(&world, world.log_name, "stream");
    fill(&world, world.log_name, 0, N_MANY - 1);
    const struct queue_tap_start starts[] = {
        {QUEUE_TAP_FIRST, 0},        {QUEUE_TAP_TIME, clock_wall_ms() / 1000 - 60},
        {QUEUE_TAP_OFFSET, 300},     {QUEUE_TAP_OFFSET, N_MANY - 1},
        {QUEUE_TAP_OFFSET, 1000000},
    };
    const int expected[] = {N_MANY, N_MANY, N_MANY - 300, 1, 0};

    for (size_t i = 0; i < ARRAY_SIZE(starts); i++) {
        TAP_VAR tap = replay(&world, starts[i]);
        int n = read_all(tap, numbers);

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
    fill(&world, world.log_name, 0, 4);
    TAP_VAR tap = replay(&world, (struct queue_tap_start){QUEUE_TAP_FIRST, 0});
    fill(&world, world.log_name, 5, 9);

    cr_expect_eq(read_all(tap, numbers), 5);
    cr_expect_eq(queue_tap_begin(tap), 0);
}

Test(queue_tap, reads_no_queue_as_a_log)
{
    static const char *const types[] = {"quorum", "classic"};

    for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
        WORLD_VAR world = {0};
        world_open(&world);
        raw_amqp_declare(&world, world.queue_name, types[i]);
        fill(&world, world.queue_name, 1, 2);
        const struct queue_access access = access_to(&world);
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
    const struct queue_access access = access_to(&world);
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
    fill(&world, world.dead_name, 1, N_MANY);
    TAP_VAR tap = look(&world, world.dead_name);
    struct tapped message;
    enum queue_tap_state state;

    cr_assert(next(tap, &message));
    world_set_away(&world, true);

    while (queue_tap_next(tap, 100, &message, &state, &error))
        cr_assert_neq(state, QUEUE_TAP_OVER);
    cr_expect_eq(error.code, ERROR_UNAVAILABLE);
    world_set_away(&world, false);
    EVENTUALLY(world_count(&world, world.dead_name) == N_MANY);
}

/* ---- queue_sender ---- */

Test(queue_sender, tells_what_no_queue_takes_from_what_one_took)
{
    WORLD_VAR world = {0};
    world_open(&world);
    raw_amqp_declare(&world, world.queue_name, "quorum");
    SENDER_VAR sender = new_sender(&world);
    const struct envelope first = envelope_of(&world, 1);
    const struct envelope second = envelope_of(&world, 2);
    const struct envelope third = envelope_of(&world, 3);
    uint64_t handle = 0;

    post(sender, world.queue_name, &first, 11);
    post(sender, world.second_name, &second, 12);
    post(sender, world.queue_name, &third, 13);

    cr_expect_eq(end_of_next(sender, &handle), QUEUE_POSTING_CONFIRMED);
    cr_expect_eq(handle, 11);
    cr_expect_eq(end_of_next(sender, &handle), QUEUE_POSTING_RETURNED);
    cr_expect_eq(handle, 12);
    cr_expect_eq(end_of_next(sender, &handle), QUEUE_POSTING_CONFIRMED);
    cr_expect_eq(handle, 13);
    cr_expect_eq(world_count(&world, world.queue_name), 2);
}

static void declare_with(struct world *world, const char *queue, amqp_table_t arguments)
{
    amqp_connection_state_t connection = raw_amqp_of(world)->connection;

    cr_assert(
        amqp_queue_declare(connection, CHANNEL, amqp_cstring_bytes(queue), 0, 1, 0, 0, arguments));
    amqp_maybe_release_buffers(connection);
}

static amqp_table_entry_t text_entry(const char *key, const char *text)
{
    return (amqp_table_entry_t){
        .key = amqp_cstring_bytes(key),
        .value = {.kind = AMQP_FIELD_KIND_UTF8, .value = {.bytes = amqp_cstring_bytes(text)}},
    };
}

Test(queue_sender, tells_what_a_full_queue_refuses)
{
    amqp_table_entry_t arguments[] = {
        text_entry("x-overflow", "reject-publish"),
        {.key = amqp_cstring_bytes("x-max-length"),
         .value = {.kind = AMQP_FIELD_KIND_I32, .value = {.i32 = 1}}},
    };
    WORLD_VAR world = {0};
    world_open(&world);
    declare_with(&world, world.queue_name, (amqp_table_t){ARRAY_SIZE(arguments), arguments});
    SENDER_VAR sender = new_sender(&world);
    uint64_t handle = 0;
    int n_refused = 0;

    for (int i = 0; i < 10; i++) {
        const struct envelope envelope = envelope_of(&world, i);

        post(sender, world.queue_name, &envelope, (uint64_t)i);
        n_refused += end_of_next(sender, &handle) == QUEUE_POSTING_REFUSED;
        cr_expect_eq((int)handle, i);
    }

    cr_expect_eq(world_count(&world, world.queue_name), 10 - n_refused);
    cr_expect_gt(n_refused, 0);
}

Test(queue_sender, has_room_for_a_window_and_no_more)
{
    WORLD_VAR world = {0};
    world_open(&world);
    raw_amqp_declare(&world, world.queue_name, "classic");
    SENDER_VAR sender = new_sender(&world);
    const struct envelope envelope = envelope_of(&world, 1);
    uint64_t handle = 0;

    for (int i = 0; i < QUEUE_SENDER_WINDOW; i++) {
        cr_assert(queue_sender_has_room(sender));
        post(sender, world.queue_name, &envelope, (uint64_t)i);
    }

    cr_expect_not(queue_sender_has_room(sender));
    cr_expect_eq(end_of_next(sender, &handle), QUEUE_POSTING_CONFIRMED);
    cr_expect(queue_sender_has_room(sender));
    cr_expect_eq(queue_sender_n_waiting(sender), QUEUE_SENDER_WINDOW - 1);
}

/* Move the only message of @from to @to; its end is confirmed. */
static void redrive(const struct world *world, const char *from, const char *to)
{
    TAP_VAR tap = look(world, from);
    SENDER_VAR sender = new_sender(world);
    struct tapped message;
    uint64_t handle = 0;

    cr_assert(next(tap, &message));
    cr_assert(queue_sender_forward(
                  sender,
                  &(struct queue_posting){.exchange = "", .key = to, .handle = message.handle},
                  &message, true, &error),
              "%s", error.text);
    cr_assert_eq(end_of_next(sender, &handle), QUEUE_POSTING_CONFIRMED);
    cr_assert(queue_tap_remove(tap, handle, &error), "%s", error.text);
    cr_assert(queue_tap_finish(tap, &error), "%s", error.text);
}

Test(queue_sender, forwards_a_message_as_it_was_before_it_was_parked)
{
    const struct queue_header headers[] = {
        {.name = "x-parked-reason", .text = "bad"},
        {.name = "x-parked-count", .kind = QUEUE_HEADER_NUMBER, .number = 5},
        {.name = "x-mine", .text = "stays"},
        {.name = "CC", .text = "elsewhere"},
    };
    WORLD_VAR world = {0};
    world_open(&world);
    raw_amqp_declare(&world, world.queue_name, "quorum");
    raw_amqp_declare(&world, world.dead_name, "quorum");
    SENDER_VAR sender = new_sender(&world);
    const struct envelope envelope = envelope_of(&world, 1);
    const struct queue_posting posting = {.exchange = "",
                                          .key = world.dead_name,
                                          .headers = headers,
                                          .n_headers = ARRAY_SIZE(headers) - 1};
    struct tapped_parking parking;
    struct tapped message;
    uint64_t handle;

    cr_assert(queue_sender_post(sender, &posting, &envelope, &error), "%s", error.text);
    cr_assert_eq(end_of_next(sender, &handle), QUEUE_POSTING_CONFIRMED);
    redrive(&world, world.dead_name, world.queue_name);
    redrive(&world, world.queue_name, world.dead_name);
    cr_expect_eq(world_count(&world, world.queue_name), 0);

    TAP_VAR tap = look(&world, world.dead_name);
    cr_assert(next(tap, &message));
    tapped_read_parking(&message, &parking);
    cr_expect_str_eq(message.envelope.name, world.created);
    cr_expect_eq(message.envelope.time_ms, envelope.time_ms);
    cr_expect_str_eq(parking.reason, "");
    cr_expect_eq(parking.n_attempts, 0);
    cr_expect_eq(parking.n_redriven, 2);

    CLEANUP(buffer_clear) struct buffer text = {0};
    struct json_writer writer = JSON_WRITER(&text);
    buffer_init(&text, 1000);
    tapped_write_headers(&message, NULL, false, &writer);
    cr_expect_str_eq(text.data, "{\"x-mine\":\"stays\",\"x-redriven\":2}");
}

static void bind(struct world *world, const char *queue, const char *key)
{
    amqp_connection_state_t connection = raw_amqp_of(world)->connection;

    cr_assert(amqp_queue_bind(connection, CHANNEL, amqp_cstring_bytes(queue),
                              amqp_cstring_bytes(TOPOLOGY_EXCHANGE), amqp_cstring_bytes(key),
                              amqp_empty_table));
    amqp_maybe_release_buffers(connection);
}

/* A message that only its routing key names, which the broker itself moves to the dead queue. */
static void let_the_broker_park(struct world *world)
{
    amqp_table_entry_t arguments[] = {
        text_entry("x-dead-letter-exchange", ""),
        text_entry("x-dead-letter-routing-key", world->dead_name),
        {.key = amqp_cstring_bytes("x-message-ttl"),
         .value = {.kind = AMQP_FIELD_KIND_I32, .value = {.i32 = 0}}},
    };

    raw_amqp_declare(world, world->dead_name, "quorum");
    declare_with(world, world->second_name, (amqp_table_t){ARRAY_SIZE(arguments), arguments});
    bind(world, world->second_name, world->created);
    world_publish_bare(world, world->created, "{}");
    EVENTUALLY(world_count(world, world->dead_name) == 1);
}

Test(queue_sender, gives_back_the_name_that_was_lost_when_the_broker_parked)
{
    WORLD_VAR world = {0};
    world_open(&world);
    EMITTER_VAR emitter = world_connected_emitter(&world);
    raw_amqp_declare(&world, world.queue_name, "quorum");
    let_the_broker_park(&world);
    struct tapped_parking parking;
    struct tapped message;
    struct pulled pulled;

    TAP_VAR tap = look(&world, world.dead_name);
    cr_assert(next(tap, &message));
    tapped_read_parking(&message, &parking);
    cr_expect_str_eq(message.envelope.name, world.created);
    cr_expect_str_eq(parking.by, "broker");
    cr_expect_str_eq(parking.reason, "expired");
    cr_expect_eq(strlen(parking.at), 24, "%s", parking.at);
    queue_tap_free(tap);
    tap = NULL;

    EVENTUALLY(world_count(&world, world.dead_name) == 1);
    redrive(&world, world.dead_name, world.queue_name);
    cr_assert(world_pull(&world, world.queue_name, &pulled));
    cr_expect_str_eq(pulled.name, world.created);
    cr_expect(event_emitter_is_connected(emitter));
}

Test(queue_sender, fails_when_the_broker_goes_away)
{
    WORLD_VAR world = {0};
    world_open(&world);
    raw_amqp_declare(&world, world.queue_name, "quorum");
    SENDER_VAR sender = new_sender(&world);

    cr_expect_not(queue_sender_find_queue(sender, "no such queue", &error));
    queue_sender_free(sender);
    sender = new_sender(&world);
    cr_assert(queue_sender_find_queue(sender, world.queue_name, &error), "%s", error.text);
    world_set_away(&world, true);
    while (queue_sender_wait(sender, 100, &error))
        ;
    cr_expect_eq(error.code, ERROR_UNAVAILABLE);
}
