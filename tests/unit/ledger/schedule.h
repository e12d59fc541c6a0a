/*
 * A random schedule: two replicas, each a committer with its slots, bring random commands forward
 * against one memory store that loses, delays and repeats, step by step in random order. Callers leave,
 * replicas crash. All of it follows from the seed. Afterwards the store is audited, and every answer is
 * compared with it.
 */
#ifndef EVENTS_TESTS_UNIT_LEDGER_SCHEDULE_H
#define EVENTS_TESTS_UNIT_LEDGER_SCHEDULE_H

#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>

/* What was reached; a suite of schedules that never reaches one of these shows little. */
struct schedule_sights {
    int64_t entries;
    int64_t lost_races;
    int64_t resends;
    int64_t own_found;
    int64_t corrupt; /* must stay 0: the store is honest */
    int64_t crashes;
    int64_t left_unsent;
    int64_t left_sent;
    int64_t booked;
    int64_t replayed;
    int64_t cancelled;
    int64_t taken_over;
    int64_t key_reused;
    int64_t sold_out;
    int64_t gone;
    int64_t user_limit;
    int64_t not_found;
};

/* Adds to @sights. */
MUST_CHECK bool schedule_run(uint64_t seed, struct schedule_sights *sights, struct error *error);

#endif
