/* The world of a schedule: what schedule.c brings forward and schedule_judge.c judges at its end. */
#ifndef EVENTS_TESTS_UNIT_LEDGER_SCHEDULE_WORLD_H
#define EVENTS_TESTS_UNIT_LEDGER_SCHEDULE_WORLD_H

#include "audit.h"
#include "schedule.h"

#include "ledger/committer.h"

enum {
    REPLICAS = 2,
    EVENTS = 2,
    CALLS_MAX = 60,
    STEPS_MAX = 400, /* with commands and faults */
    DRAIN_STEPS_MAX = 20000,
    KEYS = 3,
    USERS = 2,
    SEATS_PER_USER = 4
};

enum fate {
    FATE_OPEN,
    FATE_ANSWERED,
    FATE_UNKNOWN, /* its caller left, or its replica crashed, when it may have been sent */
    FATE_NEVER    /* the same before that: it must not be found */
};

struct sim_call {
    struct ticket ticket; /* the slots hold on to it while it is open */
    struct command command;
    enum fate fate;
    size_t replica;
    size_t event;
    int64_t entries_before; /* in the event's ledger when it arrived */
    int64_t entries_after;  /* when it was answered */
};

struct replica {
    struct database *database;
    struct committer committer;
    struct slot slots[EVENTS];
};

struct schedule {
    uint64_t random;
    struct replica replicas[REPLICAS];
    struct sim_call calls[CALLS_MAX];
    size_t n_calls;
    int64_t versions[EVENTS];
    int64_t now_ms;
    bool is_quiet; /* no more commands, faults and crashes */
    struct schedule_sights *sights;
    struct audit audit;
};

/* What the ledgers hold agrees with itself and with what was answered; else ERROR_CORRUPT. */
MUST_CHECK bool schedule_judge(struct schedule *schedule, struct error *error);

static inline struct object_id schedule_event(size_t event)
{
    return (struct object_id){.bytes = {1, [11] = (uint8_t)(event + 1)}};
}

static inline struct ledger_store *schedule_store(const struct schedule *schedule, size_t replica)
{
    return database_ledger(schedule->replicas[replica].database);
}

#endif
