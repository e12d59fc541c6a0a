/*
 * Where threads meet: callers hand commands in and wait; two committer threads take the slots that are
 * ready and bring them forward against the store. One lock guards the slots. It is held for memory
 * operations only, never while the store is asked and never while callers are woken.
 */
#ifndef EVENTS_LEDGER_DESK_H
#define EVENTS_LEDGER_DESK_H

#include "ledger/ledger.h"
#include "ledger/slot.h"

struct caller;
struct desk;

MUST_CHECK bool desk_open(const struct ledger_options *options, struct desk **desk,
                          struct error *error);

/* As ledger_stop() has it. Frees. NULL is fine. */
void desk_stop(struct desk *desk, int64_t wait_ms);

/* A command for an event. ticket.command is the caller's to fill, ticket.answer the result. */
struct call {
    struct object_id event_id;
    struct ticket ticket;
    struct caller *caller; /* the desk's */
};

/*
 * Hand in @calls, which start as {0} but for event and command, and wait until each has its answer, or
 * until the monotonic @deadline_ms: what is open then is answered ERROR_OUTCOME_UNKNOWN when it may have
 * been sent, and ERROR_UNAVAILABLE when it never will be. Any thread.
 */
void desk_carry_out(struct desk *desk, struct call *calls, size_t n_calls, int64_t deadline_ms);

struct ledger_counts desk_counts(const struct desk *desk);

#endif
