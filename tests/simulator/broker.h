/*
 * The simulated broker: publishing connections with confirms and returns, the observer that keeps every
 * message of the booking service, and messages about the catalogue: one queue, which replicas compete
 * for, and the log, which has all of them. Messages of one connection keep their order; connections break;
 * what is stored stays, unless the plan says that the queue is deleted or the log cut.
 */
#ifndef EVENTS_TESTS_SIMULATOR_BROKER_H
#define EVENTS_TESTS_SIMULATOR_BROKER_H

#include "msgqueue/listener_reader.h"
#include "tests/simulator/plan.h"

struct world;

enum {
    WIRE_MAX = 512,    /* messages on their way, of all connections */
    SEEN_MAX = 512,    /* different messages that the observer has */
    QUEUED_MAX = 128,  /* messages about the catalogue, with repeats */
    CHANNEL_MAX = 128, /* on one connection, in one direction */
    PREFETCH = 4,
    LOG_MAX = 1024, /* messages and markers */
    CHUNK = 4       /* that come together */
};

/* Numbers in the order in which they were sent. */
struct channel {
    int items[CHANNEL_MAX];
    unsigned first;
    unsigned n;
};
void channel_clear(struct channel *channel);
bool channel_push(struct channel *channel, int item);
bool channel_pop(struct channel *channel, int *item);

/* A message on its way, and what the broker says of it. */
enum wire_answer {
    WIRE_CONFIRM,
    WIRE_RETURN, /* its confirm is another item */
    WIRE_REFUSE
};
struct wire {
    uint64_t tag; /* as the broker counts */
    uint64_t id_hash;
    uint64_t content_hash; /* of name and body */
    char id[64];
    enum publish_fate fate;
    enum wire_answer answer;
};

/* What the observer has seen. */
struct seen {
    uint64_t id_hash;
    uint64_t content_hash;
    int times;
    char id[64];
};

/* A message about the catalogue in its queue. */
enum queued_state {
    QUEUED_READY,
    QUEUED_OUT, /* with a consumer */
    QUEUED_GONE
};
struct queued {
    int row; /* of the plan */
    enum queued_state state;
    int replica; /* that has it */
    uint32_t connection;
    uint64_t tag;
    int deliveries; /* earlier ones */
    int64_t offset; /* of the same in the log */
};

/* In the log, by its offset. */
struct logged {
    int row; /* of the plan; -1: a marker */
    uint32_t round;
    enum log_marker marker; /* of that round */
    bool is_told;           /* somebody noticed that it was cut off before he had it */
};

/* A connection over which the log is read. */
struct log_link {
    uint32_t connection; /* 0: none */
    int64_t next;
    int n_unsettled;
    bool is_sending;
};

/* A settlement on its way. */
struct settling {
    uint64_t tag;
    bool multiple;
};

struct broker {
    int64_t away_until_ms;
    uint32_t n_connections;
    uint32_t publishers[REPLICAS_MAX]; /* connections; 0: none */
    uint32_t consumers[REPLICAS_MAX];
    uint64_t n_published[REPLICAS_MAX]; /* on this connection: what their confirms are called */
    uint64_t next_tags[REPLICAS_MAX];   /* of deliveries */
    struct channel to_broker[REPLICAS_MAX];
    struct channel from_broker[REPLICAS_MAX];
    struct channel deliveries[REPLICAS_MAX];
    struct channel settlements[REPLICAS_MAX];

    struct wire wires[WIRE_MAX];
    size_t n_wires;
    struct settling settlings[WIRE_MAX];
    size_t n_settlings;
    struct seen seen[SEEN_MAX];
    size_t n_seen;
    struct queued queue[QUEUED_MAX];
    size_t n_queued;
    int parked[ROWS_MAX]; /* copies in the dead queue, by row */

    bool is_consuming[REPLICAS_MAX]; /* else its connection is there and takes nothing */
    bool is_bound;                   /* the queue is there, and gets what is announced */
    struct log_link log_links[REPLICAS_MAX];
    struct logged log[LOG_MAX];
    int64_t log_stalls_until_ms;
    int64_t log_first;
    int64_t log_end;
    uint32_t n_rounds;
    bool is_missed[ROWS_MAX]; /* by the queue, once at least */
    int64_t missed_end;       /* what the queue missed lies before this offset of the log */
};

void broker_init(struct broker *broker);

/* Called by replicas. */
uint32_t broker_open_publisher(struct world *world, int replica); /* 0: the broker is away */
uint32_t broker_open_consumer(struct world *world, int replica);
void broker_publish(struct world *world, int replica, uint32_t connection, const struct wire *wire);
void broker_consume(struct world *world, int replica);
bool broker_declare(struct world *world); /* true: the queue is empty */
void broker_settle(struct world *world, int replica, uint32_t connection,
                   const struct settling *settling);
void broker_park(struct world *world, int row);

/* The log. An offset that is not there yet, or no more, is the next one that there is; negative: the first. */
uint32_t broker_open_log(struct world *world, int replica,
                         int64_t from); /* 0: the broker is away */
void broker_close_log(struct world *world, int replica);
const struct logged *broker_next_logged(struct world *world, int replica, int64_t *offset);
void broker_settle_log(struct world *world, int replica, int n);
bool broker_put_marker(struct world *world, uint32_t round, enum log_marker marker);

/* Connections end; what is on its way is lost or still arrives. */
void broker_close(struct world *world, int replica);
void broker_cut_publisher(struct world *world, int replica);
void broker_cut_consumer(struct world *world, int replica);
void broker_cut_log(struct world *world, int replica);
void broker_go_away(struct world *world, int64_t for_ms);
void broker_delete_queue(struct world *world);
void broker_unbind(struct world *world);
void broker_retain(struct world *world, int n);

/* Between its parts. */
void broker_tell_of_break(struct world *world, int replica, uint32_t connection);
int64_t broker_log(struct world *world, int row); /* returns its offset */
void broker_miss(struct world *world, int row, int64_t offset);

/* What the agenda says. */
void broker_announced(struct world *world, int row);
void broker_published(struct world *world, int replica, uint32_t connection);
void broker_settled(struct world *world, int replica, uint32_t connection);
void broker_deliver(struct world *world);

#endif
