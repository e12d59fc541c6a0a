/* What a subscriber missed is read from the log: every backend. */
#include "tests/behaviour/msgqueue/world.h"

#include <criterion/criterion.h>

static struct hearing hearing = HEARING_INITIALIZER;
static struct hearing other = HEARING_INITIALIZER;

TestSuite(message_log, .timeout = 300);

/* P33: nothing is lost while the queue does not exist. */
Test(message_log, recovers_from_the_log_what_a_deleted_queue_missed)
{
    WORLD_VAR world = {0};
    world_open(&world);
    EMITTER_VAR emitter = world_connected_emitter(&world);
    struct event_listener *first = world_connected_listener(&world, &hearing);

    world_publish(emitter, world.created, 1, 50);
    EVENTUALLY(hearing_distinct(&hearing) == 50);
    event_listener_free(first);
    event_listener_free(world_connected_listener(&world, &hearing));
    world_delete(&world, world.queue_name);
    world_publish(emitter, world.created, 51, 100);
    LISTENER_VAR listener = world_connected_listener(&world, &hearing);

    EVENTUALLY(hearing_distinct(&hearing) == 100);
    cr_expect_eq(hearing.n_queue, 50);
    cr_expect_eq(hearing_from_log(&hearing, 51), 1);
    cr_expect_eq(event_listener_counts(listener).recovered, 50);
}

Test(message_log, recovers_while_it_listens_when_its_binding_is_gone)
{
    WORLD_VAR world = {0};
    world_open(&world);
    EMITTER_VAR emitter = world_connected_emitter(&world);
    struct event_listener_options options = world_listener_options(&world, &hearing);
    options.log_every_ms = 200;
    LISTENER_VAR listener = world_listener(&options);

    EVENTUALLY(event_listener_is_connected(listener));
    world_publish(emitter, world.created, 1, 10);
    EVENTUALLY(hearing_distinct(&hearing) == 10);
    world_unbind(&world, &world.queue);
    world_publish(emitter, world.created, 11, 30);

    EVENTUALLY(hearing_distinct(&hearing) == 30);
    /* And it has bound its queue again. */
    world_publish(emitter, world.created, 31, 40);
    EVENTUALLY(hearing_distinct(&hearing) == 40);
    EVENTUALLY(hearing.n_queue >= 20);
}

Test(message_log, notices_that_its_queue_was_deleted_under_it)
{
    WORLD_VAR world = {0};
    world_open(&world);
    EMITTER_VAR emitter = world_connected_emitter(&world);
    LISTENER_VAR listener = world_connected_listener(&world, &hearing);

    world_delete(&world, world.queue_name);
    EVENTUALLY(event_listener_counts(listener).connects == 2);
    world_publish(emitter, world.created, 1, 10);

    EVENTUALLY(hearing_distinct(&hearing) == 10);
}

Test(message_log, reads_the_log_from_where_it_stopped)
{
    WORLD_VAR world = {0};
    world_open(&world);
    EMITTER_VAR emitter = world_connected_emitter(&world);
    struct event_listener *first = world_connected_listener(&world, &hearing);

    world_publish(emitter, world.created, 1, 20);
    EVENTUALLY(hearing_distinct(&hearing) == 20);
    event_listener_free(first);
    first = world_connected_listener(&world, &hearing);
    cr_expect_eq(hearing_from_log(&hearing, 20), 1);
    event_listener_free(first);
    world_publish(emitter, world.created, 21, 30);
    LISTENER_VAR listener = world_connected_listener(&world, &hearing);

    /* What lay before the stored offset is not read again. */
    cr_expect_eq(hearing_from_log(&hearing, 20), 1);
    cr_expect_eq(hearing_from_log(&hearing, 21), 1);
    cr_expect_eq(hearing.n_stores, 3);
    cr_expect(event_listener_is_connected(listener));
}

/* P17: a subscriber that is new has missed nothing, so nothing counts as recovered. */
Test(message_log, gives_a_new_subscriber_the_whole_history)
{
    WORLD_VAR world = {0};
    world_open(&world);
    EMITTER_VAR emitter = world_connected_emitter(&world);
    struct event_listener *first = world_connected_listener(&world, &other);

    event_listener_free(first);
    world_delete(&world, world.queue_name);
    world_publish(emitter, world.created, 1, 3000);
    LISTENER_VAR listener = world_connected_listener(&world, &hearing);

    cr_expect_eq(hearing_distinct(&hearing), 3000);
    cr_expect_eq(event_listener_counts(listener).recovered, 0);
}

Test(message_log, waits_for_the_subscriber_while_it_reads_the_log)
{
    WORLD_VAR world = {0};
    world_open(&world);
    EMITTER_VAR emitter = world_connected_emitter(&world);
    struct event_listener *first = world_connected_listener(&world, &other);

    event_listener_free(first);
    world_publish(emitter, world.created, 1, 10);
    hearing.retries = true;
    struct event_listener_options options = world_listener_options(&world, &hearing);
    LISTENER_VAR listener = world_listener(&options);
    EVENTUALLY(event_listener_counts(listener).retried > 20);
    cr_expect_eq(hearing.n_stores, 0);
    hearing.retries = false;

    EVENTUALLY(event_listener_is_connected(listener));
    cr_expect_eq(hearing_from_log(&hearing, 10), 1);
    cr_expect_eq(hearing.n_stores, 1);
}

Test(message_log, leaves_out_of_the_log_what_cannot_be_handled)
{
    WORLD_VAR world = {0};
    world_open(&world);
    EMITTER_VAR emitter = world_connected_emitter(&world);
    struct event_listener *first = world_connected_listener(&world, &other);

    event_listener_free(first);
    world_delete(&world, world.queue_name);
    world_publish(emitter, world.created, 1, 5);
    world_publish_body(emitter, world.created, 6, "bad");
    world_publish(emitter, world.created, 7, 10);
    LISTENER_VAR listener = world_connected_listener(&world, &hearing);

    cr_expect_eq(hearing_distinct(&hearing), 9);
    cr_expect_eq(world_count(&world, world.dead_name), 0);
    cr_expect_eq(event_listener_counts(listener).parked, 0);
}

Test(message_log, begins_at_the_start_of_a_log_that_was_made_anew)
{
    WORLD_VAR world = {0};
    world_open(&world);
    EMITTER_VAR emitter = world_connected_emitter(&world);
    struct event_listener *first = world_connected_listener(&world, &other);

    event_listener_free(first);
    world_publish(emitter, world.created, 1, 10);
    hearing.offset = 1000000;
    LISTENER_VAR listener = world_connected_listener(&world, &hearing);

    EVENTUALLY(hearing_from_log(&hearing, 1) == 1);
    cr_expect_lt(hearing.offset, 1000000);
    cr_expect(event_listener_is_connected(listener));
}
