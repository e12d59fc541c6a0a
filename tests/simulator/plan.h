/*
 * What happens to the world from outside, all of it drawn from the seed before anything runs: who asks
 * for what and when, and which faults strike. A plan is a list, so a failing one can be shortened by
 * leaving rows out; rows keep their numbers. What is left to chance while the world runs (how long
 * things take, who comes first) follows from the seed as well, apart from the plan.
 */
#ifndef EVENTS_TESTS_SIMULATOR_PLAN_H
#define EVENTS_TESTS_SIMULATOR_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    REPLICAS_MAX = 3,
    EVENTS_MAX = 2,
    ROWS_MAX = 40,
    KEYS = 3,  /* Idempotency-Keys at an event */
    USERS = 2, /* and guests */
};

enum row_kind {
    /* Somebody asks. */
    ROW_BOOK,
    ROW_CANCEL,
    ROW_LOOK, /* GET of a booking */
    ROW_CHANGE,

    /* Something breaks. */
    ROW_STORE,   /* the next call of the database by a replica */
    ROW_LAG,     /* writes wait for their majority */
    ROW_DEPOSE,  /* another primary: what had no majority is gone */
    ROW_CUT_OUT, /* the publishing connection of a replica */
    ROW_CUT_IN,  /* the consuming one */
    ROW_BROKER,  /* away for a while */
    ROW_PUBLISH, /* the next message of a replica */
    ROW_REPEAT,  /* a message about the catalogue comes again */
    ROW_CRASH,
    ROW_PAUSE,
    ROW_STOP,    /* the clean end of a replica, which is started again */
    ROW_DELETE,  /* the queue about the catalogue, with what it holds */
    ROW_UNBIND,  /* its binding: what is announced goes to the log alone */
    ROW_CUT_LOG, /* the connection over which a replica reads the log */
    ROW_STALL,   /* the log gives nothing for a while */
    ROW_RETAIN,  /* the log keeps no more than its last few messages */
    ROW_KINDS
};

/* What becomes of a call of the database. */
enum store_fate {
    STORE_FINE,
    STORE_LOST,     /* never arrives; an error soon */
    STORE_SILENT,   /* never arrives; an error when the caller has waited long enough */
    STORE_NO_REPLY, /* carried out; an error soon */
    STORE_HALF,     /* the same; of a bulk only the first */
    STORE_LATE,     /* an error soon; carried out later, perhaps much later */
    STORE_TWICE, /* carried out twice, as a driver may that tries again; the second reply counts */
    STORE_SLOW,
    STORE_NOT_SENT,
    STORE_FATES
};

/* What becomes of a message at the broker. */
enum publish_fate {
    PUBLISH_FINE,
    PUBLISH_LOST_CONFIRM, /* stored; the connection breaks before the confirm */
    PUBLISH_LOST,         /* the connection breaks before it is stored */
    PUBLISH_RETURNED,     /* no queue is bound: returned, then confirmed */
    PUBLISH_REFUSED,
    PUBLISH_OVERDUE, /* stored, and never confirmed */
    PUBLISH_FATES
};

struct row {
    enum row_kind kind;
    int64_t at_ms; /* virtual */
    int replica;
    int event;

    /* To ask. */
    int key;         /* of a booking; -1: none */
    int seats;       /* of a booking */
    int user;        /* of a booking; USERS: a guest */
    int other;       /* row of the booking to cancel or to look at, or of the change to repeat */
    int patience_ms; /* the caller leaves then */
    int tries;       /* with the same key, while the outcome is not known */
    int64_t version; /* of a change; the state from then on: */
    int64_t capacity;
    bool closed;
    bool removed;
    int64_t end_s;
    bool is_poison; /* a message that nobody can read */

    /* To break. */
    int n_kept; /* by the log */
    enum store_fate store;
    bool of_writes; /* the next write, else the next read */
    enum publish_fate publish;
    int64_t for_ms;
};

struct plan {
    uint64_t seed;
    uint64_t luck; /* another course of the same plan; 0 to begin with */
    int n_replicas;
    int n_events;
    int64_t seats_per_user; /* 0: no limit */
    size_t slots_max;       /* events that a replica keeps in memory */
    size_t n_rows;
    struct row rows[ROWS_MAX]; /* by time */
    bool left_out[ROWS_MAX];   /* while shortening */
};

void plan_make(struct plan *plan, uint64_t seed);

bool row_is_fault(const struct row *row);

/* One line of text about row @i, without a newline. */
enum {
    ROW_TEXT_BYTES = 200
};
void plan_describe(const struct plan *plan, size_t i, char text[ROW_TEXT_BYTES]);

#endif
