/*
 * The decisions of a listener, without socket, thread and clock: which deliveries go to the handler and
 * when, what its verdicts mean, what is parked, and what is acknowledged. Events go in as calls, time
 * and chance as parameters; actions come out of _offer, _park, _settle and _finished. One thread at a
 * time.
 *
 * A delivery is `held` from its arrival until it is settled at the broker. Nothing is settled before the
 * handler said acknowledge, or before the parked copy was confirmed. After a retry everything stays in
 * hand and nothing is offered until a back-off has passed; then it is offered again, in the order of the
 * queue.
 *
 * Quarantine. A delivery that came back too often is suspect: its handler may be what dies of it. It is
 * offered alone, and only after the attempt was noted where it outlives the process. When more processes
 * have noted one than may die of a message, it is parked without another attempt. A note that fails is
 * tried again after the back-off, like a retry: without a database nothing is handled, so nobody dies of it.
 *
 * Deliveries belong to one generation, that is one connection: when it is lost the broker
 * delivers them anew, so they are dropped, and a late verdict about one of them changes nothing.
 */
#ifndef EVENTS_MSGQUEUE_LISTENER_FLOW_H
#define EVENTS_MSGQUEUE_LISTENER_FLOW_H

#include "base/backoff.h"
#include "msgqueue/event_listener.h"

enum held_state {
    HELD_WAITING,   /* to be offered; also after a retry */
    HELD_NOTING,    /* suspect: its attempt is being noted */
    HELD_OFFERED,   /* with the handler */
    HELD_TO_PARK,   /* a copy goes to the dead queue first */
    HELD_PARKING,   /* its copy is on the way */
    HELD_TO_REJECT, /* cannot be copied: the broker itself moves it to the dead queue */
    HELD_DONE,      /* to be acknowledged */
};

enum {
    SUSPECT_DELIVERIES = 5, /* earlier deliveries that make one suspect */
    DEATHS_MAX = 5,         /* attempts that nobody came back from, before it is parked */
    BATCH_EVERY_MS = 20,    /* the pace of what comes from a queue, where none is given */
};

/* Part of what a backend keeps of a delivery. */
struct held {
    struct held *next;
    uint64_t tag; /* ascending within a generation */
    enum held_state state;
    int64_t generation;
    int64_t offset;      /* in the log, where it came from one */
    bool is_suspect;     /* written before it arrives */
    bool is_noted;       /* an attempt stands where it outlives us */
    bool is_quarantined; /* too many did not come back */
};

struct held_list {
    struct held *first;
    struct held *last;
};

struct listener_flow {
    struct held_list in_hand; /* by tag */
    struct held_list finished;
    int64_t generation;
    /* Written after _init: */
    bool leaves_out; /* what would be parked is left out instead, as a log does */
    int64_t pace_ms; /* batches begin so far apart, unless full or cut by a suspect; 0: at once */

    bool stopped;
    int n_offered;
    struct backoff offer_backoff;
    struct backoff park_backoff;
    int64_t offer_at_ms; /* nothing is offered before */
    int64_t batch_at_ms; /* only what nothing can be added to is offered before */
    int64_t park_at_ms;
};

void listener_flow_init(struct listener_flow *flow);

/* A new connection; lost() is included. */
void listener_flow_opened(struct listener_flow *flow);
void listener_flow_lost(struct listener_flow *flow);

/* Offer nothing more; what is done can still be settled. */
void listener_flow_stop(struct listener_flow *flow);

/*
 * @held came with @tag, and is the flow's from here on. @state says what is known about it at once:
 * WAITING, TO_PARK, TO_REJECT or DONE.
 */
void listener_flow_arrived(struct listener_flow *flow, struct held *held, uint64_t tag,
                           enum held_state state);

/* The next delivery whose attempt has to be noted before it is offered; NULL when there is none. */
MUST_CHECK struct held *listener_flow_note(struct listener_flow *flow, int64_t now_ms);

/* @n_noted: processes that have begun with it, we included; 0 when it could not be noted. */
void listener_flow_noted(struct listener_flow *flow, struct held *held, int n_noted, int64_t now_ms,
                         uint64_t random);

/* Whether a finished delivery is settled, so that attempts at it can be forgotten. */
bool listener_flow_forgets(const struct listener_flow *flow, const struct held *held);

/*
 * The next batch for the handler, at most @n_max; 0 while one is out, while holding back or stopped, and
 * while a batch that is not full gathers.
 */
size_t listener_flow_offer(struct listener_flow *flow, int64_t now_ms, struct held **offered,
                           size_t n_max);

/* The handler's verdicts on that batch. */
void listener_flow_answered(struct listener_flow *flow, struct held *const *offered,
                            const enum delivery_verdict *verdicts, size_t n, int64_t now_ms,
                            uint64_t random);

/* The next delivery to copy to the dead queue; NULL when there is none or it is too early. */
MUST_CHECK struct held *listener_flow_park(struct listener_flow *flow, int64_t now_ms);

enum parking_end {
    PARKING_CONFIRMED,
    PARKING_FAILED,     /* tried again after a back-off */
    PARKING_IMPOSSIBLE, /* the copy would be too large for a frame */
};
void listener_flow_parked(struct listener_flow *flow, struct held *held, enum parking_end end,
                          int64_t now_ms, uint64_t random);

/* What to tell the broker. */
struct settlement {
    uint64_t tag;
    bool reject;   /* without requeueing; else acknowledge */
    bool multiple; /* everything up to the tag */
    int n;         /* deliveries it covers */
};

/* False when there is nothing to tell. */
MUST_CHECK bool listener_flow_settle(struct listener_flow *flow, struct settlement *settlement);

/* The next delivery that nobody needs any more; the caller frees it. NULL when there is none. */
MUST_CHECK struct held *listener_flow_finished(struct listener_flow *flow);

/* In how many milliseconds there is something to offer or to park; @otherwise when nothing waits. */
int64_t listener_flow_wait_ms(const struct listener_flow *flow, int64_t now_ms, int64_t otherwise);

bool listener_flow_is_empty(const struct listener_flow *flow);

#endif
