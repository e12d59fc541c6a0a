/*
 * The callers: each asks for what its row of the plan says, waits until its deadline, and tries again
 * with the same key, mostly at another replica, while it does not know the outcome. What each call was
 * told, and what was true before and after it, is kept for the judge.
 */
#ifndef EVENTS_TESTS_SIMULATOR_CLIENTS_H
#define EVENTS_TESTS_SIMULATOR_CLIENTS_H

#include "ledger/slot.h"
#include "tests/simulator/plan.h"

struct world;

enum {
    CALLS_MAX = 128
};

enum fate {
    FATE_OPEN,
    FATE_ANSWERED,
    FATE_UNKNOWN, /* the caller left, or the replica died, when it may have been sent */
    FATE_NEVER    /* the same before that: it must not be found */
};

struct call {
    struct ticket ticket; /* a slot may hold on to it while it is open */
    struct command command;
    int row;
    int replica;
    uint32_t life; /* of the replica */
    int tries_left;
    bool has_raced; /* it was part of an entry that another replica's forestalled */
    enum fate fate;
    int64_t entries_before; /* of its event that a majority had when it came, and when it ended */
    int64_t entries_after;
    int64_t entries_known; /* to its replica, when it came */
    int n_deposed;         /* primaries, when it came */
    bool met_behind;       /* the primary was behind */
    uint64_t began;        /* in happenings */
    uint64_t ended;
    int64_t wall_ms; /* of its replica, when it ended */
};

struct clients {
    struct call calls[CALLS_MAX];
    size_t n_calls;
    int n_open;
    int n_retries; /* on the agenda */
};

void clients_init(struct clients *clients);

/* Row @row of the plan, ROW_BOOK, ROW_CANCEL or ROW_LOOK, at @replica. */
void clients_ask(struct world *world, int row, int replica, int tries_left);
void clients_answered(struct world *world, struct ticket *ticket);
void clients_raced(struct ticket *ticket);
void clients_deadline(struct world *world, int call);
void clients_crashed(struct world *world, int replica); /* before its slots are gone */

#endif
