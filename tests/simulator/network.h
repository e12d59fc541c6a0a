/*
 * The way to the database and back: calls take time, get lost, come late or twice, and their replies
 * likewise. What is asked and what comes back are the calls of persistence/ledger_store.h; a reply says
 * what a replica may learn in that case, and nothing else.
 */
#ifndef EVENTS_TESTS_SIMULATOR_NETWORK_H
#define EVENTS_TESTS_SIMULATOR_NETWORK_H

#include "tests/simulator/store.h"

struct world;

enum {
    REQUESTS_MAX = 48,
    ASKED_MAX = 64 /* bookings, or users, of one look-up; keys of one mark */
};

enum request_kind {
    REQUEST_HEADS,
    REQUEST_LOOK_UP,
    REQUEST_TOKENS,
    REQUEST_INSERT,
    REQUEST_MARK,
    REQUEST_SWEEP,
    REQUEST_COPY, /* bring the copy of the catalogue forward */
    REQUEST_LOAD, /* the offset of the log */
    REQUEST_KEEP,
};

enum asker {
    ASKER_COMMITTER, /* and the one after it */
    ASKER_KEEPER = ASKER_COMMITTER + 2,
    ASKER_CONSUMER,
    ASKER_READER,
};

struct request {
    enum request_kind kind;
    int replica;
    uint32_t life; /* of the replica */
    int asker;
    int n_pending; /* happenings that still need it; 0: free */
    enum store_fate fate;
    int n_arrivals;
    bool is_cut;     /* by a change of the primary, before its reply */
    bool is_replied; /* as far as the replica is concerned */

    /* What is asked for, and, beside it, the result. */
    size_t n;
    struct ledger_key keys[ASKED_MAX];
    struct ledger_head heads[EVENTS_MAX];
    struct object_id tokens[EVENTS_MAX];
    struct stored entries[EVENTS_MAX];
    enum ledger_outcome outcomes[EVENTS_MAX];
    int64_t numbers[EVENTS_MAX]; /* of the insert that landed; 0: none */

    struct object_id booking_ids[ASKED_MAX];
    struct ledger_found found[ASKED_MAX];
    size_t n_holdings;
    struct ledger_holding holdings[ASKED_MAX];

    int64_t versions[ASKED_MAX]; /* for the copy; their events are those of keys */
    bool removed[ASKED_MAX];
    bool changed[ASKED_MAX];
    int64_t offset;

    enum error_code code; /* of the whole */
};

struct network {
    struct request requests[REQUESTS_MAX];
    int n_under_way;
    int64_t away_until_ms;   /* no primary */
    int64_t lag_until_ms;    /* no majority */
    int64_t behind_until_ms; /* a new primary, which may catch up before */
    int n_deposed;
};

void network_init(struct network *network);

/* An empty request of @replica; the caller fills in what is asked for, and sends it. NULL: no room. */
struct request *network_request(struct world *world, int replica, int asker,
                                enum request_kind kind);
void network_send(struct world *world, struct request *request);

/* What the agenda says. */
void network_arrived(struct world *world, struct request *request);
void network_majority(struct world *world, int event, int64_t sequence, int64_t number);
/* NULL: nobody waits for this reply any more. */
struct request *network_replied(struct world *world, struct request *request);
void network_release(struct world *world, struct request *request);

void network_depose(struct world *world, int64_t for_ms);

#endif
