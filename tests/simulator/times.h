/* How long things take in the simulated world, in virtual milliseconds. */
#ifndef EVENTS_TESTS_SIMULATOR_TIMES_H
#define EVENTS_TESTS_SIMULATOR_TIMES_H

#include <stdint.h>

#define WALL_BASE_MS                                                                               \
    INT64_C(1700000000000) /* the wall clock at virtual 0; each replica is off by some */

enum {
    SKEW_MS = 2000,           /* by so much at most */
    STARTING_MS = 60,         /* until a replica has read an empty log */
    OPENING_MS = 40,          /* between an event and the first who want it */
    WAY_MS = 4,               /* a way over the network takes 1 to so many */
    PATIENCE_MS = 1500,       /* a caller's */
    TAKE_OVER_WAIT_MS = 2000, /* the consumer's */
    CALL_WAIT_MS = 2000,      /* until a silent database is given up */
    LATE_MS = 4000,           /* what lands late lands within so many */
    BEHIND_MS = 300,          /* a new primary shows less than a majority has, at most */
    RECONNECT_MS = 200,       /* after a cut, at most */
    ROUND_EVERY_MS = 10000,   /* the queue is declared and the log read so often */
    ROUND_AGAIN_MS = 2000,    /* after a round that failed */
    LOG_TICK_MS = 500,        /* whoever waits for the log looks at the clock */
    SEND_EVERY_MS = 10,
    MARK_EVERY_MS = 100,
    SWEEP_EVERY_MS = 1000,
    SWEEP_AGE_MS = 3000,
    CONFIRM_TIMEOUT_MS = 5000,
    QUIET_WITHIN_MS = 60000, /* after the last row: everything answered, published and taken over */
};

#endif
