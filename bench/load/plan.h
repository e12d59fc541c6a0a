/* What a load is to do: the command line, read once. Owns the lists; the texts are borrowed from argv. */
#ifndef EVENTS_BENCH_LOAD_PLAN_H
#define EVENTS_BENCH_LOAD_PLAN_H

#include "base/error.h"
#include "base/object_id.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum operation {
    OPERATION_BOOK,    /* a seat of one of the events */
    OPERATION_REFUSE,  /* a seat of the event that is sold out */
    OPERATION_READ,    /* what is left of one of the events */
    OPERATION_CANCEL,  /* one of the bookings of this load; while it has none, a booking */
    OPERATION_REQUEST, /* the one of --request */
    N_OPERATIONS
};

/* As it is written in --mix and in results. Static text. */
const char *operation_name(enum operation operation);

enum {
    PLAN_TARGETS_MAX = 16,
    PLAN_CONNECTIONS_MAX = 10000,
    PLAN_EVENTS_MAX = 1000000
};

struct plan {
    struct sockaddr_in targets[PLAN_TARGETS_MAX]; /* connections are spread over them evenly */
    int n_targets;
    int n_connections;
    int64_t seconds;
    int64_t n_requests; /* the load ends after so many; 0: no limit */
    int64_t rate;       /* arrivals a second; 0: whenever a connection is free */
    uint64_t seed;
    int shares[N_OPERATIONS];
    struct object_id_hex *events; /* owned */
    size_t n_events;
    double zipf; /* exponent; 0: all events alike */
    const char *sold_out;
    int seats;
    bool with_keys;      /* bookings carry an Idempotency-Key */
    const char *request; /* "METHOD PATH"; NULL: none */
    const char *body;
    const char *history; /* file to write; NULL: none */
};

/* ERROR_INVALID says what was not understood. plan_clear() in any case. */
MUST_CHECK bool plan_read(struct plan *plan, int argc, char *argv[], struct error *error);
void plan_clear(struct plan *plan);

#endif
