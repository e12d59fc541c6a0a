/*
 * Messages about the catalogue, sorted into what they want of a copy. Messages and models are different
 * structs on purpose; here one becomes the other. No store, thread or clock, except where it says so; one
 * thread at a time.
 */
#ifndef EVENTS_SERVICE_COPY_BATCH_H
#define EVENTS_SERVICE_COPY_BATCH_H

#include "contracts/envelope.h"
#include "msgqueue/event_listener.h"
#include "persistence/copy_store.h"

/* Arrays are owned, with room for as many of each as there are messages; [i] of each belong together. */
struct copy_batch {
    size_t n_locations;
    struct location *locations;
    struct copy_location *location_copies; /* to be put into the copy */
    struct delivery **location_deliveries; /* borrowed; NULL where none was given */

    size_t n_events;
    struct event *events;
    struct copy_event *event_copies;    /* likewise */
    struct delivery **event_deliveries; /* likewise */
};

/* Room for @n_max messages in an empty batch. ERROR_MEMORY, and it is empty still. */
MUST_CHECK bool copy_batch_make(struct copy_batch *batch, size_t n_max, struct error *error);
void copy_batch_empty(struct copy_batch *batch); /* the room stays */
void copy_batch_clear(struct copy_batch *batch); /* {0} is fine */

/*
 * Add one message, for which there is room; @delivery, which it came by, may be NULL. ERROR_INVALID and
 * the other errors of message_decode(), ERROR_UNSUPPORTED when it says nothing of the catalogue,
 * ERROR_MEMORY: nothing was added.
 */
MUST_CHECK bool copy_batch_take(struct copy_batch *batch, const struct envelope *envelope,
                                struct delivery *delivery, struct error *error);

/* Add all that can be read; what cannot has its verdict at once. */
void copy_batch_read(struct copy_batch *batch, struct delivery *deliveries, size_t n_deliveries);

/*
 * Bring it into the copy: locations first, so that an event is never shown without the one that came
 * before it. Errors and waiting are those of the store; after a failure a part may be there.
 */
MUST_CHECK bool copy_batch_put(struct copy_batch *batch, struct copy_store *copy,
                               struct error *error);

/* The copy has all of them: each location, or event, is taken. */
void copy_batch_end_locations(struct copy_batch *batch);
void copy_batch_end_events(struct copy_batch *batch);

#endif
