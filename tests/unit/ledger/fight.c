#include "fight.h"

#include "audit.h"

#include "base/clock.h"
#include "base/memory.h"
#include "ledger/ledger.h"
#include "persistence/memory_faults.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

enum {
    REPLICAS = 2,
    KEYS_MAX = 4096, /* of a pair of threads */
    PATIENCE_MS = 60000
};

/* What a thread was told of one key. */
struct told {
    bool booked;
    bool cancelled;
    struct booking booking;
};

struct ring;

struct fighter {
    struct ring *ring;
    pthread_t thread;
    size_t number;
    struct told told[KEYS_MAX];
    size_t n_told;
    struct error error; /* none: it fought until all was sold */
};

struct ring {
    struct fight *fight;
    struct database *databases[REPLICAS];
    struct ledger *ledgers[REPLICAS];
    struct fighter *fighters; /* owned */
    _Atomic int64_t n_landed; /* entries that were told of */
};

static const struct object_id event = {{1, 1, 1}};

static struct object_id id_of(size_t pair, size_t key)
{
    struct object_id id = {.bytes = {2, (uint8_t)pair}};
    uint32_t number = (uint32_t)key;

    memcpy(id.bytes + 8, &number, sizeof(number));
    return id;
}

static void count_landed(void *context, const struct ledger_entry *entry)
{
    struct ring *ring = context;

    (void)entry;
    atomic_fetch_add(&ring->n_landed, 1);
}

static struct ledger *ledger_of(const struct fighter *self)
{
    return self->ring->ledgers[self->number % REPLICAS];
}

static bool book(struct fighter *self, size_t key)
{
    const struct ledger_order order = {.event_id = event,
                                       .booking_id = id_of(self->number / 2, key),
                                       .seats = 1,
                                       .fingerprint = 1,
                                       .keyed = true,
                                       .deadline_ms = clock_monotonic_ms() + PATIENCE_MS};
    struct ledger_receipt receipt;

    if (!ledger_book(ledger_of(self), &order, &receipt, &self->error))
        return false;
    self->told[key] = (struct told){.booked = true, .booking = receipt.booking};
    return true;
}

static bool cancel(struct fighter *self, size_t key)
{
    const struct object_id id = id_of(self->number / 2, key);
    struct ledger_receipt receipt;

    if (!ledger_cancel(ledger_of(self), &event, &id, clock_monotonic_ms() + PATIENCE_MS, &receipt,
                       &self->error))
        return false;
    self->told[key].cancelled = receipt.booking.cancelled;
    return true;
}

static void *fight_on(void *argument)
{
    struct fighter *self = argument;
    bool ok = true;

    while (ok && self->n_told < KEYS_MAX) {
        ok = book(self, self->n_told);
        if (ok && self->ring->fight->with_cancels && self->n_told % 4 == 3)
            ok = cancel(self, self->n_told);
        self->n_told += ok;
    }
    if (self->error.code == ERROR_SOLD_OUT)
        self->error = (struct error){0};
    return NULL;
}

/* ---- the ring ---- */

static bool open_event(struct ring *ring, struct error *error)
{
    struct ledger_change change = {
        .event_id = event, .event_version = 1, .capacity = ring->fight->capacity};

    return ledger_take_over(ring->ledgers[0], &change, 1, clock_monotonic_ms() + PATIENCE_MS,
                            error);
}

static bool ring_open(struct ring *ring, struct error *error)
{
    const struct database_options database = {.backend = "memory", .url = "fight", .name = "x"};

    ring->fighters = memory_array(ring->fight->n_threads, sizeof(*ring->fighters), error);
    if (!ring->fighters)
        return false;
    for (size_t i = 0; i < REPLICAS; i++) {
        struct ledger_options options = {
            .waiting_max = FIGHT_THREADS_MAX, .landed = count_landed, .context = ring};

        if (!database_open(&database, &ring->databases[i], error))
            return false;
        options.store = database_ledger(ring->databases[i]);
        if (!ledger_open(&options, &ring->ledgers[i], error))
            return false;
    }
    return open_event(ring, error);
}

static void ring_clear(struct ring *ring)
{
    for (size_t i = 0; i < REPLICAS; i++) {
        ledger_stop(ring->ledgers[i], 0);
        database_free(ring->databases[i]);
    }
    memory_free(ring->fighters);
}

static void plan_faults(const struct ring *ring)
{
    static const struct {
        const char *operation;
        enum memory_fault fault;
    } faults[] = {
        {"ledger.insert", MEMORY_FAULT_LOSE},        {"ledger.insert", MEMORY_FAULT_LOSE_REPLY},
        {"ledger.insert", MEMORY_FAULT_LATE},        {"ledger.insert", MEMORY_FAULT_REPEAT},
        {"ledger.insert", MEMORY_FAULT_FALSE_TAKEN}, {"ledger.insert", MEMORY_FAULT_AWAY},
        {"ledger.tokens", MEMORY_FAULT_AWAY},        {"ledger.heads", MEMORY_FAULT_AWAY},
        {"ledger.look_up", MEMORY_FAULT_AWAY},
    };

    for (size_t i = 0; i < REPLICAS; i++) {
        for (size_t j = 0; j < ARRAY_SIZE(faults); j++)
            memory_faults_plan(ring->databases[i], faults[j].operation, faults[j].fault);
    }
}

static bool all_fight(struct ring *ring, struct error *error)
{
    size_t n_started = 0;
    int status = 0;

    while (n_started < ring->fight->n_threads && status == 0) {
        struct fighter *fighter = &ring->fighters[n_started];

        fighter->ring = ring;
        fighter->number = n_started;
        status = pthread_create(&fighter->thread, NULL, fight_on, fighter);
        n_started += status == 0;
    }
    for (size_t i = 0; i < n_started; i++)
        pthread_join(ring->fighters[i].thread, NULL);
    return status == 0 || error_set_errno(error, status, "starting a thread");
}

/* ---- judging ---- */

static bool check_told(const struct audit *audit, const struct fighter *fighter, size_t key,
                       struct error *error)
{
    const struct told *told = &fighter->told[key];
    const struct object_id id = id_of(fighter->number / 2, key);
    const struct ledger_booking *booking = audit_booking(audit, &id, NULL);

    if (!told->booked || !booking)
        return error_set(error, ERROR_CORRUPT, "key %zu was booked and is not there", key);
    if (booking->seats != 1 || !object_id_equal(&told->booking.id, &id))
        return error_set(error, ERROR_CORRUPT, "key %zu is another booking", key);
    if (told->cancelled != audit_is_cancelled(audit, &id))
        return error_set(error, ERROR_CORRUPT, "key %zu was given back, or not", key);
    return true;
}

static bool check_fighter(const struct audit *audit, const struct fighter *fighter,
                          struct error *error)
{
    bool ok = fighter->error.code == ERROR_NONE;

    if (!ok)
        *error = fighter->error;
    for (size_t key = 0; ok && key < fighter->n_told; key++)
        ok = check_told(audit, fighter, key, error);
    return ok || error_wrap(error, "thread %zu", fighter->number);
}

static bool judge(struct ring *ring, struct error *error)
{
    CLEANUP(audit_clear) struct audit audit = {0};
    int64_t n_landed = atomic_load(&ring->n_landed);
    int64_t sold;

    if (!audit_read(&audit, database_ledger(ring->databases[0]), error) ||
        !audit_check(&audit, error))
        return false;
    sold = audit_sold(&audit, &event);
    if (sold != ring->fight->capacity)
        return error_set(error, ERROR_CORRUPT, "%" PRId64 " sold of %" PRId64, sold,
                         ring->fight->capacity);
    if (n_landed != (int64_t)audit.n_entries)
        return error_set(error, ERROR_CORRUPT, "told of %" PRId64 " entries of %zu", n_landed,
                         audit.n_entries);
    for (size_t i = 0; i < ring->fight->n_threads; i++) {
        if (!check_fighter(&audit, &ring->fighters[i], error))
            return false;
    }
    return true;
}

bool fight_run(struct fight *fight, struct error *error)
{
    CLEANUP(ring_clear) struct ring ring = {.fight = fight};

    if (!ring_open(&ring, error))
        return false;
    if (fight->with_faults)
        plan_faults(&ring);
    if (!all_fight(&ring, error))
        return false;
    memory_faults_settle(ring.databases[0]);
    return judge(&ring, error);
}
