/*
 * Two ledgers on one database, as two replicas of the service have them, and many threads that want the
 * same seats under the same keys on both. No test framework takes part, so that it also runs under the
 * thread sanitizer.
 */
#ifndef EVENTS_TESTS_UNIT_LEDGER_FIGHT_H
#define EVENTS_TESTS_UNIT_LEDGER_FIGHT_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    FIGHT_THREADS_MAX = 64
};

struct fight {
    size_t n_threads; /* even: two threads share each key */
    int64_t capacity;
    bool with_faults;  /* the database loses, delays and repeats meanwhile */
    bool with_cancels; /* every fourth booking is given back at once */
};

/*
 * Until all is sold. ERROR_CORRUPT: not exactly the capacity was sold, a key stands for two
 * bookings or two answers, a booking that was answered is not there, a ledger is not whole.
 */
MUST_CHECK bool fight_run(struct fight *fight, struct error *error);

#endif
