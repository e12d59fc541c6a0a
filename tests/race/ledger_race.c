/*
 * The ledger among many threads, for the thread sanitizer: two replicas fight for the same seats under
 * the same keys; callers in a hurry leave at every moment of a command's life; orders that nobody waits for are
 * told of while others are placed and the ledger stops; a ledger stops while all wait. In the end every answer is
 * compared with what is stored.
 */
#include "base/clock.h"
#include "base/random.h"
#include "ledger/ledger.h"
#include "persistence/memory_faults.h"
#include "tests/unit/ledger/audit.h"
#include "tests/unit/ledger/fight.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    THREADS = 16,
    ORDERS_EACH = 300,
    LONG_MS = 60000
};

struct customer {
    pthread_t thread;
    int number;
    struct object_id ids[ORDERS_EACH];
    enum error_code codes[ORDERS_EACH];
};

static const struct object_id event = {{1}};

static struct database *database;
static struct ledger *ledger;
static struct customer customers[THREADS];

static void check(bool holds, const char *what)
{
    if (holds)
        return;
    (void)fprintf(stderr, "not so: %s\n", what);
    exit(EXIT_FAILURE);
}

static void open_all(int waiting_max)
{
    const struct database_options memory = {.backend = "memory", .url = "race", .name = "x"};
    struct ledger_options options = {.waiting_max = waiting_max};
    struct ledger_change change = {
        .event_id = event, .event_version = 1, .capacity = CAPACITY_UNKNOWN};

    check(database_open(&memory, &database, NULL), "a database opens");
    options.store = database_ledger(database);
    check(ledger_open(&options, &ledger, NULL), "a ledger opens");
    check(ledger_take_over(ledger, &change, 1, clock_monotonic_ms() + LONG_MS, NULL),
          "an event is taken over");
}

static struct ledger_order order_of(const struct object_id *id, int64_t patience_ms)
{
    return (struct ledger_order){.event_id = event,
                                 .booking_id = *id,
                                 .seats = 1,
                                 .fingerprint = 1,
                                 .deadline_ms = clock_monotonic_ms() + patience_ms};
}

static enum error_code book(const struct object_id *id, int64_t patience_ms)
{
    const struct ledger_order order = order_of(id, patience_ms);
    struct ledger_receipt receipt;
    struct error error = {0};

    return ledger_book(ledger, &order, &receipt, &error) ? ERROR_NONE : error.code;
}

static void start(void *(*run)(void *))
{
    for (int i = 0; i < THREADS; i++) {
        customers[i].number = i;
        check(pthread_create(&customers[i].thread, NULL, run, &customers[i]) == 0,
              "a thread starts");
    }
}

static void await(void)
{
    for (int i = 0; i < THREADS; i++)
        pthread_join(customers[i].thread, NULL);
}

/* ---- callers in a hurry ---- */

static void *hurry(void *argument)
{
    struct customer *self = argument;

    for (int i = 0; i < ORDERS_EACH; i++) {
        self->ids[i] = object_id_random();
        self->codes[i] = book(&self->ids[i], (i + self->number) % 3);
        if (self->number == 0 && i % 25 == 0)
            memory_faults_plan(database, "ledger.insert", MEMORY_FAULT_LOSE_REPLY);
    }
    return NULL;
}

static void check_hurried(const struct audit *audit)
{
    for (int i = 0; i < THREADS; i++) {
        for (int j = 0; j < ORDERS_EACH; j++) {
            bool is_there = audit_booking(audit, &customers[i].ids[j], NULL) != NULL;
            enum error_code code = customers[i].codes[j];

            check(code != ERROR_NONE || is_there, "what was booked is there");
            check((code != ERROR_UNAVAILABLE && code != ERROR_BUSY) || !is_there,
                  "what was not sent is not there");
            check(code == ERROR_NONE || code == ERROR_UNAVAILABLE || code == ERROR_BUSY ||
                      code == ERROR_OUTCOME_UNKNOWN,
                  "nothing else is answered");
        }
    }
}

/* Once; who was never told of has ERROR_INTERNAL. */
static void note(void *context, const struct ledger_receipt *receipt, const struct error *error)
{
    enum error_code *code = context;

    check(*code == ERROR_INTERNAL, "each order is told of once");
    *code = receipt ? ERROR_NONE : error->code;
}

static void *hurry_on(void *argument)
{
    struct customer *self = argument;

    for (int i = 0; i < ORDERS_EACH; i++) {
        struct ledger_order order;

        self->ids[i] = object_id_random();
        self->codes[i] = ERROR_INTERNAL;
        order = order_of(&self->ids[i], (i + self->number) % 3);
        ledger_book_later(ledger, &order, note, &self->codes[i]);
        if (self->number == 0 && i % 25 == 0)
            memory_faults_plan(database, "ledger.insert", MEMORY_FAULT_LOSE_REPLY);
    }
    return NULL;
}

static void race_in_a_hurry(void *(*run)(void *), int waiting_max)
{
    CLEANUP(audit_clear) struct audit audit = {0};
    struct error error = {.text = "the ledgers are whole"};

    open_all(waiting_max);
    start(run);
    await();
    ledger_stop(ledger, LONG_MS);
    check(audit_read(&audit, database_ledger(database), &error) && audit_check(&audit, &error),
          error.text);
    check_hurried(&audit);
    database_free(database);
}

/* ---- a stop while all wait ---- */

static void *wait_long(void *argument)
{
    struct customer *self = argument;

    self->ids[0] = object_id_random();
    do {
        self->codes[0] = book(&self->ids[0], LONG_MS);
    } while (self->codes[0] == ERROR_BUSY);
    return NULL;
}

static void race_a_stop(void)
{
    const struct object_id id = object_id_random();

    open_all(THREADS);
    memory_faults_set_away(database, true);
    start(wait_long);
    while (book(&id, 0) != ERROR_BUSY)
        ; /* until the line is full */
    ledger_stop(ledger, 0);
    await();
    for (int i = 0; i < THREADS; i++)
        check(customers[i].codes[0] == ERROR_UNAVAILABLE, "who waited is told");
    database_free(database);
}

/* ---- replicas ---- */

static void race_replicas(bool with_cancels, bool with_faults)
{
    struct fight fight = {
        .n_threads = 32, .capacity = 400, .with_cancels = with_cancels, .with_faults = with_faults};
    struct error error = {.text = "both replicas sell what there is"};

    check(fight_run(&fight, &error), error.text);
}

int main(void)
{
    check(random_init(NULL), "there are random numbers");
    race_replicas(false, false);
    race_replicas(true, false);
    race_replicas(true, true);
    race_in_a_hurry(hurry, THREADS);
    race_in_a_hurry(hurry_on, THREADS * ORDERS_EACH / 4);
    race_a_stop();
    return EXIT_SUCCESS;
}
