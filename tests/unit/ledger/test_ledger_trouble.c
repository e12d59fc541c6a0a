#include "fight.h"
#include "ledger_world.h"

#include "persistence/memory_faults.h"

#include <criterion/criterion.h>

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

TestSuite(ledger_trouble, .init = world_open, .fini = world_close);

/* ---- a database that misbehaves ---- */

struct trouble {
    const char *operation;
    enum memory_fault fault;
    bool needs_token; /* and then another one, so that the first is met at all */
};

static const struct trouble troubles[] = {
    {"ledger.insert", MEMORY_FAULT_LOSE, false},
    {"ledger.insert", MEMORY_FAULT_LOSE_REPLY, false},
    {"ledger.insert", MEMORY_FAULT_LATE, false},
    {"ledger.insert", MEMORY_FAULT_REPEAT, false},
    {"ledger.insert", MEMORY_FAULT_AWAY, false},
    {"ledger.insert", MEMORY_FAULT_FALSE_TAKEN, false},
    {"ledger.heads", MEMORY_FAULT_AWAY, false},
    {"ledger.heads", MEMORY_FAULT_LOSE_REPLY, false},
    {"ledger.look_up", MEMORY_FAULT_AWAY, false},
    {"ledger.look_up", MEMORY_FAULT_LOSE, false},
    {"ledger.tokens", MEMORY_FAULT_AWAY, true},
    {"ledger.tokens", MEMORY_FAULT_LOSE_REPLY, true},
};

static void plan(const struct trouble *trouble)
{
    memory_faults_plan(database, trouble->operation, trouble->fault);
    if (trouble->needs_token)
        memory_faults_plan(database, "ledger.insert", MEMORY_FAULT_REPEAT);
}

Test(ledger_trouble, answers_truly_whatever_the_database_does)
{
    struct ledger_head head;

    open_event(100);
    for (int i = 0; i < (int)ARRAY_SIZE(troubles); i++) {
        plan(&troubles[i]);
        cr_expect_not(must_book(i, 2).replayed, "trouble %d", i);
        cr_expect(must_book(i, 2).replayed, "trouble %d", i);
        plan(&troubles[i]);
        cr_expect_not(must_cancel(i).replayed, "trouble %d", i);
        cr_expect(must_cancel(i).replayed, "trouble %d", i);
        plan(&troubles[i]);
        must_book(100 + i, 1);
    }

    expect_stored(2 * ARRAY_SIZE(troubles));
    cr_assert(ledger_store_head(database_ledger(database), &event, &head, NULL));
    cr_expect_eq(head.state.seats_sold, ARRAY_SIZE(troubles));
    cr_expect_eq(ledger_counts(ledger).lost_races, 0);
    cr_expect_gt(ledger_counts(ledger).resends, 0);
    cr_expect_gt(ledger_counts(ledger).own_found, 0);
}

/* An entry that is there before ours is, and ours may be a repeat of it. */
static void insert_foreign(struct object_id event_id, int64_t sequence, int booking, int64_t sold)
{
    struct ledger_booking bookings[] = {{.id = id_of(booking), .seats = 2, .fingerprint = 2}};
    const struct ledger_entry entry = {
        .key = {event_id, sequence},
        .token = id_of(1000 + booking),
        .at_ms = 1,
        .state = {.event_version = 1, .capacity = 100, .seats_sold = sold},
        .bookings = bookings,
        .n_bookings = 1};
    const struct ledger_entry *const entries[] = {&entry};
    enum ledger_outcome outcome;

    ledger_store_insert(database_ledger(database), entries, 1, &outcome);
    cr_assert_eq(outcome, LEDGER_LANDED);
}

Test(ledger_trouble, finds_what_another_replica_wrote_meanwhile)
{
    open_event(100);
    must_book(1, 1);
    insert_foreign(event, 2, 2, 3);

    cr_expect(must_book(2, 2).replayed);
    cr_expect_eq(must_book(3, 1).seats_left, 96);
    cr_expect_eq(ledger_counts(ledger).lost_races, 1);
    expect_stored(3);
}

Test(ledger_trouble, closes_an_event_that_contradicts_itself_and_no_other)
{
    struct ledger_order order = order_of(2, 2);
    struct ledger_receipt receipt;
    struct error error = {0};

    open_event(100);
    insert_foreign(id_of(400), 0, 2, 2);
    order.keyed = false;
    cr_expect_not(ledger_book(ledger, &order, &receipt, &error));
    cr_expect_eq(error.code, ERROR_CORRUPT);
    cr_expect_eq(must_not_book(3, 1).code, ERROR_CORRUPT);
    cr_expect_eq(ledger_counts(ledger).corrupt, 1);

    order = order_of(4, 1);
    order.event_id = id_of(400);
    cr_expect(ledger_book(ledger, &order, &receipt, &error), "%s", error.text);
}

/* ---- deadlines ---- */

Test(ledger_trouble, never_sends_what_was_given_up_before)
{
    const struct object_id id = id_of(1);
    struct ledger_order order = order_of(1, 1);
    struct ledger_receipt receipt;
    struct booking booking;
    struct error error = {0};

    open_event(100);
    memory_faults_set_away(database, true);
    order.deadline_ms = soon(30);
    cr_expect_not(ledger_book(ledger, &order, &receipt, &error));
    cr_expect_eq(error.code, ERROR_UNAVAILABLE);
    cr_expect_eq(error.n_members, 0);
    memory_faults_set_away(database, false);
    must_book(2, 1);

    cr_expect_not(ledger_store_booking(database_ledger(database), &id, &booking, &error));
    cr_expect_eq(error.code, ERROR_NOT_FOUND);
    expect_stored(1);
}

/* The pauses between so many attempts are longer than the time that the caller has. */
Test(ledger_trouble, says_unknown_of_what_was_sent_and_lands_it_all_the_same)
{
    const struct object_id_hex hex = object_id_hex(&(struct object_id){{5, [11] = 1}});
    struct ledger_order order = order_of(1, 1);
    struct ledger_receipt receipt;
    struct error error = {0};

    open_event(100);
    for (int i = 0; i < 12; i++)
        memory_faults_plan(database, "ledger.insert", MEMORY_FAULT_LOSE);
    order.deadline_ms = soon(1000);
    cr_expect_not(ledger_book(ledger, &order, &receipt, &error));
    cr_expect_eq(error.code, ERROR_OUTCOME_UNKNOWN);
    cr_assert_eq(error.n_members, 1);
    cr_expect_str_eq(error.members[0].name, "bookingId");
    cr_expect_str_eq(error.members[0].text, hex.text);

    cr_expect(must_book(1, 1).replayed);
    expect_stored(1);
}

Test(ledger_trouble, says_unknown_of_a_cancellation_too)
{
    const struct object_id id = id_of(1);
    struct ledger_receipt receipt;
    struct error error = {0};

    open_event(100);
    must_book(1, 1);
    for (int i = 0; i < 12; i++)
        memory_faults_plan(database, "ledger.insert", MEMORY_FAULT_LOSE_REPLY);
    cr_expect_not(ledger_cancel(ledger, &event, &id, soon(1000), &receipt, &error));
    cr_expect_eq(error.code, ERROR_OUTCOME_UNKNOWN);
    cr_expect_eq(error.n_members, 1);

    cr_expect(must_cancel(1).replayed);
    expect_stored(1);
}

Test(ledger_trouble, takes_a_deadline_that_has_passed_for_what_it_is)
{
    struct ledger_order order = order_of(1, 1);
    struct ledger_receipt receipt;
    struct error error = {0};

    open_event(100);
    order.deadline_ms = soon(-1000);
    if (!ledger_book(ledger, &order, &receipt, &error))
        cr_expect(error.code == ERROR_UNAVAILABLE || error.code == ERROR_OUTCOME_UNKNOWN, "%s",
                  error.text);

    must_book(1, 1);
    expect_stored(1);
}

/* ---- orders that nobody waits for ---- */

enum {
    N_TOLD = WORLD_WAITING_MAX + 2
};

/* What became of the orders, each of which is told of once. */
struct told {
    atomic_int n_told;
    atomic_int by_code[ERROR_INTERNAL + 1]; /* ERROR_NONE: booked */
};

static void note(void *context, const struct ledger_receipt *receipt, const struct error *error)
{
    struct told *told = context;

    atomic_fetch_add(&told->by_code[receipt ? ERROR_NONE : error->code], 1);
    atomic_fetch_add(&told->n_told, 1);
}

static void order_later(struct told *told, int64_t deadline_ms)
{
    for (int i = 0; i < N_TOLD; i++) {
        struct ledger_order order = order_of(i, 1);

        order.deadline_ms = deadline_ms;
        ledger_book_later(ledger, &order, note, told);
    }
}

static void await_told(struct told *told)
{
    while (atomic_load(&told->n_told) < N_TOLD)
        sched_yield();
}

Test(ledger_trouble, tells_of_each_order_once_and_of_those_refused_at_once)
{
    static struct told told;

    open_event(100);
    memory_faults_set_away(database, true);
    order_later(&told, late());
    cr_expect_eq(atomic_load(&told.n_told), N_TOLD - WORLD_WAITING_MAX);
    memory_faults_set_away(database, false);
    await_told(&told);
    world_stop_ledger(1000);

    cr_expect_eq(atomic_load(&told.n_told), N_TOLD);
    cr_expect_eq(atomic_load(&told.by_code[ERROR_NONE]), WORLD_WAITING_MAX);
    cr_expect_eq(atomic_load(&told.by_code[ERROR_BUSY]), N_TOLD - WORLD_WAITING_MAX);
}

Test(ledger_trouble, tells_of_an_order_at_its_deadline)
{
    static struct told told;

    open_event(100);
    memory_faults_set_away(database, true);
    order_later(&told, soon(30));
    await_told(&told);
    memory_faults_set_away(database, false);
    must_book(200, 1);

    cr_expect_eq(atomic_load(&told.by_code[ERROR_UNAVAILABLE]) +
                     atomic_load(&told.by_code[ERROR_BUSY]),
                 N_TOLD);
    expect_stored(1);
}

Test(ledger_trouble, tells_of_all_orders_before_it_has_stopped)
{
    static struct told told;

    open_event(100);
    memory_faults_set_away(database, true);
    order_later(&told, late());
    world_stop_ledger(0);

    cr_expect_eq(atomic_load(&told.by_code[ERROR_UNAVAILABLE]), WORLD_WAITING_MAX);
    cr_expect_eq(atomic_load(&told.n_told), N_TOLD);
}

/* ---- many threads ---- */

struct customer {
    pthread_t thread;
    int id;
    bool ok;
    struct error error;
};

static atomic_int n_back; /* customers that have their answer */

/* Patient with a full line, in which another may stand for a moment. */
static void *buy(void *argument)
{
    struct customer *self = argument;
    const struct ledger_order order = order_of(self->id, 1);
    struct ledger_receipt receipt;

    do {
        self->ok = ledger_book(ledger, &order, &receipt, &self->error);
    } while (!self->ok && self->error.code == ERROR_BUSY);
    atomic_fetch_add(&n_back, 1);
    return NULL;
}

static void send_customers(struct customer *customers, int n_customers)
{
    for (int i = 0; i < n_customers; i++) {
        customers[i] = (struct customer){.id = i};
        cr_assert_eq(pthread_create(&customers[i].thread, NULL, buy, &customers[i]), 0);
    }
}

static void await_customers(struct customer *customers, int n_customers)
{
    for (int i = 0; i < n_customers; i++)
        pthread_join(customers[i].thread, NULL);
}

/*
 * Only the full line refuses at once; before that the deadline does. It is never full when a customer has left,
 * for whom there was no memory.
 */
static void await_full_line(void)
{
    struct ledger_order order = order_of(1000, 1);
    struct ledger_receipt receipt;
    struct error error = {0};

    while (error.code != ERROR_BUSY) {
        cr_assert_eq(atomic_load(&n_back), 0, "a customer does not wait");
        order.deadline_ms = soon(0);
        cr_assert_not(ledger_book(ledger, &order, &receipt, &error));
    }
}

Test(ledger_trouble, refuses_at_once_when_too_many_wait)
{
    struct customer customers[WORLD_WAITING_MAX];

    open_event(100);
    memory_faults_set_away(database, true);
    send_customers(customers, WORLD_WAITING_MAX);
    await_full_line();
    memory_faults_set_away(database, false);
    await_customers(customers, WORLD_WAITING_MAX);

    for (int i = 0; i < WORLD_WAITING_MAX; i++)
        cr_expect(customers[i].ok, "%s", customers[i].error.text);
    must_book(200, 1);
}

Test(ledger_trouble, refuses_at_once_when_too_many_events_are_at_work)
{
    struct customer customers[WORLD_WAITING_MAX];
    struct ledger_order order = order_of(1000, 1);
    struct ledger_receipt receipt;
    struct error error = {0};

    world_reopen((struct ledger_options){.events_max = 1});
    open_event(100);
    memory_faults_set_away(database, true);
    send_customers(customers, WORLD_WAITING_MAX);
    await_full_line();
    order.event_id = id_of(1001);
    cr_expect_not(ledger_book(ledger, &order, &receipt, &error));
    cr_expect_eq(error.code, ERROR_BUSY, "%s", error.text);
    memory_faults_set_away(database, false);
    await_customers(customers, WORLD_WAITING_MAX);

    for (int i = 0; i < WORLD_WAITING_MAX; i++)
        cr_expect(customers[i].ok, "%s", customers[i].error.text);
}

Test(ledger_trouble, tells_those_who_wait_that_nothing_was_sent_when_it_stops)
{
    struct customer customers[WORLD_WAITING_MAX];

    open_event(100);
    memory_faults_set_away(database, true);
    send_customers(customers, WORLD_WAITING_MAX);
    await_full_line();
    world_stop_ledger(0);
    await_customers(customers, WORLD_WAITING_MAX);

    for (int i = 0; i < WORLD_WAITING_MAX; i++)
        cr_expect_eq(customers[i].error.code, ERROR_UNAVAILABLE, "%s", customers[i].error.text);
    memory_faults_set_away(database, false);
    expect_stored(0);
}

static void await_resend(void)
{
    bool is_back = false; /* before the count was looked at */

    while (ledger_counts(ledger).resends == 0) {
        cr_assert_not(is_back, "a customer does not wait");
        is_back = atomic_load(&n_back) > 0;
        sched_yield();
    }
}

Test(ledger_trouble, tells_those_whose_fate_is_not_known_when_it_stops)
{
    struct customer customer;

    open_event(100);
    for (int i = 0; i < 60; i++)
        memory_faults_plan(database, "ledger.insert", MEMORY_FAULT_LOSE);
    send_customers(&customer, 1);
    await_resend();
    world_stop_ledger(0);
    await_customers(&customer, 1);

    cr_expect_eq(customer.error.code, ERROR_OUTCOME_UNKNOWN, "%s", customer.error.text);
}

Test(ledger_trouble, finishes_what_is_in_hand_when_it_stops)
{
    struct customer customer;

    open_event(100);
    for (int i = 0; i < 4; i++)
        memory_faults_plan(database, "ledger.insert", MEMORY_FAULT_LOSE);
    send_customers(&customer, 1);
    await_resend();
    world_stop_ledger(60000);
    await_customers(&customer, 1);

    cr_expect(customer.ok, "%s", customer.error.text);
    expect_stored(1);
}

static void expect_fight(struct fight fight)
{
    struct error error = {0};

    cr_expect(fight_run(&fight, &error), "%s", error.text);
}

Test(ledger_trouble, sells_exactly_what_there_is_on_two_replicas)
{
    expect_fight((struct fight){.n_threads = 32, .capacity = 500});
}

Test(ledger_trouble, sells_exactly_what_there_is_on_two_replicas_when_seats_come_back)
{
    expect_fight((struct fight){.n_threads = 32, .capacity = 300, .with_cancels = true});
}

Test(ledger_trouble, sells_exactly_what_there_is_on_two_replicas_whatever_the_database_does)
{
    expect_fight((struct fight){
        .n_threads = 32, .capacity = 300, .with_cancels = true, .with_faults = true});
}
