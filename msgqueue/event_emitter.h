/*
 * Publishing with confirmation. An emitter owns one connection, one thread and a bounded queue. It
 * connects by itself, again and again with back-off, and declares the topology on every connect
 * (exchange, dead exchange, both logs). Messages go out persistent and mandatory; a message counts as
 * published when the broker has confirmed it and no return came before the confirm.
 */
#ifndef EVENTS_MSGQUEUE_EVENT_EMITTER_H
#define EVENTS_MSGQUEUE_EVENT_EMITTER_H

#include "base/error.h"
#include "contracts/envelope.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct event_emitter;

struct event_emitter_options {
    const char *backend; /* "amqp" or "memory" */
    const char *url;     /* amqp://user:secret@host:port/vhost, amqps://...; memory: any name */
    const char *connection_name; /* "bookingservice@host#relay", for the management UI */
    int window;                  /* messages on the wire without a confirm; 1 to 4096, 0: 512 */
    int queue;                   /* messages waiting behind the window; 0: 4096 */
    int64_t log_bytes;           /* x-max-length-bytes of the logs when they are declared */
};

/*
 * Called exactly once for each message taken, from the emitter's thread; must not wait. @error is NULL
 * when the broker has confirmed. Otherwise this attempt is over: ERROR_UNAVAILABLE (connection lost,
 * confirm overdue), ERROR_BUSY (the broker refused it, as a rule for a full queue) or ERROR_NOT_FOUND
 * (returned as unroutable). Even then the message may have gone out, a refused one into all queues but
 * the full one, so receivers must bear seeing it twice.
 */
typedef void event_emitter_done(void *context, const struct error *error);

/*
 * Does not wait for the broker. ERROR_INVALID for a bad url or an unknown backend. Strings are copied.
 * The caller frees with event_emitter_free().
 */
MUST_CHECK bool event_emitter_open(const struct event_emitter_options *options,
                                   struct event_emitter **emitter, struct error *error);

/*
 * Hand @envelope over for publishing; it is copied. Any thread; never waits. While the broker is away
 * messages are taken until the queue is full, and end with ERROR_UNAVAILABLE when the connection is
 * lost under them. ERROR_BUSY when the queue is full, ERROR_TOO_LARGE for a body that no receiver would
 * take, ERROR_MEMORY; @done is not called then.
 */
MUST_CHECK bool event_emitter_emit(struct event_emitter *emitter, const struct envelope *envelope,
                                   event_emitter_done *done, void *context, struct error *error);

/* Whether the broker was reachable a moment ago. Any thread. */
bool event_emitter_is_connected(struct event_emitter *emitter);

/*
 * The same, and on false the reason: ERROR_EXISTS, naming the queue, when it exists with other
 * arguments than ours (which only an operator can settle); else ERROR_UNAVAILABLE. Any thread.
 */
bool event_emitter_check(struct event_emitter *emitter, struct error *error);

/* Counters since the start, for metrics. Any thread. */
struct event_emitter_counts {
    int64_t confirmed;
    int64_t returned;
    int64_t refused;    /* by a full queue */
    int64_t failed;     /* overdue, or connection lost */
    int64_t connects;   /* successful ones */
    int64_t blocked_ms; /* how long the broker has asked to be left alone; 0: it does not */
};
struct event_emitter_counts event_emitter_counts(struct event_emitter *emitter);

/* Close the connection and end the thread; calls @done for all that is outstanding. NULL is fine. */
void event_emitter_free(struct event_emitter *emitter);
DEFINE_FREEP(event_emitter_free, struct event_emitter)

#endif
