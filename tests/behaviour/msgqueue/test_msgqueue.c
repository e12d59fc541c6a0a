/* What every backend promises. One process and one world for each test. */
#include "tests/behaviour/msgqueue/world.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static struct hearing hearing = HEARING_INITIALIZER;
static struct hearing other = HEARING_INITIALIZER;

TestSuite(msgqueue, .timeout = 300);

Test(msgqueue, brings_every_message_to_a_bound_queue_in_order)
{
    WORLD_VAR world = {0};
    world_open(&world);
    EMITTER_VAR emitter = world_connected_emitter(&world);
    LISTENER_VAR listener = world_connected_listener(&world, &hearing);

    world_publish(emitter, world.created, 1, 500);
    world_publish(emitter, world.removed, 501, 600);

    EVENTUALLY(hearing_distinct(&hearing) == 600);
    cr_expect_eq(hearing.n_queue, 600);
    cr_expect_not(hearing.out_of_order);
    EVENTUALLY(event_listener_counts(listener).acknowledged >= 600);
    EVENTUALLY(world_count(&world, world.queue_name) == 0);
}

Test(msgqueue, carries_the_whole_envelope)
{
    WORLD_VAR world = {0};
    world_open(&world);
    EMITTER_VAR emitter = world_connected_emitter(&world);
    LISTENER_VAR listener = world_connected_listener(&world, &hearing);
    struct envelope envelope = {
        .id = "77",
        .subject = "0123456789abcdef01234567",
        .source = "eventservice",
        .traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        .time_ms = 1795254850451,
        .body = "{\"name\":\"\xc3\xa4\"}",
        .body_bytes = 13,
    };
    struct endings endings = {0};

    snprintf(envelope.name, sizeof(envelope.name), "%s", world.created);
    cr_assert(event_emitter_emit(emitter, &envelope, world_note_ending, &endings, NULL));
    EVENTUALLY(world_ended(&endings) == 1);
    cr_assert_eq(endings.n_published, 1);

    EVENTUALLY(hearing_distinct(&hearing) == 1);
    cr_expect_str_eq(hearing.last.id, envelope.id);
    cr_expect_str_eq(hearing.last.name, envelope.name);
    cr_expect_str_eq(hearing.last.subject, envelope.subject);
    cr_expect_str_eq(hearing.last.source, envelope.source);
    cr_expect_str_eq(hearing.last.traceparent, envelope.traceparent);
    cr_expect_eq(hearing.last.time_ms, envelope.time_ms);
    cr_expect_eq(hearing.last.body_bytes, envelope.body_bytes);
    cr_expect_str_eq(hearing.last_body, envelope.body);
    cr_expect_eq(hearing.highest_delivery_count, 0);
    cr_expect(event_listener_is_connected(listener));
}

/* P8 */
Test(msgqueue, gives_every_queue_all_messages)
{
    WORLD_VAR world = {0};
    world_open(&world);
    EMITTER_VAR emitter = world_connected_emitter(&world);
    LISTENER_VAR listener = world_connected_listener(&world, &hearing);
    struct event_listener_options options = world_listener_options(&world, &other);
    options.queue = &world.second;
    LISTENER_VAR second = world_listener(&options);

    EVENTUALLY(event_listener_is_connected(second));
    world_publish(emitter, world.created, 1, 200);

    EVENTUALLY(hearing_distinct(&hearing) == 200 && hearing_distinct(&other) == 200);
    cr_expect_eq(hearing.n_queue, 200);
    cr_expect_eq(other.n_queue, 200);
    cr_expect(event_listener_is_connected(listener));
}

/* P7 */
Test(msgqueue, shares_a_queue_among_its_listeners)
{
    WORLD_VAR world = {0};
    world_open(&world);
    EMITTER_VAR emitter = world_connected_emitter(&world);
    LISTENER_VAR one = world_connected_listener(&world, &hearing);
    LISTENER_VAR two = world_connected_listener(&world, &other);

    /* One that sits on its batch does not keep the other from the rest. */
    hearing.holds = true;
    other.holds = true; /* until both have something: one may be quick enough to take all */
    world_publish(emitter, world.created, 1, 1000);
    EVENTUALLY(hearing_offered(&other) > 0 && hearing_offered(&hearing) > 0);
    other.holds = false;
    EVENTUALLY(hearing_offered(&other) > 700);
    hearing.holds = false;

    EVENTUALLY(hearing_distinct(&hearing) + hearing_distinct(&other) >= 1000);
    cr_expect_eq(hearing.n_queue + other.n_queue, 1000);
    cr_expect(event_listener_is_connected(one) && event_listener_is_connected(two));
}

/* P6 */
Test(msgqueue, delivers_again_what_a_listener_did_not_acknowledge)
{
    WORLD_VAR world = {0};
    world_open(&world);
    EMITTER_VAR emitter = world_connected_emitter(&world);
    struct event_listener *dying = world_connected_listener(&world, &hearing);

    hearing.retries = true;
    world_publish(emitter, world.created, 1, 100);
    EVENTUALLY(hearing_offered(&hearing) > 0);
    event_listener_free(dying);
    struct event_listener_options options = world_listener_options(&world, &other);
    options.log = NULL; /* or it would bring them first */
    LISTENER_VAR listener = world_listener(&options);

    EVENTUALLY(hearing_distinct(&other) == 100);
    cr_expect_geq(other.highest_delivery_count, 1);
    cr_expect_eq(hearing_distinct(&hearing), 0);
    EVENTUALLY(event_listener_counts(listener).acknowledged >= 100);
}

Test(msgqueue, keeps_a_retried_message_and_takes_no_more)
{
    WORLD_VAR world = {0};
    world_open(&world);
    EMITTER_VAR emitter = world_connected_emitter(&world);
    struct event_listener_options options = world_listener_options(&world, &hearing);
    options.prefetch = 10;
    LISTENER_VAR listener = world_listener(&options);

    EVENTUALLY(event_listener_is_connected(listener));
    hearing.retries = true;
    world_publish(emitter, world.created, 1, 50);
    EVENTUALLY(event_listener_counts(listener).retried >= 20);
    cr_expect_leq(hearing.largest_batch, 10);
    cr_expect_eq(hearing.highest_delivery_count, 0);
    hearing.retries = false;

    EVENTUALLY(hearing_distinct(&hearing) == 50);
    cr_expect_eq(hearing.n_queue, 50);
    cr_expect_not(hearing.out_of_order);
    cr_expect_eq(event_listener_counts(listener).connects, 1);
}

Test(msgqueue, says_when_no_queue_takes_a_message)
{
    WORLD_VAR world = {0};
    world_open(&world);
    EMITTER_VAR emitter = world_connected_emitter(&world);
    LISTENER_VAR listener = world_connected_listener(&world, &hearing);
    struct endings endings = {0};

    for (int id = 1; id <= 10; id++)
        world_emit(emitter, id % 2 ? world.unbound : world.created, id, "{}", &endings);

    EVENTUALLY(world_ended(&endings) == 10);
    cr_assert(endings.n_unroutable == 5 && endings.n_published == 5);
    cr_expect_eq(event_emitter_counts(emitter).returned, 5);
    cr_expect_eq(event_emitter_counts(emitter).confirmed, 5);
    EVENTUALLY(hearing_distinct(&hearing) == 5);
    cr_expect(event_listener_is_connected(listener));
}

/* P4 */
Test(msgqueue, keeps_messages_while_nobody_listens)
{
    WORLD_VAR world = {0};
    world_open(&world);
    EMITTER_VAR emitter = world_connected_emitter(&world);
    struct event_listener *first = world_connected_listener(&world, &other);

    event_listener_free(first);
    world_publish(emitter, world.created, 1, 300);
    struct event_listener_options options = world_listener_options(&world, &hearing);
    options.log = NULL; /* or it would bring them first */
    LISTENER_VAR listener = world_listener(&options);

    EVENTUALLY(hearing_distinct(&hearing) == 300);
    EVENTUALLY(event_listener_counts(listener).acknowledged >= 300);
}

Test(msgqueue, consumes_nothing_before_the_subscriber_is_ready)
{
    WORLD_VAR world = {0};
    world_open(&world);
    EMITTER_VAR emitter = world_connected_emitter(&world);
    struct event_listener_options options = world_listener_options(&world, &hearing);
    hearing.unready = true;
    LISTENER_VAR listener = world_listener(&options);

    /* Its queue is there all the same, so that nothing is missed meanwhile. */
    EVENTUALLY(world_count(&world, world.queue_name) == 0);
    world_publish(emitter, world.created, 1, 20);
    cr_expect_eq(hearing_offered(&hearing), 0);
    cr_expect_not(event_listener_is_connected(listener));
    hearing.unready = false;

    EVENTUALLY(hearing_distinct(&hearing) == 20);
}

/* P25 and P29: whatever was accepted goes out when the broker is back. */
Test(msgqueue, sends_what_waited_for_the_broker)
{
    WORLD_VAR world = {0};
    world_open(&world);
    LISTENER_VAR listener = world_connected_listener(&world, &hearing);
    struct endings endings = {0};

    world_set_away(&world, true);
    EMITTER_VAR emitter = world_emitter(&world);
    for (int id = 1; id <= 100; id++)
        world_emit(emitter, world.created, id, "{}", &endings);
    EVENTUALLY(!event_listener_is_connected(listener));
    cr_expect_not(event_emitter_is_connected(emitter));
    cr_expect_eq(endings.n_published + endings.n_unavailable, 0);
    world_set_away(&world, false);

    EVENTUALLY(world_ended(&endings) == 100);
    cr_assert_eq(endings.n_published, 100);
    EVENTUALLY(hearing_distinct(&hearing) == 100);
}

Test(msgqueue, comes_back_when_the_connection_is_lost)
{
    WORLD_VAR world = {0};
    world_open(&world);
    EMITTER_VAR emitter = world_connected_emitter(&world);
    LISTENER_VAR listener = world_connected_listener(&world, &hearing);
    struct endings endings = {0};

    for (int id = 1; id <= 500; id++)
        world_emit(emitter, world.created, id, "{}", &endings);
    world_set_away(&world, true);
    world_set_away(&world, false);
    EVENTUALLY(endings.n_published + endings.n_unavailable == 500);
    EVENTUALLY(event_emitter_counts(emitter).connects >= 2);
    EVENTUALLY(event_listener_counts(listener).connects >= 2);

    /* What ended without a confirm is sent again by whoever emitted it. */
    world_publish(emitter, world.created, 1, 500);
    EVENTUALLY(hearing_distinct(&hearing) == 500);
}

Test(msgqueue, tells_everybody_when_an_emitter_is_freed)
{
    WORLD_VAR world = {0};
    world_open(&world);
    struct endings endings = {0};
    struct event_emitter *emitter;

    world_set_away(&world, true);
    emitter = world_emitter(&world);
    for (int id = 1; id <= 50; id++)
        world_emit(emitter, world.created, id, "{}", &endings);
    event_emitter_free(emitter);

    cr_expect_eq(endings.n_unavailable, 50);
}

Test(msgqueue, refuses_what_does_not_fit_into_the_queue)
{
    WORLD_VAR world = {0};
    world_open(&world);
    world_set_away(&world, true);
    const struct event_emitter_options options = {
        .backend = world_backend, .url = world.url, .connection_name = "test#emitter", .queue = 2};
    EMITTER_VAR emitter = NULL;
    const struct envelope envelope = {.id = "1", .name = "x"};
    struct error error = {0};

    cr_assert(event_emitter_open(&options, &emitter, NULL));
    for (int i = 0; i < 2; i++)
        cr_assert(event_emitter_emit(emitter, &envelope, hearing_ignore, NULL, NULL));

    cr_expect_not(event_emitter_emit(emitter, &envelope, hearing_ignore, NULL, &error));
    cr_expect_eq(error.code, ERROR_BUSY);
}

Test(msgqueue, refuses_a_body_that_nobody_would_take)
{
    static char body[MESSAGE_BODY_BYTES_MAX + 1];
    WORLD_VAR world = {0};
    world_open(&world);
    EMITTER_VAR emitter = world_emitter(&world);
    const struct envelope envelope = {.id = "1", .body = body, .body_bytes = sizeof(body)};
    struct error error = {0};

    cr_expect_not(event_emitter_emit(emitter, &envelope, hearing_ignore, NULL, &error));
    cr_expect_eq(error.code, ERROR_TOO_LARGE);
}

Test(msgqueue, carries_the_largest_body)
{
    static char body[MESSAGE_BODY_BYTES_MAX + 1];
    WORLD_VAR world = {0};
    world_open(&world);
    EMITTER_VAR emitter = world_connected_emitter(&world);
    LISTENER_VAR listener = world_connected_listener(&world, &hearing);

    memset(body, 'x', MESSAGE_BODY_BYTES_MAX);
    world_publish_body(emitter, world.created, 1, body);

    EVENTUALLY(hearing_distinct(&hearing) == 1);
    cr_expect_eq(hearing.last.body_bytes, MESSAGE_BODY_BYTES_MAX);
    cr_expect(event_listener_is_connected(listener));
}

/* P32 */
Test(msgqueue, changes_nothing_when_it_declares_again)
{
    WORLD_VAR world = {0};
    world_open(&world);
    EMITTER_VAR emitter = world_connected_emitter(&world);
    struct event_listener *first = world_connected_listener(&world, &other);

    event_listener_free(first);
    world_publish(emitter, world.created, 1, 10);
    EVENTUALLY(world_count(&world, world.queue_name) == 10);
    hearing.unready = true;
    struct event_listener_options options = world_listener_options(&world, &hearing);
    LISTENER_VAR listener = world_listener(&options);
    EVENTUALLY(event_listener_counts(listener).connects == 0);

    cr_expect_eq(world_count(&world, world.queue_name), 10);
    cr_expect_eq(world_count(&world, world.dead_name), 0);
}

/* P3 and P21: a program of another language that knows no header of ours. */
Test(msgqueue, takes_the_name_of_a_bare_message_from_its_key)
{
    WORLD_VAR world = {0};
    world_open(&world);
    LISTENER_VAR listener = world_connected_listener(&world, &hearing);

    world_publish_bare(&world, world.created, "{\"from\":\"elsewhere\"}");

    EVENTUALLY(hearing_distinct(&hearing) == 1);
    cr_expect_str_eq(hearing.last.name, world.created);
    cr_expect_str_eq(hearing.last.id, "");
    cr_expect_str_eq(hearing.last_body, "{\"from\":\"elsewhere\"}");
    cr_expect(event_listener_is_connected(listener));
}

Test(msgqueue, refuses_bad_options)
{
    struct event_emitter_options emitter_options = {.backend = "pigeon", .url = ""};
    struct event_listener_options listener_options = {.backend = "pigeon", .url = ""};
    struct event_emitter *emitter = NULL;
    struct event_listener *listener = NULL;
    struct error error = {0};

    cr_expect_not(event_emitter_open(&emitter_options, &emitter, &error));
    cr_expect_eq(error.code, ERROR_INVALID);
    cr_expect_not(event_listener_open(&listener_options, &listener, &error));
    emitter_options = (struct event_emitter_options){
        .backend = world_backend, .url = "amqp://localhost", .connection_name = "", .window = -1};
    cr_expect_not(event_emitter_open(&emitter_options, &emitter, &error));
    cr_expect_eq(error.code, ERROR_INVALID);
    emitter_options.window = 0;
    emitter_options.queue = -1;
    cr_expect_not(event_emitter_open(&emitter_options, &emitter, &error));
    listener_options = (struct event_listener_options){
        .backend = world_backend, .url = "amqp://localhost", .connection_name = ""};
    cr_expect_not(event_listener_open(&listener_options, &listener, &error));
    cr_expect_eq(error.code, ERROR_INVALID);
    event_emitter_free(NULL);
    event_listener_free(NULL);
}
