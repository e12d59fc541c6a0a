/*
 * The decisions of the relay, and nothing else: what to send next, what is confirmed, what to mark, when
 * to sweep, what a sighting means. No thread, clock or socket: events go in as calls, time is a
 * parameter (monotonic milliseconds), and what to do comes out. The relay's threads drive it, and so
 * does a simulator in virtual time. All room is taken at the start. One thread at a time.
 *
 *     queued -> sending -> confirmed -> marking -> gone
 *        ^          |          ^           |
 *        '- waiting <-         '- failed --'
 *
 * When the outcome of all messages of an item is known and one has failed, the item waits (0.1 to 5 s)
 * and is published again whole. Those that a full queue refused then go one after the other, about fifty messages a
 * second; but each that is confirmed lets two go at once, until the next refusal, so that all leave soon when there
 * is room again. Confirmed items are marked in batches; a mark that fails is repeated.
 *
 * After a rest the first message goes out at once, and so does the first mark. What follows gathers for
 * send_every_ms and mark_every_ms, for a broker and a database do twenty together for little more than one; a mark of
 * RELAY_MARK_MAX waits for nothing.
 */
#ifndef EVENTS_SERVICE_RELAY_FLOW_H
#define EVENTS_SERVICE_RELAY_FLOW_H

#include "service/relay.h"

enum {
    RELAY_MARK_MAX = 256,          /* items of one mark */
    RELAY_SWEEP_LIMIT = 256,       /* items of one sweep */
    RELAY_SWEEP_LIMIT_WIDE = 4096, /* when there is a backlog to bring down */
    RELAY_SWEPT_BEHIND = 8         /* taken of one sweep while our own are late */
};

struct relay_flow;

struct relay_flow_options {
    size_t items_max;    /* in hand at once; at least 1 */
    size_t messages_max; /* of these items together */
    size_t seen_max;     /* sightings remembered; at least RELAY_SWEEP_LIMIT_WIDE to be of use */
    int send_every_ms;   /* from the beginning of a run of messages to the next; 0: at once */
    int mark_every_ms;   /* the same for marks */
    int sweep_every_ms;
    int sweep_age_ms;
    uint64_t seed; /* of jitter and hashes */
};

MUST_CHECK bool relay_flow_new(const struct relay_flow_options *options, int64_t now_ms,
                               struct relay_flow **flow, struct error *error);

/* @free_item gets every item still in hand. NULL is fine. */
void relay_flow_free(struct relay_flow *flow, void (*free_item)(struct relay_item *item));

/*
 * An item that this process committed. True: it is the flow's. False: it stays the caller's, because it
 * is in hand already, or there is no room, which counts as a first sighting.
 */
MUST_CHECK bool relay_flow_hand_over(struct relay_flow *flow, struct relay_item *item,
                                     int64_t now_ms);

/* A message for the emitter. Nothing happens to its item before relay_flow_done() or _busy(). */
struct relay_send {
    struct relay_item *item;
    size_t index;   /* of the message */
    uint32_t place; /* of the item, for the calls below; less than items_max */
};

/* False: nothing to send now. Otherwise the message counts as sent. */
MUST_CHECK bool relay_flow_next_send(struct relay_flow *flow, int64_t now_ms,
                                     struct relay_send *send);

/* The emitter did not take it. It comes again when about half of what is on its way has ended. */
void relay_flow_busy(struct relay_flow *flow, const struct relay_send *send, int64_t now_ms);

/* One sent message of the item at @place has ended. */
void relay_flow_done(struct relay_flow *flow, uint32_t place, bool confirmed, int64_t now_ms);

/* The same: not confirmed, for a queue is full that it belongs in, while others may have taken it. */
void relay_flow_refused(struct relay_flow *flow, uint32_t place, int64_t now_ms);

/* When relay_flow_next_send() will have something without another event; INT64_MAX: never. */
int64_t relay_flow_send_due_ms(const struct relay_flow *flow);

/*
 * Items to mark now; 0: none. After the mark relay_flow_end_mark() comes before the next one begins.
 * When it worked the items are the caller's; otherwise they stay the flow's and come again.
 */
size_t relay_flow_begin_mark(struct relay_flow *flow, int64_t now_ms,
                             struct relay_item *items[RELAY_MARK_MAX]);
void relay_flow_end_mark(struct relay_flow *flow, bool marked, int64_t now_ms);

/*
 * How many unmarked items to ask for now; 0: no sweep is due. @connected says whether the broker would
 * take what a sweep finds: without it a large backlog is not read again and again. What is found goes to
 * relay_flow_offer(), and at its end comes relay_flow_end_sweep().
 */
size_t relay_flow_begin_sweep(struct relay_flow *flow, bool connected, int64_t now_ms);
void relay_flow_end_sweep(struct relay_flow *flow, bool complete, int64_t now_ms);

/*
 * True: the item is the flow's. False: it stays the caller's: in hand, seen unmarked for less than
 * sweep_age_ms, no room, or what is in hand is late itself and some were taken already.
 */
MUST_CHECK bool relay_flow_offer(struct relay_flow *flow, struct relay_item *item, int64_t now_ms);

/*
 * False: the rest of this sweep need not be read, for the flow finishes, has no room, or has had something to mark
 * for a second. What ends so was not complete.
 */
MUST_CHECK bool relay_flow_wants_more(const struct relay_flow *flow, int64_t now_ms);

/* No more sweeps and offers: only what is in hand is brought to its end. */
void relay_flow_finish(struct relay_flow *flow);

/* When a mark or a sweep is due without another event; INT64_MAX: never. */
int64_t relay_flow_keep_due_ms(const struct relay_flow *flow);

bool relay_flow_is_empty(const struct relay_flow *flow);   /* nothing in hand */
bool relay_flow_is_failing(const struct relay_flow *flow); /* of some item, the latest attempt */

/* Walks all items and sightings: for metrics. */
struct relay_counts relay_flow_counts(const struct relay_flow *flow, int64_t wall_ms);

#endif
