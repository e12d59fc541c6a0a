/*
 * A message broker inside the process, for unit tests, simulations and programs that are tried without
 * servers. It behaves as ours is used: a topic exchange, quorum queues with their dead queues, logs that
 * keep everything, mandatory messages, confirms. Nothing survives the process.
 *
 * Brokers have names (the url) and live while anybody holds them. Every call is for any thread and never
 * waits for more than a lock. Queues and logs are known by name; declaring twice changes nothing.
 */
#ifndef EVENTS_MSGQUEUE_MEMORY_BROKER_H
#define EVENTS_MSGQUEUE_MEMORY_BROKER_H

#include "base/clock.h"
#include "contracts/topology.h"
#include "msgqueue/event_listener.h"
#include "msgqueue/own_thread.h"

enum {
    MEMORY_PARKED_BY_BYTES = 128
};

/* A message as the broker keeps it. */
struct memory_message {
    int n_holders;                      /* guarded by the broker's lock */
    struct envelope envelope;           /* the body lies behind this struct */
    char reason[DELIVERY_REASON_BYTES]; /* these four: when parked */
    char by[MEMORY_PARKED_BY_BYTES];
    char at[CLOCK_TEXT_BYTES];
    int64_t parked_count;
};

struct memory_broker;

/* NULL when there is no memory. */
MUST_CHECK struct memory_broker *memory_broker_hold(const char *name, struct error *error);
void memory_broker_drop(struct memory_broker *broker); /* NULL is fine */
DEFINE_FREEP(memory_broker_drop, struct memory_broker)

/* Part of an emitter or listener, which its own thread uses. */
struct memory_connection {
    struct memory_connection *next;
    struct memory_broker *broker; /* NULL: not connected */
    struct own_thread *thread;    /* woken when something may have happened */
    const char *consumes;         /* queue, borrowed; NULL: none */
    uint64_t last_tag;
    bool is_cut;       /* guarded by the broker's lock, as are its neighbours */
    bool is_cancelled; /* the queue was deleted */
};

/* ERROR_UNAVAILABLE while the broker is away. */
MUST_CHECK bool memory_broker_connect(struct memory_broker *broker,
                                      struct memory_connection *connection,
                                      struct own_thread *thread, struct error *error);

/* What it holds unacknowledged goes back to its queue, counted as one delivery. */
void memory_broker_disconnect(struct memory_connection *connection);

/* ERROR_UNAVAILABLE once it was cut or its queue was deleted. */
MUST_CHECK bool memory_connection_check(struct memory_connection *connection, struct error *error);

MUST_CHECK bool memory_broker_declare_log(struct memory_broker *broker,
                                          const struct topology_queue *log, struct error *error);

/* The queue and its dead queue. @n_ready: what waits in it. */
MUST_CHECK bool memory_broker_declare_queue(struct memory_broker *broker,
                                            const struct topology_queue *queue, int64_t *n_ready,
                                            struct error *error);

enum memory_answer {
    MEMORY_CONFIRMED,
    MEMORY_RETURNED, /* and confirmed */
    MEMORY_REFUSED,
    MEMORY_SILENT, /* taken, but no confirm ever comes */
};

/* Publish with the name as routing key. */
enum memory_answer memory_broker_publish(struct memory_broker *broker,
                                         const struct envelope *envelope);

/* From here on the connection takes from @queue, and is woken when something comes. */
void memory_connection_consume(struct memory_connection *connection, const char *queue);

/*
 * The next message of the queue that the connection consumes, which holds it until it is settled;
 * NULL when none is ready.
 */
struct memory_message *memory_connection_take(struct memory_connection *connection, uint64_t *tag,
                                              int64_t *delivery_count);
void memory_connection_acknowledge(struct memory_connection *connection, uint64_t tag,
                                   bool multiple);

/*
 * Put a copy of what it holds under @tag into the dead queue, tried @count times; false when that is
 * missing.
 */
MUST_CHECK bool memory_connection_park(struct memory_connection *connection, uint64_t tag,
                                       const char *reason, const char *by, int64_t count);

/* One past the last message of a log; 0 when there is no such log. */
int64_t memory_broker_log_end(struct memory_broker *broker, const char *log);

/* A message of a log, held for the caller; NULL when there is none. */
struct memory_message *memory_broker_log_read(struct memory_broker *broker, const char *log,
                                              int64_t offset);
void memory_broker_let_go(struct memory_broker *broker, struct memory_message *message);

/* The rest is for tests. */

/* Away: every connection is cut, and none is made before it is back. */
void memory_broker_set_away(struct memory_broker *broker, bool away);

/* What the broker does with the next messages that are published. */
struct memory_mischief {
    int n_silent;     /* so many are taken without a confirm, */
    int n_refused;    /* then so many are refused, */
    int n_duplicated; /* and so many reach each queue twice */
};
void memory_broker_set_mischief(struct memory_broker *broker,
                                const struct memory_mischief *mischief);

void memory_broker_delete_queue(struct memory_broker *broker, const char *name);
void memory_broker_unbind(struct memory_broker *broker, const char *queue);

/* Messages in a queue or log, held by a listener or not; -1 when there is none of that name. */
int64_t memory_broker_count(struct memory_broker *broker, const char *queue);

/* The first message of a queue, taken out and held for the caller; NULL when there is none. */
struct memory_message *memory_broker_pull(struct memory_broker *broker, const char *queue);

#endif
