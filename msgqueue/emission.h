/*
 * One message on its way out: a copy of what was handed over and how it ended. Made in the thread that
 * emits, finished in the emitter's thread. Between the two it lies in exactly one list of the
 * emitter_window.
 */
#ifndef EVENTS_MSGQUEUE_EMISSION_H
#define EVENTS_MSGQUEUE_EMISSION_H

#include "msgqueue/event_emitter.h"

enum emission_end {
    EMISSION_CONFIRMED,
    EMISSION_RETURNED, /* confirmed, and reported as unroutable before that */
    EMISSION_REFUSED,  /* the broker said no */
    EMISSION_OVERDUE,  /* neither confirm nor refusal in time */
    EMISSION_LOST,     /* the connection broke, or the emitter stopped */
};

struct emission {
    struct envelope envelope; /* the body lies behind this struct */
    event_emitter_done *done;
    void *context;

    /* Of the emitter_window alone. */
    struct emission *next;
    uint64_t tag;
    int64_t sent_ms;
    bool returned;
    enum emission_end end;
};

MUST_CHECK struct emission *emission_new(const struct envelope *envelope, event_emitter_done *done,
                                         void *context, struct error *error);
void emission_free(struct emission *emission);
DEFINE_FREEP(emission_free, struct emission)

/* Tell whoever emitted it how it ended, and free it. */
void emission_finish(struct emission *emission);

#endif
