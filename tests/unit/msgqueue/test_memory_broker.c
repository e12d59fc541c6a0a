#include "msgqueue/event_emitter.h"
#include "msgqueue/memory/memory_broker.h"

#include <criterion/criterion.h>
#include <poll.h>
#include <stdio.h>

static const char *const keys[] = {"a.*", NULL};
static const struct topology_queue queue = {"queue", keys};

static void note(void *context, const struct error *error)
{
    _Atomic int *ending = context;

    *ending = error ? (int)error->code : -1;
}

/* How one message ends: -1 is published, 0 is still open, else the code of the error. */
static void emit(struct event_emitter *emitter, _Atomic int *ending)
{
    const struct envelope envelope = {.id = "1", .name = "a.b"};

    cr_assert(event_emitter_emit(emitter, &envelope, note, (void *)(uintptr_t)ending, NULL));
}

static struct event_emitter *emitter_at(const char *url)
{
    const struct event_emitter_options options = {
        .backend = "memory", .url = url, .connection_name = "test"};
    struct event_emitter *emitter = NULL;

    cr_assert(event_emitter_open(&options, &emitter, NULL));
    return emitter;
}

static struct memory_broker *held(const char *name)
{
    struct memory_broker *broker = memory_broker_hold(name, NULL);

    cr_assert_not_null(broker);
    return broker;
}

static void await(_Atomic int *ending)
{
    while (*ending == 0)
        (void)poll(NULL, 0, 1);
}

#define BROKER_VAR CLEANUP(memory_broker_dropp) struct memory_broker *
#define EMITTER_VAR CLEANUP(event_emitter_freep) struct event_emitter *

Test(memory_broker, is_one_for_each_name_while_anybody_holds_it)
{
    BROKER_VAR a = held("a");
    BROKER_VAR same = held("a");
    BROKER_VAR b = held("b");

    cr_expect_eq(a, same);
    cr_expect_neq(a, b);
}

Test(memory_broker, forgets_everything_with_its_last_holder)
{
    struct memory_broker *broker = held("a");
    int64_t n_ready;

    cr_assert(memory_broker_declare_queue(broker, &queue, &n_ready, NULL));
    memory_broker_drop(broker);
    broker = held("a");

    cr_expect_eq(memory_broker_count(broker, "queue"), -1);
    memory_broker_drop(broker);
}

Test(memory_broker, refuses_as_it_is_told)
{
    BROKER_VAR broker = held("a");
    EMITTER_VAR emitter = emitter_at("a");
    _Atomic int first = 0;
    _Atomic int second = 0;
    int64_t n_ready;

    cr_assert(memory_broker_declare_queue(broker, &queue, &n_ready, NULL));
    memory_broker_set_mischief(broker, &(struct memory_mischief){.n_refused = 1});
    emit(emitter, &first);
    emit(emitter, &second);
    await(&first);
    await(&second);

    cr_expect_eq(first, (int)ERROR_BUSY);
    cr_expect_eq(second, -1);
    cr_expect_eq(memory_broker_count(broker, "queue"), 1);
}

/* The message is there although its emitter was told that nobody knows. */
Test(memory_broker, keeps_silent_as_it_is_told)
{
    BROKER_VAR broker = held("a");
    EMITTER_VAR emitter = emitter_at("a");
    _Atomic int first = 0;
    _Atomic int second = 0;
    int64_t n_ready;

    cr_assert(memory_broker_declare_queue(broker, &queue, &n_ready, NULL));
    memory_broker_set_mischief(broker, &(struct memory_mischief){.n_silent = 1});
    emit(emitter, &first);
    emit(emitter, &second);
    await(&second);
    cr_expect_eq(first, 0);
    memory_broker_set_away(broker, true);
    await(&first);

    cr_expect_eq(first, (int)ERROR_UNAVAILABLE);
    cr_expect_eq(memory_broker_count(broker, "queue"), 2);
}

Test(memory_broker, duplicates_as_it_is_told)
{
    BROKER_VAR broker = held("a");
    EMITTER_VAR emitter = emitter_at("a");
    _Atomic int ending = 0;
    int64_t n_ready;

    cr_assert(memory_broker_declare_queue(broker, &queue, &n_ready, NULL));
    memory_broker_set_mischief(broker, &(struct memory_mischief){.n_duplicated = 1});
    emit(emitter, &ending);
    await(&ending);

    cr_expect_eq(ending, -1);
    cr_expect_eq(memory_broker_count(broker, "queue"), 2);
}
