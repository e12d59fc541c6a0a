/*
 * What has to be true of an answer: I3, I6 and I7. Every answer to a call has to be true at some moment
 * during it; for bookings that is also real time: whoever began after another had ended stands behind it.
 * Shared by simulator and explorer; no code of ledger/ takes part.
 */
#ifndef EVENTS_TESTS_SIMULATOR_ANSWER_RULES_H
#define EVENTS_TESTS_SIMULATOR_ANSWER_RULES_H

#include "ledger/entry.h"
#include "tests/simulator/store.h"

struct told {
    const struct command *command; /* to book or to cancel */
    const struct answer *answer;
    int event;
    int64_t entries_before; /* that a majority had when the call came, and when it was answered */
    int64_t entries_after;
    int64_t wall_ms; /* of its replica, when it was answered */
    int64_t seats_per_user;
};

/* NULL: nothing is wrong. Else a text that begins with the invariant. */
const char *answer_fault(struct store *store, const struct told *told);

#endif
