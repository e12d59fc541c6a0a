#include "ledger_world.h"

#include "audit.h"

#include "base/clock.h"
#include "base/random.h"
#include "persistence/memory_faults.h"

#include <criterion/criterion.h>

struct database *database;
struct ledger *ledger;
const struct object_id event = {{1, 2, 3}};

static void open_with(struct ledger_options options)
{
    const struct database_options memory = {.backend = "memory", .url = "ledger", .name = "x"};
    struct error error = {0};

    cr_assert(random_init(&error));
    cr_assert(database_open(&memory, &database, &error), "%s", error.text);
    options.store = database_ledger(database);
    options.waiting_max = WORLD_WAITING_MAX;
    cr_assert(ledger_open(&options, &ledger, &error), "%s", error.text);
}

void world_open(void)
{
    open_with((struct ledger_options){0});
}

void world_stop_ledger(int64_t wait_ms)
{
    ledger_stop(ledger, wait_ms);
    ledger = NULL;
}

void world_close(void)
{
    world_stop_ledger(0);
    database_free(database);
}

void world_reopen(struct ledger_options options)
{
    world_close();
    open_with(options);
}

int64_t soon(int64_t ms)
{
    return clock_monotonic_ms() + ms;
}

int64_t late(void)
{
    return soon(20000);
}

struct object_id id_of(int number)
{
    return (struct object_id){.bytes = {5, [10] = (uint8_t)(number >> 8), [11] = (uint8_t)number}};
}

struct ledger_order order_of(int id, int32_t seats)
{
    return (struct ledger_order){.event_id = event,
                                 .booking_id = id_of(id),
                                 .seats = seats,
                                 .fingerprint = (uint64_t)seats,
                                 .keyed = true,
                                 .deadline_ms = late()};
}

struct ledger_change change_of(int64_t version, int64_t capacity)
{
    return (struct ledger_change){
        .event_id = event, .event_version = version, .capacity = capacity};
}

void open_event(int64_t capacity)
{
    struct ledger_change change = change_of(1, capacity);
    struct error error = {0};

    cr_assert(ledger_take_over(ledger, &change, 1, late(), &error), "%s", error.text);
}

struct ledger_receipt must_book(int id, int32_t seats)
{
    const struct ledger_order order = order_of(id, seats);
    struct ledger_receipt receipt = {0};
    struct error error = {0};

    cr_assert(ledger_book(ledger, &order, &receipt, &error), "booking %d: %s", id, error.text);
    return receipt;
}

struct error must_not_book(int id, int32_t seats)
{
    const struct ledger_order order = order_of(id, seats);
    struct ledger_receipt receipt = {0};
    struct error error = {0};

    cr_assert_not(ledger_book(ledger, &order, &receipt, &error), "booking %d", id);
    return error;
}

struct ledger_receipt must_cancel(int id)
{
    const struct object_id booking_id = id_of(id);
    struct ledger_receipt receipt = {0};
    struct error error = {0};

    cr_assert(ledger_cancel(ledger, &event, &booking_id, late(), &receipt, &error),
              "cancelling %d: %s", id, error.text);
    return receipt;
}

void expect_stored(size_t n_bookings)
{
    CLEANUP(audit_clear) struct audit audit = {0};
    struct error error = {0};
    size_t n = 0;

    memory_faults_settle(database);
    cr_expect(audit_read(&audit, database_ledger(database), &error) && audit_check(&audit, &error),
              "%s", error.text);
    for (size_t i = 0; i < audit.n_entries; i++)
        n += audit.entries[i].n_bookings;
    cr_expect_eq(n, n_bookings, "%zu bookings are stored", n);
}
