/*
 * Two ledgers on one database, as two replicas of the service have them, and many threads that want the
 * same seats under the same keys on both. No test framework takes part, so that it also runs under the
 * thread sanitizer.
 */
#ifndef EVENTS_TESTS_UNIT_LEDGER_FIGHT_H
#define EVENTS_TESTS_UNIT_LEDGER_FIGHT_H

#include "base/cleanup.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    FIGHT_TEXT_BYTES = 1024,
    FIGHT_THREADS_MAX = 64
};

struct fight {
    size_t n_threads; /* even: two threads share each key */
    int64_t capacity;
    bool with_faults;   /* the database loses, delays and repeats meanwhile */
    bool with_cancels;  /* every fourth booking is given back at once */
    int64_t lost_races; /* out */
    char fault[FIGHT_TEXT_BYTES];
};

/*
 * Until all is sold. False with the fault: not exactly the capacity was sold, a key stands for two
 * bookings or two answers, a booking that was answered is not there, a ledger is not whole.
 */
MUST_CHECK bool fight_run(struct fight *fight);

#endif
