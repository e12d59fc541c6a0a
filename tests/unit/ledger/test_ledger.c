#include "audit.h"
#include "fight.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/random.h"
#include "ledger/ledger.h"
#include "persistence/memory_faults.h"

#include <criterion/criterion.h>

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>

enum {
    SECONDS = 1000,
    WAITING_MAX = 4,
    LANDED_MAX = 64
};

static struct database *database;
static struct ledger *ledger;
static const struct object_id event = {{1, 2, 3}};

static struct object_id landed_ids[LANDED_MAX];
static _Atomic size_t n_landed;

static void note_landed(void *context, const struct ledger_entry *entry)
{
    (void)context;
    for (size_t i = 0; i < entry->n_bookings; i++) {
        landed_ids[n_landed] = entry->bookings[i].id;
        n_landed++;
    }
}

static void open_ledger(struct ledger_options options)
{
    const struct database_options memory = {.backend = "memory", .url = "ledger", .name = "x"};
    struct error error = {0};

    cr_assert(random_init(&error));
    cr_assert(database_open(&memory, &database, &error), "%s", error.text);
    options.store = database_ledger(database);
    options.waiting_max = WAITING_MAX;
    options.landed = note_landed;
    cr_assert(ledger_open(&options, &ledger, &error), "%s", error.text);
}

static void open_plain(void)
{
    open_ledger((struct ledger_options){0});
}

static void stop_ledger(void)
{
    ledger_stop(ledger, 0);
    ledger = NULL;
}

static void close_all(void)
{
    stop_ledger();
    database_free(database);
}

static void reopen_ledger(struct ledger_options options)
{
    close_all();
    open_ledger(options);
}

TestSuite(ledger, .init = open_plain, .fini = close_all);

static int64_t soon(int64_t ms)
{
    return clock_monotonic_ms() + ms;
}

static struct object_id id_of(int number)
{
    return (struct object_id){.bytes = {5, [10] = (uint8_t)(number >> 8), [11] = (uint8_t)number}};
}

static struct ledger_order order_of(int id, int32_t seats)
{
    return (struct ledger_order){.event_id = event,
                                 .booking_id = id_of(id),
                                 .seats = seats,
                                 .fingerprint = (uint64_t)seats,
                                 .keyed = true,
                                 .deadline_ms = soon(10 * SECONDS)};
}

static struct ledger_change change_of(int64_t version, int64_t capacity)
{
    return (struct ledger_change){
        .event_id = event, .event_version = version, .capacity = capacity};
}

static void open_event(int64_t capacity)
{
    struct ledger_change change = change_of(1, capacity);
    struct error error = {0};

    cr_assert(ledger_take_over(ledger, &change, 1, soon(10 * SECONDS), &error), "%s", error.text);
}

static struct ledger_receipt must_book(int id, int32_t seats)
{
    const struct ledger_order order = order_of(id, seats);
    struct ledger_receipt receipt = {0};
    struct error error = {0};

    cr_assert(ledger_book(ledger, &order, &receipt, &error), "booking %d: %s", id, error.text);
    return receipt;
}

static struct error must_not_book(int id, int32_t seats)
{
    const struct ledger_order order = order_of(id, seats);
    struct ledger_receipt receipt = {0};
    struct error error = {0};

    cr_assert_not(ledger_book(ledger, &order, &receipt, &error), "booking %d", id);
    return error;
}

static struct ledger_receipt must_cancel(int id)
{
    const struct object_id booking_id = id_of(id);
    struct ledger_receipt receipt = {0};
    struct error error = {0};

    cr_assert(ledger_cancel(ledger, &event, &booking_id, soon(10 * SECONDS), &receipt, &error),
              "cancelling %d: %s", id, error.text);
    return receipt;
}

/* What is stored agrees with itself; @n_bookings of them. */
static void expect_stored(size_t n_bookings)
{
    CLEANUP(audit_clear) struct audit audit = {0};
    size_t n = 0;

    memory_faults_settle(database);
    cr_expect(audit_read(&audit, database_ledger(database)) && audit_check(&audit), "%s",
              audit.fault);
    for (size_t i = 0; i < audit.n_entries; i++)
        n += audit.entries[i].n_bookings;
    cr_expect_eq(n, n_bookings, "%zu bookings are stored", n);
}

/* ---- what callers are told ---- */

Test(ledger, books_replays_and_gives_back)
{
    struct booking stored;

    open_event(10);
    const struct ledger_receipt first = must_book(1, 3);
    const struct ledger_receipt again = must_book(1, 3);
    const struct ledger_receipt back = must_cancel(1);
    const struct ledger_receipt back_again = must_cancel(1);

    cr_expect_not(first.replayed);
    cr_expect_eq(first.booking.seats, 3);
    cr_expect_eq(first.seats_left, 7);
    cr_expect(again.replayed);
    cr_expect_eq(again.booking.made_at_ms, first.booking.made_at_ms);
    cr_expect(back.booking.cancelled);
    cr_expect_not(back.replayed);
    cr_expect_eq(back.seats_left, 10);
    cr_expect(back_again.replayed);
    cr_assert(ledger_store_booking(database_ledger(database), &first.booking.id, &stored, NULL));
    cr_expect(stored.cancelled);
    expect_stored(1);
}

Test(ledger, says_why_it_refuses)
{
    struct error error = must_not_book(1, 1);
    cr_expect_eq(error.code, ERROR_NOT_FOUND);

    open_event(2);
    error = must_not_book(1, 3);
    cr_expect_eq(error.code, ERROR_SOLD_OUT);
    cr_expect_str_eq(error.text, "2 left");
    cr_assert_eq(error.n_members, 1);
    cr_expect_str_eq(error.members[0].name, "seatsLeft");
    cr_expect_eq(error.members[0].number, 2);

    must_book(1, 1);
    cr_expect_eq(must_not_book(1, 2).code, ERROR_KEY_REUSED);

    struct ledger_change change = change_of(2, 10);
    change.closed = true;
    cr_assert(ledger_take_over(ledger, &change, 1, soon(10 * SECONDS), &error));
    cr_expect_eq(must_not_book(2, 1).code, ERROR_GONE);

    const struct object_id unknown = id_of(9);
    struct ledger_receipt receipt;
    cr_expect_not(ledger_cancel(ledger, &event, &unknown, soon(10 * SECONDS), &receipt, &error));
    cr_expect_eq(error.code, ERROR_NOT_FOUND);
    expect_stored(1);
}

Test(ledger, sells_nothing_after_the_end_of_an_event)
{
    struct ledger_change change = change_of(1, 10);

    change.end_s = 1000;
    cr_assert(ledger_take_over(ledger, &change, 1, soon(10 * SECONDS), NULL));
    clock_set_wall_ms(1000 * 1000 - 1);
    must_book(1, 1);
    clock_set_wall_ms(1000 * 1000);

    cr_expect_eq(must_not_book(2, 1).code, ERROR_GONE);
    cr_expect(must_book(1, 1).replayed);
}

Test(ledger, holds_users_to_their_limit)
{
    struct ledger_order order = order_of(1, 2);
    struct ledger_receipt receipt;
    struct error error = {0};

    reopen_ledger((struct ledger_options){.seats_per_user = 3});
    open_event(100);
    order.user_id = id_of(77);
    cr_assert(ledger_book(ledger, &order, &receipt, &error), "%s", error.text);
    order.booking_id = id_of(2);
    cr_expect_not(ledger_book(ledger, &order, &receipt, &error));
    cr_expect_eq(error.code, ERROR_USER_LIMIT);
    order.user_id = (struct object_id){0};
    cr_expect(ledger_book(ledger, &order, &receipt, &error));
    must_cancel(1);
    order.booking_id = id_of(3);
    order.user_id = id_of(77);
    cr_expect(ledger_book(ledger, &order, &receipt, &error), "%s", error.text);
}

Test(ledger, takes_over_many_versions_at_once)
{
    struct ledger_change changes[] = {change_of(1, 5), change_of(3, 7), change_of(2, 6),
                                      change_of(1, 5)};
    struct ledger_head head;

    changes[3].event_id = id_of(500);
    cr_assert(ledger_take_over(ledger, changes, ARRAY_SIZE(changes), soon(10 * SECONDS), NULL));

    for (size_t i = 0; i < ARRAY_SIZE(changes); i++)
        cr_expect(changes[i].taken_over);
    cr_expect(changes[0].changed);
    cr_expect(changes[1].changed);
    cr_expect_not(changes[2].changed);
    cr_expect(changes[3].changed);
    cr_assert(ledger_store_head(database_ledger(database), &event, &head, NULL));
    cr_expect_eq(head.state.event_version, 3);
    cr_expect_eq(head.state.capacity, 7);
    cr_expect(ledger_take_over(ledger, NULL, 0, soon(0), NULL));
}

Test(ledger, says_which_versions_it_could_not_take_over)
{
    struct ledger_change changes[WAITING_MAX + 1];
    struct error error = {0};

    for (int64_t i = 0; i <= WAITING_MAX; i++)
        changes[i] = change_of(i + 1, 5);
    cr_expect_not(ledger_take_over(ledger, changes, WAITING_MAX + 1, soon(10 * SECONDS), &error));

    cr_expect_eq(error.code, ERROR_BUSY);
    for (size_t i = 0; i < WAITING_MAX; i++)
        cr_expect(changes[i].taken_over);
    cr_expect_not(changes[WAITING_MAX].taken_over);
    cr_expect(ledger_take_over(ledger, changes, WAITING_MAX + 1, soon(0), &error) ||
              error.code == ERROR_BUSY || error.code == ERROR_UNAVAILABLE);
}

Test(ledger, tells_of_an_entry_before_its_callers)
{
    open_event(10);
    for (int i = 0; i < LANDED_MAX / 8; i++) {
        const struct ledger_receipt receipt = must_book(i, 1);

        cr_assert_eq(n_landed, (size_t)i + 1);
        cr_expect(object_id_equal(&landed_ids[i], &receipt.booking.id));
    }
}

Test(ledger, counts_what_landed)
{
    open_event(10);
    must_book(1, 2);
    must_book(2, 3);
    must_book(2, 3);
    must_cancel(1);
    const struct ledger_counts counts = ledger_counts(ledger);

    cr_expect_eq(counts.entries, 4);
    cr_expect_eq(counts.bookings, 2);
    cr_expect_eq(counts.seats, 5);
    cr_expect_eq(counts.cancelled, 1);
    cr_expect_eq(counts.lost_races, 0);
    cr_expect_eq(counts.resends, 0);
    cr_expect_eq(counts.corrupt, 0);
}

Test(ledger, serves_more_events_than_it_keeps)
{
    struct error error = {0};

    reopen_ledger((struct ledger_options){.events_max = 2});
    for (int i = 0; i < 10; i++) {
        struct ledger_change change = change_of(1, 2);
        struct ledger_order order = order_of(i, 1);
        struct ledger_receipt receipt;

        change.event_id = order.event_id = id_of(300 + i % 5);
        cr_assert(ledger_take_over(ledger, &change, 1, soon(10 * SECONDS), &error), "%s",
                  error.text);
        cr_assert(ledger_book(ledger, &order, &receipt, &error), "%s", error.text);
        cr_expect_eq(receipt.seats_left, i < 5 ? 1 : 0);
    }
    expect_stored(10);
}

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

Test(ledger, answers_truly_whatever_the_database_does)
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

Test(ledger, finds_what_another_replica_wrote_meanwhile)
{
    open_event(100);
    must_book(1, 1);
    insert_foreign(event, 2, 2, 3);

    cr_expect(must_book(2, 2).replayed);
    cr_expect_eq(must_book(3, 1).seats_left, 96);
    cr_expect_eq(ledger_counts(ledger).lost_races, 1);
    expect_stored(3);
}

Test(ledger, closes_an_event_that_contradicts_itself_and_no_other)
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

Test(ledger, bears_having_no_memory)
{
    open_event(100);
    for (int n = 1; n < 30; n++) {
        const struct ledger_order order = order_of(n, 1);
        struct ledger_receipt receipt;
        struct error error = {0};
        bool ok;

        memory_fail_at(n, false);
        ok = ledger_book(ledger, &order, &receipt, &error);
        memory_fail_at(0, false);
        cr_expect(ok || error.code == ERROR_MEMORY, "allocation %d: %s", n, error.text);
        must_book(n, 1);
    }
    expect_stored(29);
}

/* ---- deadlines ---- */

Test(ledger, never_sends_what_was_given_up_before)
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

Test(ledger, says_unknown_of_what_was_sent_and_lands_it_all_the_same)
{
    const struct object_id_hex hex = object_id_hex(&(struct object_id){{5, [11] = 1}});
    struct ledger_order order = order_of(1, 1);
    struct ledger_receipt receipt;
    struct error error = {0};

    open_event(100);
    for (int i = 0; i < 5; i++)
        memory_faults_plan(database, "ledger.insert", MEMORY_FAULT_LOSE);
    order.deadline_ms = soon(50);
    cr_expect_not(ledger_book(ledger, &order, &receipt, &error));
    cr_expect_eq(error.code, ERROR_UNKNOWN_OUTCOME);
    cr_assert_eq(error.n_members, 1);
    cr_expect_str_eq(error.members[0].name, "bookingId");
    cr_expect_str_eq(error.members[0].text, hex.text);

    cr_expect(must_book(1, 1).replayed);
    expect_stored(1);
}

Test(ledger, takes_a_deadline_that_has_passed_for_what_it_is)
{
    struct ledger_order order = order_of(1, 1);
    struct ledger_receipt receipt;
    struct error error = {0};

    open_event(100);
    order.deadline_ms = soon(-1000);
    if (!ledger_book(ledger, &order, &receipt, &error))
        cr_expect(error.code == ERROR_UNAVAILABLE || error.code == ERROR_UNKNOWN_OUTCOME, "%s",
                  error.text);

    must_book(1, 1);
    expect_stored(1);
}

/* ---- many threads ---- */

struct customer {
    pthread_t thread;
    int id;
    bool ok;
    struct error error;
};

/* Patient with a full line, in which another may stand for a moment. */
static void *buy(void *argument)
{
    struct customer *self = argument;
    const struct ledger_order order = order_of(self->id, 1);
    struct ledger_receipt receipt;

    do {
        self->ok = ledger_book(ledger, &order, &receipt, &self->error);
    } while (!self->ok && self->error.code == ERROR_BUSY);
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

/* Only the full line refuses at once; before that the deadline does. */
static void await_full_line(void)
{
    struct ledger_order order = order_of(1000, 1);
    struct ledger_receipt receipt;
    struct error error = {0};

    while (error.code != ERROR_BUSY) {
        order.deadline_ms = soon(0);
        cr_assert_not(ledger_book(ledger, &order, &receipt, &error));
    }
}

Test(ledger, refuses_at_once_when_too_many_wait)
{
    struct customer customers[WAITING_MAX];

    open_event(100);
    memory_faults_set_away(database, true);
    send_customers(customers, WAITING_MAX);
    await_full_line();
    memory_faults_set_away(database, false);
    await_customers(customers, WAITING_MAX);

    for (int i = 0; i < WAITING_MAX; i++)
        cr_expect(customers[i].ok, "%s", customers[i].error.text);
    must_book(200, 1);
}

Test(ledger, tells_those_who_wait_that_nothing_was_sent_when_it_stops)
{
    struct customer customers[WAITING_MAX];

    open_event(100);
    memory_faults_set_away(database, true);
    send_customers(customers, WAITING_MAX);
    await_full_line();
    stop_ledger();
    await_customers(customers, WAITING_MAX);

    for (int i = 0; i < WAITING_MAX; i++)
        cr_expect_eq(customers[i].error.code, ERROR_UNAVAILABLE, "%s", customers[i].error.text);
    memory_faults_set_away(database, false);
    expect_stored(0);
}

static void await_resend(void)
{
    while (ledger_counts(ledger).resends == 0)
        sched_yield();
}

Test(ledger, tells_those_whose_fate_is_not_known_when_it_stops)
{
    struct customer customer;

    open_event(100);
    for (int i = 0; i < 60; i++)
        memory_faults_plan(database, "ledger.insert", MEMORY_FAULT_LOSE);
    send_customers(&customer, 1);
    await_resend();
    stop_ledger();
    await_customers(&customer, 1);

    cr_expect_eq(customer.error.code, ERROR_UNKNOWN_OUTCOME, "%s", customer.error.text);
}

Test(ledger, finishes_what_is_in_hand_when_it_stops)
{
    struct customer customer;

    open_event(100);
    for (int i = 0; i < 4; i++)
        memory_faults_plan(database, "ledger.insert", MEMORY_FAULT_LOSE);
    send_customers(&customer, 1);
    await_resend();
    ledger_stop(ledger, 60 * SECONDS);
    ledger = NULL;
    await_customers(&customer, 1);

    cr_expect(customer.ok, "%s", customer.error.text);
    expect_stored(1);
}

static void expect_fight(struct fight fight)
{
    cr_expect(fight_run(&fight), "%s", fight.fault);
}

Test(ledger, sells_exactly_what_there_is_on_two_replicas)
{
    expect_fight((struct fight){.n_threads = 32, .capacity = 500});
}

Test(ledger, sells_exactly_what_there_is_on_two_replicas_when_seats_come_back)
{
    expect_fight((struct fight){.n_threads = 32, .capacity = 300, .with_cancels = true});
}

Test(ledger, sells_exactly_what_there_is_on_two_replicas_whatever_the_database_does)
{
    expect_fight((struct fight){
        .n_threads = 32, .capacity = 300, .with_cancels = true, .with_faults = true});
}
