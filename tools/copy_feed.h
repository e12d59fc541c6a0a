/*
 * Messages of the catalogue's log into a copy, as the booking service takes them, in batches. What
 * cannot be understood is left out, as there. One thread.
 */
#ifndef EVENTS_TOOLS_COPY_FEED_H
#define EVENTS_TOOLS_COPY_FEED_H

#include "contracts/envelope.h"
#include "service/copy_batch.h"

enum {
    COPY_FEED_BATCH = 256 /* while one is written, the broker sends as many */
};

struct copy_feed {
    struct copy_store *store; /* borrowed: where to */
    struct copy_batch batch;
    int64_t n_taken;    /* messages that were understood */
    int64_t n_left_out; /* and that were not */
};

MUST_CHECK bool copy_feed_open(struct copy_feed *feed, struct error *error);
void copy_feed_close(struct copy_feed *feed);

/* Writes when a batch is full. */
MUST_CHECK bool copy_feed_take(struct copy_feed *feed, const struct envelope *envelope,
                               struct error *error);

/* Durable when true comes back. */
MUST_CHECK bool copy_feed_flush(struct copy_feed *feed, struct error *error);

#endif
