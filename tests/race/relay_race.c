/*
 * The relay among many threads, for the thread sanitizer: producers hand over, two threads end the
 * messages in any order, marks and sweeps fail now and then. In the end all that was committed is
 * marked and all is freed, also when the relay stops in the middle with a message still on its way.
 */
#include "base/log.h"
#include "base/random.h"
#include "tests/unit/service/relay_world.h"

#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    PRODUCERS = 4,
    FINISHERS = 2,
    ITEMS_EACH = 500,
    ITEMS = PRODUCERS * ITEMS_EACH,
    MESSAGES = 3,
    IN_HAND_MAX = 128, /* so that much is left to the sweep */
    FLUSH_MS = 20000
};

static struct world *world;
static struct relay *relay;
static _Atomic int64_t next_number;
static atomic_bool late_is_held;
static atomic_bool stopped;

static void check(bool holds, const char *what)
{
    if (holds)
        return;
    (void)fprintf(stderr, "not so: %s\n", what);
    exit(EXIT_FAILURE);
}

static void *produce(void *context)
{
    (void)context;
    for (int i = 0; i < ITEMS_EACH; i++) {
        int64_t number = atomic_fetch_add(&next_number, 1);

        relay_hand_over(relay, world_commit(world, number, MESSAGES));
        check(relay_counts(relay).in_hand <= IN_HAND_MAX, "what is in hand is bounded");
        if (number % 500 == 0)
            WORLD_SET(world, world->fail_marks++; world->fail_sweeps++; world->fail_envelopes++);
    }
    return NULL;
}

/* One message in sixteen fails. Goes on after the relay has stopped, until nothing is left. */
static void *finish(void *context)
{
    uint64_t random = random_u64();
    bool goes_on = true;

    (void)context;
    while (goes_on) {
        random = random * 6364136223846793005 + 1;
        goes_on = world_finish_next(world, random >> 60 ? ERROR_NONE : ERROR_UNAVAILABLE);
    }
    return NULL;
}

/*
 * One message that ends after the stop. The flag orders nothing, so that the sanitizer sees whatever the
 * stopping thread still touches once the relay is the emitter's to free.
 */
static void *finish_late(void *context)
{
    struct world_message message;

    (void)context;
    if (!world_take_next(world, &message))
        return NULL;
    atomic_store(&late_is_held, true);
    while (!atomic_load_explicit(&stopped, memory_order_relaxed))
        sched_yield();
    message.done(message.context, NULL);
    return NULL;
}

static pthread_t start(void *(*run)(void *context))
{
    pthread_t thread;

    check(pthread_create(&thread, NULL, run, NULL) == 0, "a thread starts");
    return thread;
}

static void open_world(void)
{
    struct relay_options options;
    struct error error = {0};

    world = world_new();
    world->room = 64;
    world->n_messages = MESSAGES;
    options = world_options(world);
    options.items_max = IN_HAND_MAX;
    options.sweep_every_ms = 5;
    options.sweep_age_ms = 20;
    check(relay_open(&options, &relay, &error), error.text);
}

static void produce_all(void)
{
    pthread_t producers[PRODUCERS];

    atomic_store(&next_number, 0);
    for (int i = 0; i < PRODUCERS; i++)
        producers[i] = start(produce);
    for (int i = 0; i < PRODUCERS; i++)
        pthread_join(producers[i], NULL);
}

/* Stops in the middle of everything, with a message in the emitter's hand. */
static void stop_in_the_middle(void)
{
    pthread_t late;

    atomic_store(&late_is_held, false);
    atomic_store(&stopped, false);
    late = start(finish_late);
    produce_all();
    while (!atomic_load(&late_is_held))
        sched_yield();
    relay_stop(relay, 0);
    atomic_store_explicit(&stopped, true, memory_order_relaxed);
    pthread_join(late, NULL);
}

static void stop_after_all(void)
{
    produce_all();
    WORLD_WAIT(world, world->n_marked == ITEMS);
    relay_stop(relay, FLUSH_MS);
}

static void run(void (*produce_and_stop)(void))
{
    pthread_t finishers[FINISHERS];

    open_world();
    for (int i = 0; i < FINISHERS; i++)
        finishers[i] = start(finish);
    produce_and_stop();
    WORLD_SET(world, world->closed = true);
    for (int i = 0; i < FINISHERS; i++)
        pthread_join(finishers[i], NULL);
    check(world->n_alive == 0, "every item is freed");
    world_free(world);
}

int main(void)
{
    struct error error = {0};

    check(random_init(&error), error.text);
    log_setup(LOG_ERROR, LOG_FORMAT_TEXT, "relay_race");
    run(stop_after_all);
    for (int i = 0; i < 5; i++)
        run(stop_in_the_middle);
    return EXIT_SUCCESS;
}
