/*
 * Virtual time: what is going to happen, and when. What happens in the same millisecond comes in an
 * order that is drawn, so that every order is seen. Room is bounded. One thread.
 */
#ifndef EVENTS_TESTS_SIMULATOR_AGENDA_H
#define EVENTS_TESTS_SIMULATOR_AGENDA_H

#include "tests/simulator/chance.h"

#include <stddef.h>

enum {
    AGENDA_MAX = 1024
};

enum happening_kind {
    HAPPENS_ROW,      /* of the plan */
    HAPPENS_REQUEST,  /* reaches the database */
    HAPPENS_MAJORITY, /* of an entry */
    HAPPENS_REPLY,    /* reaches the replica */
    HAPPENS_WAKE,     /* a replica has something to do by its own clock */
    HAPPENS_DEADLINE, /* of a caller */
    HAPPENS_RETRY,    /* a client tries again */
    HAPPENS_START,    /* a replica, after a crash */
    HAPPENS_PUBLISH,  /* a message reaches the broker */
    HAPPENS_CONFIRM,  /* and what the broker says of it the replica */
    HAPPENS_BREAK,    /* a publishing connection */
    HAPPENS_OPEN_OUT, /* a replica has a publishing connection */
    HAPPENS_OPEN_IN,  /* a consuming one */
    HAPPENS_ANNOUNCE, /* a message of the event service reaches its queue */
    HAPPENS_DELIVERY, /* reaches the replica */
    HAPPENS_SETTLE,   /* a replica's acknowledgement reaches the broker */
    HAPPENS_PARKED,   /* the copy of a delivery is confirmed, or not */
    HAPPENS_ROUND,    /* the next thing that a replica does at the broker before it reads the log */
    HAPPENS_LOGGED,   /* a piece of the log reaches the replica */
};

struct happening {
    int64_t at_ms;
    uint64_t order; /* among those of one millisecond */
    enum happening_kind kind;
    int replica;   /* whose; -1: nobody's */
    uint32_t life; /* of that replica, or its connection: void when that has ended */
    int32_t what;
    int64_t more;
};

struct agenda {
    int64_t now_ms;
    uint64_t n_done; /* happenings so far: a finer clock */
    struct chance chance;
    size_t n;
    struct happening heap[AGENDA_MAX];
};

void agenda_init(struct agenda *agenda, uint64_t seed);

/* @happening at its at_ms; its order is drawn. False: there is no room. */
bool agenda_add(struct agenda *agenda, struct happening happening);

/* The next one, to whose time the clock moves; false: nothing will happen any more. */
bool agenda_next(struct agenda *agenda, struct happening *happening);

/* How long a way over the network takes, this time. */
int64_t agenda_way_ms(struct agenda *agenda);

#endif
