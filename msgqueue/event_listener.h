/*
 * Subscribing. A listener owns one consuming connection and one thread (and short-lived connections
 * for parking and for reading the log). On every connect it declares the topology: exchange, logs, its
 * own quorum queue with its bindings, and `<queue>.dead`. Then it brings the subscriber up to date from
 * the log (see below) and consumes with manual acknowledgement.
 *
 * Messages come to the handler in batches, in the order of the queue, at most `prefetch` at a time. The
 * first comes at once; while more follow, a batch begins `batch_every_ms` after the one before it, or when
 * it is full, so that a steady flow costs the subscriber's database fifty writes a second and not thousands.
 * The handler gives each a verdict:
 *   acknowledge  its effect is durable, or it has none;
 *   retry        something it needs is away: the listener keeps the delivery, takes no more, serves
 *                heartbeats, and offers it again after a back-off (0.1 to 5 s); it never nacks in a loop;
 *   park         it can never be handled: published to `<queue>.dead` with confirm and the headers
 *                x-parked-reason, x-parked-by, x-parked-at, x-parked-count; then acknowledged.
 *
 * Quarantine. A message that was delivered five times before comes alone, and only after the attempt was
 * noted with the subscriber. When five processes have noted one and not come back from it, it is parked
 * without another attempt, for the reason "quarantine". A process that lives on, with its database away or
 * its connection lost, counts once however often it tries. What is handled is forgotten.
 *
 * The log. `log` is a stream that takes every message, so what was published while this queue was
 * missing or unbound is still there. After every connect, and then every `log_every_ms`, the listener
 * puts a marker into the log by the log's name, reads from the stored offset to its marker, hands the
 * messages to the same handler (`from_log` set), and stores the offset. Dying in between only means
 * reading again. A message from the log that cannot be handled is left out (its queue parks it). Reading is
 * noted as an attempt as well: where three processes did not come back from it, the next one stores its
 * offset after each batch and takes the first messages alone, as above.
 */
#ifndef EVENTS_MSGQUEUE_EVENT_LISTENER_H
#define EVENTS_MSGQUEUE_EVENT_LISTENER_H

#include "base/error.h"
#include "base/object_id.h"
#include "contracts/envelope.h"
#include "contracts/topology.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct event_listener;

enum delivery_verdict {
    DELIVERY_ACKNOWLEDGE,
    DELIVERY_RETRY,
    DELIVERY_PARK
};

enum {
    DELIVERY_REASON_BYTES = ERROR_TEXT_BYTES
};

/* What kind of message was parked. */
enum parked_kind {
    PARKED_OTHER,
    PARKED_MALFORMED,
    PARKED_UNKNOWN, /* a name or version that nobody here understands */
    PARKED_TOO_LARGE,
    PARKED_QUARANTINE,
    N_PARKED_KINDS
};

struct delivery {
    struct envelope envelope; /* borrowed until the handler returns */
    int64_t delivery_count;   /* earlier deliveries of it, as the broker counts them */
    bool from_log;
    enum delivery_verdict verdict;      /* the handler's answer; retry to start with */
    bool changed;                       /* the handler's answer: it brought something new */
    char reason[DELIVERY_REASON_BYTES]; /* the handler's answer, when parked or retried */
    enum parked_kind kind;              /* the handler's answer, when parked */
};

enum {
    LISTENER_ATTEMPT_BYTES = 96 /* with the NUL */
};

struct event_listener_handler {
    /* Called from the listener's thread, which may wait in it for some seconds. */
    void (*handle)(void *context, struct delivery *deliveries, size_t n_deliveries);

    /*
     * Whether the subscriber can store anything now; asked before consuming starts. May wait some
     * seconds.
     */
    bool (*ready)(void *context);

    /* The first offset of the log not yet read; 0 at the very first. */
    bool (*load_offset)(void *context, int64_t *offset, struct error *error);
    bool (*store_offset)(void *context, int64_t offset, struct error *error);

    /*
     * The log does not have @wanted any more, which was to be read next: retention has cut it, and it
     * begins at @first. Messages may be lost to this subscriber. NULL: nobody wants to know.
     */
    void (*log_cut)(void *context, int64_t wanted, int64_t first);

    /*
     * Note durably that process @by begins with @what, a text of at most LISTENER_ATTEMPT_BYTES; once more
     * changes nothing. @n_noted: how many processes have, @by included. And forget them all. May wait some
     * seconds. Both NULL: nothing is quarantined.
     */
    bool (*note_attempt)(void *context, const char *what, const struct object_id *by, int *n_noted,
                         struct error *error);
    bool (*forget_attempts)(void *context, const char *what, struct error *error);
    void *context;
};

struct event_listener_options {
    const char *backend;                /* "amqp" or "memory" */
    const char *url;                    /* as in struct event_emitter_options */
    const char *connection_name;        /* "bookingservice@host#consumer"; also the consumer tag */
    const struct topology_queue *queue; /* own queue */
    const struct topology_queue *log;   /* log to read; NULL: none */
    int64_t log_every_ms;               /* 0: read the log at connect only */
    int64_t log_bytes;                  /* x-max-length-bytes of the logs when they are declared */
    int prefetch;                       /* 1 to 4096; 0: 256 */
    int batch_every_ms;                 /* 1 to 1000; 0: 20 */
    struct event_listener_handler handler;
};

/* Does not wait for the broker. ERROR_INVALID for bad options. The caller frees. */
MUST_CHECK bool event_listener_open(const struct event_listener_options *options,
                                    struct event_listener **listener, struct error *error);

/* Whether it consumes. Any thread. */
bool event_listener_is_connected(struct event_listener *listener);

/*
 * The same, and on false the reason: ERROR_EXISTS, naming the queue, when it exists with other
 * arguments than ours (which only an operator can settle); else ERROR_UNAVAILABLE. Any thread.
 */
bool event_listener_check(struct event_listener *listener, struct error *error);

struct event_listener_counts {
    int64_t acknowledged;
    int64_t retried;
    int64_t parked;
    int64_t parked_by_kind[N_PARKED_KINDS]; /* the same, by kind */
    int64_t recovered;                      /* only the log had it: the sign of a lost binding */
    int64_t log_cuts;                       /* what was to be read next was gone from the log */
    int64_t connects;
    int64_t last_heard_ms; /* monotonic; 0: nothing yet */
};
struct event_listener_counts event_listener_counts(struct event_listener *listener);

/*
 * Cancel the consumer, let the handler finish what it has in hand, acknowledge that, and end the
 * thread. What was not handled goes back to the queue. NULL is fine.
 */
void event_listener_free(struct event_listener *listener);
DEFINE_FREEP(event_listener_free, struct event_listener)

#endif
