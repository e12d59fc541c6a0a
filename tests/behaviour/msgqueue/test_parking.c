/* What becomes of messages that cannot be handled, and of those that kill who handles them: every backend. */
#include "tests/behaviour/msgqueue/world.h"

#include <criterion/criterion.h>
#include <string.h>

static struct hearing hearing = HEARING_INITIALIZER;
static struct hearing other = HEARING_INITIALIZER;

TestSuite(parking, .timeout = 300);

/* P19 */
Test(parking, parks_a_bad_message_and_goes_on_with_the_others)
{
    WORLD_VAR world = {0};
    world_open(&world);
    EMITTER_VAR emitter = world_connected_emitter(&world);
    LISTENER_VAR listener = world_connected_listener(&world, &hearing);
    struct pulled parked;

    world_publish(emitter, world.created, 1, 9);
    world_publish_body(emitter, world.created, 10, "bad!");
    world_publish(emitter, world.created, 11, 20);

    EVENTUALLY(hearing_distinct(&hearing) == 19);
    EVENTUALLY(world_count(&world, world.dead_name) == 1);
    cr_expect(world_pull(&world, world.dead_name, &parked));
    cr_expect_str_eq(parked.id, "10");
    cr_expect_str_eq(parked.name, world.created);
    cr_expect_str_eq(parked.body, "bad!");
    cr_expect_str_eq(parked.reason, "it is bad");
    cr_expect_str_eq(parked.by, "test#consumer");
    cr_expect(strlen(parked.at) > 0);
    cr_expect_eq(parked.parked_count, 1);
    EVENTUALLY(event_listener_counts(listener).parked == 1);
    EVENTUALLY(world_count(&world, world.queue_name) == 0);
}

/* Deliver to listeners that end without an answer, so that it has come back @times times. */
static void wear_out(struct world *world, int times)
{
    struct event_listener_options options = world_listener_options(world, &other);

    options.log = NULL;
    other.retries = true;
    for (int i = 0; i < times; i++) {
        int n_offered = hearing_offered(&other);
        struct event_listener *listener = world_listener(&options);

        EVENTUALLY(hearing_offered(&other) > n_offered);
        event_listener_free(listener);
    }
}

static struct event_listener *listener_without_log(struct world *world)
{
    struct event_listener_options options = world_listener_options(world, &hearing);

    options.log = NULL;
    return world_listener(&options);
}

Test(parking, takes_alone_and_notes_what_came_back_too_often)
{
    WORLD_VAR world = {0};
    world_open(&world);
    EMITTER_VAR emitter = world_connected_emitter(&world);
    struct event_listener *first = world_connected_listener(&world, &hearing);

    event_listener_free(first);
    world_publish(emitter, world.created, 1, 3);
    wear_out(&world, 5);
    world_publish(emitter, world.created, 4, 20);
    LISTENER_VAR listener = listener_without_log(&world);

    EVENTUALLY(hearing_distinct(&hearing) == 20);
    cr_expect_eq(hearing.n_notes, 3, "%d", hearing.n_notes);
    EVENTUALLY(hearing.n_forgotten == 3);
    cr_expect_str_eq(hearing.attempted, "message 3");
    cr_expect_not(hearing.out_of_order);
    cr_expect_eq(event_listener_counts(listener).parked, 0);
    EVENTUALLY(world_count(&world, world.queue_name) == 0);
}

Test(parking, parks_what_too_many_have_died_of)
{
    WORLD_VAR world = {0};
    world_open(&world);
    EMITTER_VAR emitter = world_connected_emitter(&world);
    struct event_listener *first = world_connected_listener(&world, &hearing);
    struct pulled parked;

    event_listener_free(first);
    world_publish(emitter, world.created, 1, 1);
    wear_out(&world, 5);
    hearing.n_others = 5;
    LISTENER_VAR listener = listener_without_log(&world);

    EVENTUALLY(world_count(&world, world.dead_name) == 1);
    cr_expect(world_pull(&world, world.dead_name, &parked));
    cr_expect_str_eq(parked.id, "1");
    cr_expect_str_eq(parked.reason, "quarantine");
    cr_expect_eq(parked.parked_count, 5);
    EVENTUALLY(event_listener_counts(listener).parked_by_kind[PARKED_QUARANTINE] == 1);
    EVENTUALLY(hearing.n_forgotten == 1);
    cr_expect_eq(hearing_offered(&hearing), 0, "it was not tried once more");
}

/* Transient trouble: kept, not tried, not parked. */
Test(parking, keeps_what_is_suspect_while_it_cannot_be_noted)
{
    WORLD_VAR world = {0};
    world_open(&world);
    EMITTER_VAR emitter = world_connected_emitter(&world);
    struct event_listener *first = world_connected_listener(&world, &hearing);

    event_listener_free(first);
    world_publish(emitter, world.created, 1, 1);
    wear_out(&world, 5);
    hearing.noteless = true;
    LISTENER_VAR listener = listener_without_log(&world);
    EVENTUALLY(event_listener_is_connected(listener));
    EVENTUALLY(event_listener_counts(listener).last_heard_ms > 0);
    cr_expect_eq(hearing_offered(&hearing), 0);
    hearing.noteless = false;

    EVENTUALLY(hearing_distinct(&hearing) == 1);
    cr_expect_eq(event_listener_counts(listener).connects, 1);
    cr_expect_eq(world_count(&world, world.dead_name), 0);
}

Test(parking, knows_a_message_without_an_id_by_what_it_says)
{
    WORLD_VAR world = {0};
    world_open(&world);
    struct event_listener *first = world_connected_listener(&world, &hearing);

    event_listener_free(first);
    world_publish_bare(&world, world.created, "{}");
    wear_out(&world, 5);
    LISTENER_VAR listener = listener_without_log(&world);

    EVENTUALLY(hearing_offered(&hearing) == 1);
    cr_expect_eq(strncmp(hearing.attempted, "bytes ", 6), 0, "%s", hearing.attempted);
    cr_expect_eq(strlen(hearing.attempted), 6 + 64);
    EVENTUALLY(event_listener_counts(listener).acknowledged >= 1);
}

Test(parking, reads_the_start_of_a_log_that_nobody_survives_message_by_message)
{
    WORLD_VAR world = {0};
    world_open(&world);
    EMITTER_VAR emitter = world_connected_emitter(&world);
    struct event_listener *first = world_connected_listener(&world, &other);

    event_listener_free(first);
    world_publish(emitter, world.created, 1, 400);
    hearing.n_others = 3;
    LISTENER_VAR listener = world_connected_listener(&world, &hearing);

    cr_expect_eq(hearing_from_log(&hearing, 400), 1);
    cr_expect_eq(hearing.n_notes, 256);
    cr_expect_eq(hearing.n_forgotten, 256);
    cr_expect_geq(hearing.n_stores, 2, "where it stands is stored on the way");
    cr_expect(event_listener_is_connected(listener));
}

Test(parking, leaves_out_of_the_log_what_too_many_have_died_of)
{
    WORLD_VAR world = {0};
    world_open(&world);
    EMITTER_VAR emitter = world_connected_emitter(&world);
    struct event_listener *first = world_connected_listener(&world, &other);

    event_listener_free(first);
    world_publish(emitter, world.created, 1, 5);
    world_delete(&world, world.queue_name);
    hearing.n_others = 5;
    LISTENER_VAR listener = world_connected_listener(&world, &hearing);

    cr_expect_eq(hearing_offered(&hearing), 0);
    cr_expect_eq(hearing.n_forgotten, 0, "the queue still has to park it");
    cr_expect_eq(world_count(&world, world.dead_name), 0);
    cr_expect(event_listener_is_connected(listener));
}
