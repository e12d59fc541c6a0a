/*
 * Looking into the broker by hand: messages as they pass, messages that lie in a queue, messages of a log.
 * For tools. A tap is one short-lived connection that declares nothing of the programs' and does not
 * connect again: whoever lost it says so and ends.
 *
 * It knows RabbitMQ alone. A memory broker lives inside one process, where no tool can reach it.
 *
 * One thread at a time. Each call waits some seconds at most; a failure is ERROR_UNAVAILABLE unless it
 * says otherwise, and leaves a tap that can only be freed. Nothing that was not removed is lost by that, or
 * by the death of the process.
 */
#ifndef EVENTS_MSGQUEUE_QUEUE_TAP_H
#define EVENTS_MSGQUEUE_QUEUE_TAP_H

#include "base/error.h"
#include "base/json.h"
#include "contracts/envelope.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct queue_tap;
struct amqp_content;

enum {
    QUEUE_TAP_BODY_BYTES_MAX = 16 * 1024 * 1024,
    TAPPED_TEXT_BYTES = 256
};

/* Where to, and how the management UI calls the connection. Borrowed until the call returns. */
struct queue_access {
    const char *url;             /* as in struct event_emitter_options */
    const char *connection_name; /* "myevents@host#watch" */
};

/* A message as it came. Everything it points to is the tap's, until the next call. */
struct tapped {
    struct envelope envelope; /* what the message does not say, or says badly, is empty */
    const char *routing_key;
    uint64_t size_bytes; /* of the body */
    bool is_whole;       /* false: above QUEUE_TAP_BODY_BYTES_MAX, the envelope's body is cut */
    char fault[ERROR_TEXT_BYTES]; /* why no listener would hand it to a handler; empty: it would */
    int64_t offset;               /* in a log; -1: not from one */
    int64_t delivery_count;       /* earlier deliveries as the broker counts them, looks included */
    uint64_t handle;              /* while this tap is open: queue_tap_remove() */
    const struct amqp_content *content; /* all of it, for the functions below and queue_sender.h */
};

/*
 * From now on: what passes the exchange of the programs under one of @keys ("event.*", "#"), through an own
 * queue that ends with the tap. It holds 10 000 messages; whoever reads more slowly misses the oldest.
 */
MUST_CHECK bool queue_tap_watch(const struct queue_access *access, const char *const keys[],
                                size_t n_keys, struct queue_tap **tap, struct error *error);

/*
 * What lies in @queue now, without taking it: it stays the broker's, hidden from other consumers until this
 * tap is freed, and then lies there again in the old order, except what was removed. To the broker
 * each look is a delivery that failed, so `delivery_count` of a quorum queue grows by one, and a limit of
 * deliveries counts looks as well.
 */
MUST_CHECK bool queue_tap_look(const struct queue_access *access, const char *queue,
                               struct queue_tap **tap, struct error *error);

/* Where to begin to read a log. */
struct queue_tap_start {
    enum {
        QUEUE_TAP_FIRST,  /* with the oldest there is */
        QUEUE_TAP_OFFSET, /* with this offset, or the oldest when that was cut off by retention */
        QUEUE_TAP_TIME,   /* with what the broker got then, and perhaps some from before that */
    } kind;
    int64_t number; /* an offset; or seconds since 1970, not of the future */
};

/* All of @log from @start on to its end as it is now. It gets a marker for that, which no tap shows. */
MUST_CHECK bool queue_tap_replay(const struct queue_access *access, const char *log,
                                 const struct queue_tap_start *start, struct queue_tap **tap,
                                 struct error *error);

/* Of a look: how many messages lay there. Of a replay: the offset at which it ends. Else 0. */
int64_t queue_tap_end(const struct queue_tap *tap);

/*
 * Of a replay: the offset of the first message that came from the broker, shown or not; -1 while none has.
 * One that lies behind what was asked for says that retention has cut the log.
 */
int64_t queue_tap_begin(const struct queue_tap *tap);

enum queue_tap_state {
    QUEUE_TAP_MESSAGE,
    QUEUE_TAP_QUIET, /* nothing came in time; there may be more */
    QUEUE_TAP_OVER,  /* that was all */
};

/*
 * The next message, waiting at most @timeout_ms for it. A look is over when all that lay there was shown,
 * or when nothing has come for 3 s because others took it; a watch never is.
 */
MUST_CHECK bool queue_tap_next(struct queue_tap *tap, int timeout_ms, struct tapped *message,
                               enum queue_tap_state *state, struct error *error);

/* Of a look: take the message of this handle out of its queue for good. */
MUST_CHECK bool queue_tap_remove(struct queue_tap *tap, uint64_t handle, struct error *error);

/*
 * Of a look, at its end: wait until the broker has done what queue_tap_remove() asked for, some seconds at
 * most. Without it the last of the removed messages may lie in the queue again. Then free the tap.
 */
MUST_CHECK bool queue_tap_finish(struct queue_tap *tap, struct error *error);

void queue_tap_free(struct queue_tap *tap); /* NULL is fine */
DEFINE_FREEP(queue_tap_free, struct queue_tap)

/*
 * Write its headers as an object called @name; with @all false without those that only repeat the
 * envelope or are the broker's notes on this delivery.
 */
void tapped_write_headers(const struct tapped *message, const char *name, bool all,
                          struct json_writer *writer);

/* Why a message lies in a dead queue: as a listener noted it, else as the broker did. Empty: not told. */
struct tapped_parking {
    char reason[TAPPED_TEXT_BYTES];
    char by[TAPPED_TEXT_BYTES];
    char at[TAPPED_TEXT_BYTES]; /* RFC 3339 */
    int64_t n_attempts;         /* deliveries before it was parked; 0: not told */
    int64_t n_redriven;         /* how often it was brought back to its queue before */
};
void tapped_read_parking(const struct tapped *message, struct tapped_parking *parking);

#endif
