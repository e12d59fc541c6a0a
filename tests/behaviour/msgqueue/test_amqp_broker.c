/* What a real broker and a network do to us: logs that are deleted, queues and connections that are silent. */
#include "base/clock.h"
#include "tests/behaviour/msgqueue/raw_amqp.h"
#include "tests/behaviour/msgqueue/relay.h"

#include <criterion/criterion.h>
#include <string.h>

static struct hearing hearing = HEARING_INITIALIZER;
static struct hearing other = HEARING_INITIALIZER;

TestSuite(amqp_broker, .timeout = 300);

/* F11 */
Test(amqp_broker, makes_a_deleted_log_anew_and_reads_it)
{
    WORLD_VAR world = {0};
    world_open(&world);
    EMITTER_VAR emitter = world_connected_emitter(&world);
    struct event_listener_options options = world_listener_options(&world, &hearing);
    options.log_every_ms = 300;
    LISTENER_VAR listener = world_listener(&options);
    int n_stores;

    EVENTUALLY(event_listener_is_connected(listener));
    world_publish(emitter, world.created, 1, 10);
    n_stores = hearing.n_stores;
    world_delete(&world, world.log_name);
    EVENTUALLY(hearing.n_stores >= n_stores + 2);
    world_unbind(&world, &world.queue);
    world_publish(emitter, world.created, 11, 20);

    EVENTUALLY(hearing_distinct(&hearing) == 20);
}

/* As a broker does that gives a consumer nothing; what comes by the log tells. */
Test(amqp_broker, connects_anew_when_its_queue_is_silent)
{
    WORLD_VAR world = {0};
    world_open(&world);
    EMITTER_VAR emitter = world_connected_emitter(&world);
    struct event_listener_options options = world_listener_options(&world, &hearing);
    options.log_every_ms = 1000;
    LISTENER_VAR listener = world_listener(&options);

    EVENTUALLY(event_listener_is_connected(listener));
    for (int id = 1; event_listener_counts(listener).connects == 1; id += 40) {
        cr_assert_lt(id, 2000);
        world_unbind(&world, &world.queue);
        world_publish(emitter, world.created, id, id + 39);
        EVENTUALLY(hearing_distinct(&hearing) == id + 39);
    }

    EVENTUALLY(event_listener_is_connected(listener));
}

/* Or each burst would cost a connection, for the next round reads all of it once more. */
Test(amqp_broker, stays_connected_when_the_log_repeats_what_its_queue_brought)
{
    WORLD_VAR world = {0};
    world_open(&world);
    EMITTER_VAR emitter = world_connected_emitter(&world);
    struct event_listener_options options = world_listener_options(&world, &hearing);
    options.log_every_ms = 2000;
    LISTENER_VAR listener = world_listener(&options);

    EVENTUALLY(event_listener_is_connected(listener));
    for (int burst = 0; burst < 3; burst++) {
        int n_stores = hearing.n_stores;

        EVENTUALLY(hearing.n_stores > n_stores);
        world_publish(emitter, world.created, burst * 40 + 1, burst * 40 + 40);
        EVENTUALLY(hearing_distinct(&hearing) == burst * 40 + 40);
        EVENTUALLY(hearing.offset >= burst * 40 + 39);
    }

    cr_expect_eq(event_listener_counts(listener).connects, 1);
}

/* Publish messages 1 to @n and let them be read from the log, where those from @stops_at on wait. */
static struct event_listener *stopped_listener(struct world *world, int n, int stops_at)
{
    EMITTER_VAR emitter = world_connected_emitter(world);
    struct event_listener *first = world_connected_listener(world, &other);
    struct event_listener_options options = world_listener_options(world, &hearing);

    event_listener_free(first);
    for (int id = 1; id <= n; id += 1000)
        world_publish(emitter, world->created, id, id + 999);
    hearing.stops_at = stops_at;
    return world_listener(&options);
}

/* Whoever begins there meets it among the first, which are taken alone. */
Test(amqp_broker, stores_where_it_stands_before_what_nobody_survives)
{
    WORLD_VAR world = {0};
    world_open(&world);
    hearing.n_others = 3;
    LISTENER_VAR listener = stopped_listener(&world, 2000, 1500);

    /* The markers of rounds before have offsets as well. */
    EVENTUALLY(hearing.offset >= 1500 && hearing_times(&hearing, 1499) == 1);
    cr_expect_eq(hearing_times(&hearing, 1500), 0);
    cr_expect_leq(hearing.offset, 1510);
    cr_expect_not(event_listener_is_connected(listener));
}

/* Or whoever is interrupted on a long way begins it again. */
Test(amqp_broker, stores_where_it_stands_although_something_is_always_in_hand)
{
    WORLD_VAR world = {0};
    world_open(&world);
    LISTENER_VAR listener = stopped_listener(&world, 5000, 4096);

    EVENTUALLY(hearing.offset >= 4096);
    cr_expect_leq(hearing.offset, 4106);
    cr_expect_not(event_listener_is_connected(listener));
}

/* How long after it is connected an emitter has published what waited for that. */
static int64_t publish_waiting_ms(struct world *world)
{
    struct endings endings = {0};
    int64_t start_ms;

    world_set_away(world, true);
    EMITTER_VAR emitter = world_emitter(world);
    for (int id = 1; id <= 10; id++)
        world_emit(emitter, world->created, id, "{}", &endings);
    world_set_away(world, false);
    EVENTUALLY(event_emitter_is_connected(emitter));
    start_ms = clock_monotonic_ms();
    EVENTUALLY(endings.n_published + endings.n_unroutable == 10);
    return clock_monotonic_ms() - start_ms;
}

/* The fastest of some, for the machine has other things to do. */
Test(amqp_broker, publishes_at_once_what_waited_for_a_connection)
{
    WORLD_VAR world = {0};
    world_open(&world);
    int64_t least_ms = INT64_MAX;

    for (int i = 0; i < 5; i++) {
        int64_t ms = publish_waiting_ms(&world);

        least_ms = ms < least_ms ? ms : least_ms;
    }
    cr_expect_lt(least_ms, 500);
}

/* F8: connections stay, and no byte passes. */
Test(amqp_broker, gives_up_a_connection_that_is_silent)
{
    WORLD_VAR world = {0};
    world_open(&world);
    EMITTER_VAR emitter = world_connected_emitter(&world);
    LISTENER_VAR listener = world_connected_listener(&world, &hearing);
    struct endings endings = {0};
    int64_t start_ms;

    world_publish(emitter, world.created, 1, 1);
    relay_set(raw_amqp_of(&world)->relay, RELAY_MUTE);
    start_ms = clock_monotonic_ms();
    world_emit(emitter, world.created, 2, "{}", &endings);

    EVENTUALLY(endings.n_unavailable == 1);
    EVENTUALLY(!event_listener_is_connected(listener));
    cr_expect_lt(clock_monotonic_ms() - start_ms, 30000);
    relay_set(raw_amqp_of(&world)->relay, RELAY_ON);
    world_publish(emitter, world.created, 2, 2);
    EVENTUALLY(hearing_distinct(&hearing) == 2);
}

/* The broker reads nothing, so the library waits inside a publish; only the watchdog ends that. */
Test(amqp_broker, frees_an_emitter_that_is_stuck)
{
    static char body[200001];
    WORLD_VAR world = {0};
    world_open(&world);
    EMITTER_VAR emitter = world_connected_emitter(&world);
    struct endings endings = {0};

    memset(body, 'x', sizeof(body) - 1);
    relay_set(raw_amqp_of(&world)->relay, RELAY_MUTE);
    for (int id = 1; id <= 200; id++)
        world_emit(emitter, world.unbound, id, body, &endings);

    EVENTUALLY(endings.n_unavailable > 0);
    relay_set(raw_amqp_of(&world)->relay, RELAY_ON);
    EVENTUALLY(endings.n_unavailable + endings.n_unroutable == 200);
    cr_expect(event_emitter_counts(emitter).connects >= 2);
}
