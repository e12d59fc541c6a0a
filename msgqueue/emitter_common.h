/*
 * What every emitter has, whatever it speaks: the hand-over from any thread into the emitter_window,
 * its own thread, and the counters. A backend's emitter starts with it.
 */
#ifndef EVENTS_MSGQUEUE_EMITTER_COMMON_H
#define EVENTS_MSGQUEUE_EMITTER_COMMON_H

#include "msgqueue/backend.h"
#include "msgqueue/emitter_window.h"
#include "msgqueue/own_thread.h"

struct emitter_common {
    struct event_emitter emitter;
    struct own_thread thread;
    pthread_mutex_t lock; /* guards window, trouble and random */
    struct emitter_window window;
    struct error trouble;             /* why there is no connection */
    _Atomic int64_t blocked_since_ms; /* monotonic; 0: not blocked */
    _Atomic int64_t confirmed;
    _Atomic int64_t returned;
    _Atomic int64_t refused;
    _Atomic int64_t failed;
    _Atomic int64_t connects;
};

/* Checks the options of all backends; zero means the default. */
MUST_CHECK bool emitter_common_init(struct emitter_common *common,
                                    const struct event_emitter_options *options,
                                    const struct event_emitter_ops *ops, struct error *error);

/* Ends the thread and finishes what is left. {0} is fine. */
void emitter_common_clear(struct emitter_common *common);

/* Rows of the table of functions that are the same everywhere. */
MUST_CHECK bool emitter_common_emit(struct event_emitter *emitter, const struct envelope *envelope,
                                    event_emitter_done *done, void *context, struct error *error);
bool emitter_common_is_connected(struct event_emitter *emitter, struct error *error);
struct event_emitter_counts emitter_common_counts(struct event_emitter *emitter);

/* The rest is for the emitter's thread, which holds no lock. */
void emitter_common_opened(struct emitter_common *common);
void emitter_common_lost(struct emitter_common *common, const struct error *cause);

/* The broker asks for silence, or ends it. Under the lock. */
void emitter_common_blocked(struct emitter_common *common, bool blocked);
MUST_CHECK struct emission *emitter_common_send(struct emitter_common *common);

/* Overdue confirms end; then whoever emitted what has ended is told. */
void emitter_common_settle(struct emitter_common *common);

#endif
