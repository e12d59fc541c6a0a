/*
 * Where threads meet: callers hand commands in; two committer threads take the slots that are ready and bring
 * them forward against the store; a third answers what has not been answered by its deadline. One lock
 * guards the slots. It is held for memory operations only, never while the store is asked and never while
 * callers are told.
 */
#ifndef EVENTS_LEDGER_DESK_H
#define EVENTS_LEDGER_DESK_H

#include "ledger/call.h"
#include "ledger/ledger.h"

struct desk;

MUST_CHECK bool desk_open(const struct ledger_options *options, struct desk **desk,
                          struct error *error);

/* As ledger_stop() has it. Frees. NULL is fine. */
void desk_stop(struct desk *desk, int64_t wait_ms);

/*
 * Hand in @calls together. Each is told of its answer once: of one that is refused before this returns; of
 * one that is still open at its deadline then, ERROR_OUTCOME_UNKNOWN when it may have been sent, and
 * ERROR_UNAVAILABLE when it never will be. Any thread; never waits.
 */
void desk_hand_in(struct desk *desk, struct call *calls, size_t n_calls);

/* The same, and wait until each has its answer; @deadline_ms is that of all. */
void desk_carry_out(struct desk *desk, struct call *calls, size_t n_calls, int64_t deadline_ms);

struct ledger_counts desk_counts(const struct desk *desk);

#endif
