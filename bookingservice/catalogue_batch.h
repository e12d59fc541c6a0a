/*
 * A batch of messages about the catalogue, between listener, copy and ledgers: what each message wants of
 * them, and what becomes of it once they have answered. A message is acknowledged when both have it: copy
 * and ledger each know by the version what they already have, so repeats and disorder do no harm, and
 * each may be ahead of the other after a crash. No store, thread or clock; one thread at a time.
 *
 * In this order: catalogue_batch_read(), all of it brought into the copy, and, when that has worked, the events taken
 * over by their ledgers, and the end told.
 */
#ifndef EVENTS_BOOKINGSERVICE_CATALOGUE_BATCH_H
#define EVENTS_BOOKINGSERVICE_CATALOGUE_BATCH_H

#include "ledger/ledger.h"
#include "msgqueue/event_listener.h"
#include "service/copy_batch.h"

struct catalogue_batch {
    struct copy_batch copy;
    struct ledger_change *changes; /* to be taken over; owned; [i]: of event [i] of the copy */
};

/*
 * Sort @deliveries into an empty batch, which keeps pointers to them. What cannot be read has its verdict
 * at once. ERROR_MEMORY: nothing is read, and every verdict stays what it was.
 */
MUST_CHECK bool catalogue_batch_read(struct catalogue_batch *batch, struct delivery *deliveries,
                                     size_t n_deliveries, struct error *error);
void catalogue_batch_clear(struct catalogue_batch *batch); /* {0} is fine */

/* The copy has all, and changes[i] says for each event what its ledger made of it (taken_over, changed, code). */
void catalogue_batch_end(struct catalogue_batch *batch);

#endif
