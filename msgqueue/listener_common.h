/*
 * What every listener has, whatever it speaks: its options, its own thread, the way deliveries go to the
 * handler and verdicts come back, and the counters. A backend's listener starts with it.
 */
#ifndef EVENTS_MSGQUEUE_LISTENER_COMMON_H
#define EVENTS_MSGQUEUE_LISTENER_COMMON_H

#include "msgqueue/backend.h"
#include "msgqueue/listener_flow.h"
#include "msgqueue/own_thread.h"

/* A delivery in hand. A backend's own struct starts with it. */
struct listened {
    struct held held;
    struct envelope envelope; /* the body is the backend's */
    int64_t delivery_count;
    int64_t parked_count; /* how often it was tried before it was parked */
    enum parked_kind kind;
    bool countable; /* from the log, and our queue should have had it as well */
    char *reason;   /* owned; see listened_reason() */
};

/* Why it is parked, for the few that are: thousands may be in hand. Without memory for it: what its
 * kind says. */
void listened_set_reason(struct listened *listened, const char *reason);
const char *listened_reason(const struct listened *listened);
void listened_clear(struct listened *listened);

/* Reading the log once, as an attempt; see listener_attempts.h. */
struct listener_round {
    bool is_noted;
    bool is_careful;
    int n_suspects; /* so many messages more are taken alone */
};

struct listener_common {
    struct event_listener listener;
    struct own_thread thread;
    struct event_listener_handler handler;
    const struct topology_queue *queue;
    const struct topology_queue *log;
    char *name;
    struct object_id process; /* who notes attempts */
    struct listener_round round;
    int64_t round_every_ms; /* declare, and perhaps read the log, so often */
    bool reads_log_always;  /* at connect only otherwise */
    int64_t log_bytes;
    int prefetch;
    struct delivery *deliveries; /* a batch on its way to the handler: prefetch of each */
    struct held **offered;
    enum delivery_verdict *verdicts;
    pthread_mutex_t lock; /* guards connected and trouble */
    bool connected;
    struct error trouble; /* why it does not consume */
    _Atomic int64_t acknowledged;
    _Atomic int64_t retried;
    _Atomic int64_t parked[N_PARKED_KINDS];
    _Atomic int64_t recovered;
    _Atomic int64_t log_cuts;
    _Atomic int64_t connects;
    _Atomic int64_t last_heard_ms;
};

/* Checks the options of all backends; zero means the default. */
MUST_CHECK bool listener_common_init(struct listener_common *common,
                                     const struct event_listener_options *options,
                                     const struct event_listener_ops *ops, struct error *error);
void listener_common_clear(struct listener_common *common); /* the thread has ended */

/* Rows of the table of functions that are the same everywhere. */
bool listener_common_is_connected(struct event_listener *listener, struct error *error);
struct event_listener_counts listener_common_counts(struct event_listener *listener);

/* The rest is for the listener's thread. */
void listener_common_parked(struct listener_common *common, const struct listened *listened);
void listener_common_opened(struct listener_common *common);
void listener_common_lost(struct listener_common *common, const struct error *cause);

/* The log begins at @first, behind what was to be read next. */
void listener_common_log_cut(struct listener_common *common, int64_t wanted, int64_t first);

/* Hand what is due to the handler and note its verdicts. True when there was anything. */
bool listener_common_offer(struct listener_common *common, struct listener_flow *flow,
                           bool from_log);

/* Ask the handler, with back-off, until it can store something; false when the listener is to stop. */
bool listener_common_wait_ready(struct listener_common *common);

#endif
