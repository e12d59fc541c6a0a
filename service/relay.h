/*
 * The relay: from what is durable in the database to what the broker has confirmed, and back as a mark.
 *
 * The process that committed hands its outbox items over and they go out at once, or 10 ms after the run of
 * messages before began; an item is marked when all its messages are confirmed, in batches that begin 100 ms
 * apart. Beside that a sweep asks the database about each second and publishes what it has itself seen unmarked
 * twice, at least three seconds apart, whoever wrote it, except what this process has in hand. Handing over is a
 * courtesy: what does not fit is left to the sweep. Whatever fails stays unmarked and is tried again; every repeat
 * carries the same message id.
 *
 * Two threads: the sender writes envelopes and gives them to the emitter; the keeper marks and sweeps,
 * so that publishing goes on while the database is away. The decisions are those of relay_flow.h,
 * which knows no thread, clock or socket.
 */
#ifndef EVENTS_SERVICE_RELAY_H
#define EVENTS_SERVICE_RELAY_H

#include "base/buffer.h"
#include "base/error.h"
#include "base/object_id.h"
#include "contracts/envelope.h"
#include "msgqueue/event_emitter.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct relay;

/* What one item is called: a catalogue change or a ledger entry. Unique within a service. */
struct relay_key {
    struct object_id subject; /* id of the document's event or location */
    int64_t number;           /* version of the change, or number of the entry */
    int32_t kind;             /* the source's own distinction, such as event or location */
};

/* One outbox item. A source's struct starts with it. */
struct relay_item {
    struct relay_key key;
    size_t n_messages;    /* 0: nothing to publish, only to mark */
    int64_t committed_ms; /* UTC; for the age of the oldest unpublished message */
};

/* What a service gives to its relay. No two calls for the same item run at once. */
struct relay_source {
    /*
     * Write message @index of @item: @envelope complete, its body in @body, which is empty and goes up
     * to MESSAGE_BODY_BYTES_MAX. The sender; must not wait.
     */
    bool (*envelope)(void *context, const struct relay_item *item, size_t index,
                     struct buffer *body, struct envelope *envelope, struct error *error);

    /*
     * Durably note that all messages of these items are confirmed; done again when it fails, so
     * marking twice does no harm. The keeper; may wait some seconds.
     */
    bool (*mark)(void *context, struct relay_item *const items[], size_t n_items,
                 struct error *error);

    /*
     * Offer unmarked items, oldest first, at most @limit, by relay_offer() on @relay; when that says
     * false end with false, and no error. The keeper; may wait some seconds.
     */
    bool (*unpublished)(void *context, size_t limit, struct relay *relay, struct error *error);

    void (*free_item)(struct relay_item *item); /* any thread; must not wait */
    void *context;
};

struct relay_options {
    struct relay_source source;
    struct event_emitter *emitter; /* outlives the relay */
    size_t items_max;              /* in hand at once; 0: 4096 */
    size_t messages_max;           /* of these items together; 0: 16384 */
    int sweep_every_ms;            /* 0: 1000 */
    int sweep_age_ms;              /* seen unmarked for so long before it is published; 0: 3000 */
};

MUST_CHECK bool relay_open(const struct relay_options *options, struct relay **relay,
                           struct error *error);

/* Take @item (now the relay's) for publishing. Any thread, never waits. Full: freed, the sweep comes. */
void relay_hand_over(struct relay *relay, struct relay_item *item);

/*
 * From within source.unpublished only: @item was found unmarked; it is the relay's from here on, whatever
 * comes back. False: no more is wanted now.
 */
MUST_CHECK bool relay_offer(struct relay *relay, struct relay_item *item);

struct relay_counts {
    int64_t published;  /* messages confirmed */
    int64_t marked;     /* items */
    int64_t swept;      /* items published because the sweep found them */
    int64_t overflowed; /* hand-overs left to the sweep */
    int64_t in_hand;    /* items now */
    int64_t oldest_ms;  /* age of the oldest unpublished item known; 0: none */
};
struct relay_counts relay_counts(struct relay *relay);

/*
 * Go on for at most @flush_ms until nothing is in hand, then end the threads and free: the items, and
 * after one more call of the source at most, its use. What is then unconfirmed or unmarked is left to a
 * sweep, of this service's next start or of another replica. NULL is fine.
 *
 * Nobody may hand over any more. The emitter may still hold messages of ours, for as long as the broker
 * is away, and calls back when they end or when it is freed, which is after this call. Those late
 * calls find a relay that holds nothing but their number, and the last of them frees it.
 */
void relay_stop(struct relay *relay, int64_t flush_ms);

#endif
