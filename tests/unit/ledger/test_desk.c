#include "ledger_world.h"

#include "ledger/desk.h"
#include "persistence/memory_faults.h"

#include <criterion/criterion.h>

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <time.h>

TestSuite(desk, .init = world_open, .fini = world_close);

enum {
    PATIENCE_S = 15,
    QUIET = 1, /* numbers of events */
    BUSY = 2
};

/* Once it is shut, a committer stays where it tells of an entry of BUSY that has landed. */
struct gate {
    _Atomic bool is_shut;
    sem_t busy_landed;
    sem_t quiet_landed;
    sem_t opened;
};

static void landed(void *context, const struct ledger_entry *entry)
{
    const struct object_id busy = id_of(BUSY);
    struct gate *gate = context;

    if (!atomic_load(&gate->is_shut))
        return;
    if (!object_id_equal(&entry->key.event_id, &busy)) {
        sem_post(&gate->quiet_landed);
        return;
    }
    sem_post(&gate->busy_landed);
    sem_wait(&gate->opened);
}

static struct desk *desk_with(struct gate *gate)
{
    const struct ledger_options options = {.store = database_ledger(database),
                                           .waiting_max = WORLD_WAITING_MAX,
                                           .landed = landed,
                                           .context = gate};
    struct error error = {0};
    struct desk *desk;

    sem_init(&gate->busy_landed, 0, 0);
    sem_init(&gate->quiet_landed, 0, 0);
    sem_init(&gate->opened, 0, 0);
    cr_assert(desk_open(&options, &desk, &error), "%s", error.text);
    return desk;
}

/* Of another replica, with nothing in it. */
static void store_entry(int event_number, int64_t sequence)
{
    const struct ledger_entry entry = {.key = {id_of(event_number), sequence},
                                       .token = id_of(1000 + (int)sequence),
                                       .at_ms = 1,
                                       .state = {.event_version = 1, .capacity = 100}};
    const struct ledger_entry *const entries[] = {&entry};
    enum ledger_outcome outcome;

    ledger_store_insert(database_ledger(database), entries, 1, &outcome);
    cr_assert_eq(outcome, LEDGER_LANDED);
}

/* A seat at each event, asked for in one go and so in one round. */
struct pair {
    struct desk *desk;
    struct gate *gate;
    struct call calls[2];
};

static struct pair pair_of(struct desk *desk, struct gate *gate, int number)
{
    struct pair pair = {.desk = desk, .gate = gate};

    for (int i = 0; i < 2; i++)
        pair.calls[i] = (struct call){.event_id = id_of(i == 0 ? QUIET : BUSY),
                                      .ticket.command = {.kind = COMMAND_BOOK,
                                                         .booking_id = id_of(10 * number + i),
                                                         .seats = 1}};
    return pair;
}

static void ask(struct pair *pair)
{
    desk_carry_out(pair->desk, pair->calls, 2, late());
}

/* Whoever has both answers waits for neither entry: one that there was no memory for never lands. */
static void *ask_at_gate(void *argument)
{
    struct pair *pair = argument;

    ask(pair);
    sem_post(&pair->gate->busy_landed);
    sem_post(&pair->gate->quiet_landed);
    return NULL;
}

static void expect_booked(const struct pair *pair)
{
    for (int i = 0; i < 2; i++)
        cr_expect_eq(pair->calls[i].ticket.answer.code, ERROR_NONE, "call %d: %s", i,
                     error_code_name(pair->calls[i].ticket.answer.code));
}

static bool comes_in_time(sem_t *semaphore)
{
    struct timespec deadline;

    clock_gettime(CLOCK_MONOTONIC, &deadline);
    deadline.tv_sec += PATIENCE_S;
    return sem_clockwait(semaphore, CLOCK_MONOTONIC, &deadline) == 0;
}

Test(desk, brings_forward_what_is_due_later_while_a_committer_is_busy)
{
    struct gate gate = {0};
    struct desk *desk = desk_with(&gate);
    struct pair first = pair_of(desk, &gate, 1);
    struct pair second = pair_of(desk, &gate, 2);
    pthread_t thread;

    store_entry(QUIET, 0);
    store_entry(BUSY, 0);
    ask(&first);
    expect_booked(&first);

    /* One round ends with QUIET to be sent again later, and BUSY to be decided anew at once. */
    store_entry(BUSY, 2);
    memory_faults_plan(database, "ledger.insert", MEMORY_FAULT_FALSE_TAKEN);
    atomic_store(&gate.is_shut, true);
    cr_assert_eq(pthread_create(&thread, NULL, ask_at_gate, &second), 0);
    cr_expect(comes_in_time(&gate.busy_landed));
    cr_expect(comes_in_time(&gate.quiet_landed));

    sem_post(&gate.opened);
    pthread_join(thread, NULL);
    expect_booked(&second);
    desk_stop(desk, PATIENCE_S * 1000);
    sem_destroy(&gate.opened);
    sem_destroy(&gate.quiet_landed);
    sem_destroy(&gate.busy_landed);
}
