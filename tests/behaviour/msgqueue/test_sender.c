/* Messages put into queues of a real broker, one by one. */
#include "tests/behaviour/msgqueue/tapping.h"

#include <criterion/criterion.h>
#include <string.h>

enum {
    CHANNEL = 1
};

static struct error error;

TestSuite(queue_sender, .timeout = 300);

Test(queue_sender, tells_what_no_queue_takes_from_what_one_took)
{
    WORLD_VAR world = {0};
    world_open(&world);
    raw_amqp_declare(&world, world.queue_name, "quorum");
    SENDER_VAR sender = tap_sender(&world);
    const struct envelope first = tap_envelope(&world, 1);
    const struct envelope second = tap_envelope(&world, 2);
    const struct envelope third = tap_envelope(&world, 3);
    uint64_t handle = 0;

    tap_post(sender, world.queue_name, &first, 11);
    tap_post(sender, world.second_name, &second, 12);
    tap_post(sender, world.queue_name, &third, 13);

    cr_expect_eq(tap_end_of_next(sender, &handle), QUEUE_POSTING_CONFIRMED);
    cr_expect_eq(handle, 11);
    cr_expect_eq(tap_end_of_next(sender, &handle), QUEUE_POSTING_RETURNED);
    cr_expect_eq(handle, 12);
    cr_expect_eq(tap_end_of_next(sender, &handle), QUEUE_POSTING_CONFIRMED);
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
    SENDER_VAR sender = tap_sender(&world);
    uint64_t handle = 0;
    int n_refused = 0;

    for (int i = 0; i < 10; i++) {
        const struct envelope envelope = tap_envelope(&world, i);

        tap_post(sender, world.queue_name, &envelope, (uint64_t)i);
        n_refused += tap_end_of_next(sender, &handle) == QUEUE_POSTING_REFUSED;
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
    SENDER_VAR sender = tap_sender(&world);
    const struct envelope envelope = tap_envelope(&world, 1);
    uint64_t handle = 0;

    for (int i = 0; i < QUEUE_SENDER_WINDOW; i++) {
        cr_assert(queue_sender_has_room(sender));
        tap_post(sender, world.queue_name, &envelope, (uint64_t)i);
    }

    cr_expect_not(queue_sender_has_room(sender));
    cr_expect_eq(tap_end_of_next(sender, &handle), QUEUE_POSTING_CONFIRMED);
    cr_expect(queue_sender_has_room(sender));
    cr_expect_eq(queue_sender_n_waiting(sender), QUEUE_SENDER_WINDOW - 1);
}

/* Move the only message of @from to @to; its end is confirmed. */
static void redrive(const struct world *world, const char *from, const char *to)
{
    TAP_VAR tap = tap_look(world, from);
    SENDER_VAR sender = tap_sender(world);
    struct tapped message;
    uint64_t handle = 0;

    cr_assert(tap_next(tap, &message));
    cr_assert(queue_sender_forward(
                  sender,
                  &(struct queue_posting){.exchange = "", .key = to, .handle = message.handle},
                  &message, true, &error),
              "%s", error.text);
    cr_assert_eq(tap_end_of_next(sender, &handle), QUEUE_POSTING_CONFIRMED);
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
    SENDER_VAR sender = tap_sender(&world);
    const struct envelope envelope = tap_envelope(&world, 1);
    const struct queue_posting posting = {.exchange = "",
                                          .key = world.dead_name,
                                          .headers = headers,
                                          .n_headers = ARRAY_SIZE(headers) - 1};
    struct tapped_parking parking;
    struct tapped message;
    uint64_t handle;

    cr_assert(queue_sender_post(sender, &posting, &envelope, &error), "%s", error.text);
    cr_assert_eq(tap_end_of_next(sender, &handle), QUEUE_POSTING_CONFIRMED);
    redrive(&world, world.dead_name, world.queue_name);
    redrive(&world, world.queue_name, world.dead_name);
    cr_expect_eq(world_count(&world, world.queue_name), 0);

    TAP_VAR tap = tap_look(&world, world.dead_name);
    cr_assert(tap_next(tap, &message));
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

    TAP_VAR tap = tap_look(&world, world.dead_name);
    cr_assert(tap_next(tap, &message));
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
    SENDER_VAR sender = tap_sender(&world);

    cr_expect_not(queue_sender_find_queue(sender, "no such queue", &error));
    queue_sender_free(sender);
    sender = tap_sender(&world);
    cr_assert(queue_sender_find_queue(sender, world.queue_name, &error), "%s", error.text);
    world_set_away(&world, true);
    while (queue_sender_wait(sender, 100, &error))
        ;
    cr_expect_eq(error.code, ERROR_UNAVAILABLE);
}
