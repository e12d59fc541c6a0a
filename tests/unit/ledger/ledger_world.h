/* A ledger on a memory database, and what its tests do with it again and again. */
#ifndef EVENTS_TESTS_UNIT_LEDGER_LEDGER_WORLD_H
#define EVENTS_TESTS_UNIT_LEDGER_LEDGER_WORLD_H

#include "ledger/ledger.h"

enum {
    WORLD_WAITING_MAX = 4
};

extern struct database *database;
extern struct ledger *ledger;

void world_open(void);
void world_reopen(struct ledger_options options); /* store and waiting_max are the world's */
void world_stop_ledger(int64_t wait_ms);
void world_close(void);

int64_t soon(int64_t ms); /* that far from now, monotonic */
int64_t late(void);       /* later than any test takes */

extern const struct object_id event;
struct object_id id_of(int number);
struct ledger_order order_of(int id, int32_t seats); /* keyed, a guest's */
struct ledger_change change_of(int64_t version, int64_t capacity);

/* These assert that it works, or does not. */
void open_event(int64_t capacity);
struct ledger_receipt must_book(int id, int32_t seats);
struct error must_not_book(int id, int32_t seats);
struct ledger_receipt must_cancel(int id);

/* What is stored agrees with itself and holds @n_bookings, once all that was late has come. */
void expect_stored(size_t n_bookings);

#endif
