/*
 * One process of the booking service, put together as the real one is, with the agenda in place of its
 * threads: roster, two committers, the relay with its emitter, the consumer. All decisions are those of
 * the product's state machines; here is only what wakes them and carries their requests.
 */
#ifndef EVENTS_TESTS_SIMULATOR_REPLICA_H
#define EVENTS_TESTS_SIMULATOR_REPLICA_H

#include "bookingservice/catalogue_batch.h"
#include "ledger/roster.h"
#include "msgqueue/emitter_window.h"
#include "msgqueue/listener_flow.h"
#include "service/relay_flow.h"
#include "tests/simulator/agenda.h"
#include "tests/simulator/broker.h"
#include "tests/simulator/network.h"

struct world;
struct replica;

enum {
    COMMITTERS = 2,
    ITEMS_MAX = 4, /* of the relay: few, so that some do not fit */
    MESSAGES_MAX = 8,
    WINDOW = 3,
    WINDOW_QUEUE = 4,
    DELIVERED_MAX = 8 * PREFETCH /* in hand, some of them of connections that are gone */
};

/* Where an emission belongs. */
struct place {
    struct replica *replica;
};

struct outgoing {
    struct relay_flow *flow;
    struct emitter_window window;
    uint32_t connection; /* 0: none */
    bool keeper_asks;
    struct relay_item *marking[RELAY_MARK_MAX];
    size_t n_marking;
    struct place places[ITEMS_MAX];
};

struct delivered {
    struct held held;
    struct delivered *next_free;
    int row; /* of the plan, that the message is about */
    int deliveries;
};

/* A change that its ledger is to take over. */
struct taking {
    struct ticket ticket;
    bool is_open;
};

enum {
    BODY_BYTES = 512
};

/* A round over the log. While it asks the database or the broker, the consumer does nothing else. */
enum reading_stage {
    READING_NOT,
    READING_LOADS,    /* the offset */
    READING_DECLARES, /* the queue */
    READING_OPENS,
    READING_READS,
    READING_STORES,
};

struct reading {
    struct listener_reader reader;
    enum reading_stage stage;
    uint32_t connection; /* 0: none */
    uint32_t round;
    uint64_t next_tag;
    int64_t round_at_ms; /* when the next one begins */
    bool is_noted;
    bool is_careful;
    int n_suspects; /* so many messages more are taken alone */
};

struct incoming {
    struct listener_flow flow;
    uint32_t connection;
    bool is_consuming;
    struct reading reading;
    struct held *offered[PREFETCH]; /* the batch that is handled */
    struct listener_flow *offered_by;
    struct delivery deliveries[PREFETCH];
    char bodies[PREFETCH][BODY_BYTES];
    size_t n_offered;
    struct catalogue_batch batch;
    bool is_copying;
    struct taking takings[PREFETCH]; /* by change of the batch */
    size_t n_open;                   /* of them */
    int64_t until_ms;
    struct delivered pool[DELIVERED_MAX];
    struct delivered *free;
};

struct replica {
    struct world *world;
    int number;
    bool is_up;
    uint32_t life;
    int64_t stopped_until_ms;
    int64_t ends_ms; /* a clean end, with all work done by then; INT64_MAX: none */
    int64_t skew_ms; /* of its wall clock */
    int64_t wake_ms; /* when it will look around; INT64_MAX: not by itself */
    enum store_fate next_write;
    enum store_fate next_read;
    enum publish_fate next_publish;

    struct roster roster;
    struct committer committers[COMMITTERS];
    bool is_asking[COMMITTERS];

    struct outgoing out;
    struct incoming in;
};

void replica_init(struct replica *replica, struct world *world, int number);
void replica_start(struct replica *replica);
void replica_crash(struct replica *replica);

/* Take nothing more, finish what is in hand for at most @for_ms, end, and start again. */
void replica_stop(struct replica *replica, int64_t for_ms);
void replica_clear(struct replica *replica);

/* Do what can be done now, and see to it that it wakes in time for the rest. After each happening. */
void replica_look_around(struct replica *replica);

/* Commands of callers. ERROR_NONE: in the line. */
enum error_code replica_hand_in(struct replica *replica, int event, struct ticket *ticket);

/* A reply of the database. */
void replica_replied(struct replica *replica, const struct request *request);

int64_t replica_wall_ms(const struct replica *replica);
bool replica_is_quiet(const struct replica *replica);

/* ---- its parts; each file has one ---- */

void commits_start(struct replica *replica);
void commits_end(struct replica *replica);
void commits_go_on(struct replica *replica);
void commits_replied(struct replica *replica, const struct request *request);
void commits_forget_tokens(void);
bool commits_are_idle(const struct replica *replica);
void commits_give_up(struct replica *replica); /* all that still waits is told so */

void outgoing_start(struct replica *replica);
void outgoing_end(struct replica *replica);
void outgoing_finish(struct replica *replica);
void outgoing_landed(struct replica *replica, const struct ledger_entry *entry);
void outgoing_go_on(struct replica *replica);
void outgoing_replied(struct replica *replica, const struct request *request);
void outgoing_open(struct replica *replica);
void outgoing_broken(struct replica *replica, uint32_t connection);
void outgoing_heard(struct replica *replica, uint32_t connection);
int64_t outgoing_due_ms(const struct replica *replica);
bool outgoing_is_quiet(const struct replica *replica);

void incoming_start(struct replica *replica);
void incoming_end(struct replica *replica);
void incoming_go_on(struct replica *replica);
void incoming_replied(struct replica *replica, const struct request *request);
void incoming_open(struct replica *replica);
void incoming_broken(struct replica *replica, uint32_t connection);
void incoming_delivered(struct replica *replica, uint32_t connection);
void incoming_parked(struct replica *replica, int number);
struct delivered *incoming_new(struct replica *replica,
                               int row); /* NULL: no room, and it was said */
void incoming_taken_over(struct replica *replica, struct ticket *ticket);
int64_t incoming_due_ms(const struct replica *replica);

void reading_start(struct replica *replica);
void reading_end(struct replica *replica);
void reading_opened(struct replica *replica); /* the consumer's connection: a round is due */
void reading_abandon(struct replica *replica);
void reading_go_on(struct replica *replica);
void reading_next(struct replica *replica); /* thing to do at the broker */
void reading_replied(struct replica *replica, const struct request *request);
void reading_broken(struct replica *replica, uint32_t connection);
void reading_logged(struct replica *replica, uint32_t connection);
bool reading_is_asking(const struct replica *replica);
int64_t reading_due_ms(const struct replica *replica);

#endif
