/*
 * A queue or a log of the broker in memory. Everything here is called with the broker's lock held.
 *
 * Entries stay in their place while a consumer holds them, so what is given back is delivered again in
 * the old order, as quorum queues do. A log is a queue that nobody takes from.
 */
#ifndef EVENTS_MSGQUEUE_MEMORY_QUEUE_H
#define EVENTS_MSGQUEUE_MEMORY_QUEUE_H

#include "msgqueue/memory/memory_broker.h"

enum {
    MEMORY_QUEUE_NAME_BYTES = 256
};

struct memory_entry {
    struct memory_message *message;
    const struct memory_connection *holder; /* NULL: ready */
    uint64_t tag;
    int64_t delivery_count;
};

struct memory_queue {
    struct memory_queue *next;
    char name[MEMORY_QUEUE_NAME_BYTES];
    const char *const *keys; /* bindings, borrowed; NULL: none */
    struct memory_entry *entries;
    size_t n_entries;
    size_t n_places;
};

MUST_CHECK struct memory_message *memory_message_new(const struct envelope *envelope,
                                                     struct error *error);
void memory_message_let_go(struct memory_message *message);

MUST_CHECK struct memory_queue *memory_queue_new(const char *name, struct error *error);
void memory_queue_free(struct memory_queue *queue);

bool memory_queue_wants(const struct memory_queue *queue, const char *key);
int64_t memory_queue_ready(const struct memory_queue *queue);

/* False when it is full or there is no memory. */
MUST_CHECK bool memory_queue_put(struct memory_queue *queue, struct memory_message *message);
struct memory_message *memory_queue_take(struct memory_queue *queue,
                                         const struct memory_connection *holder, uint64_t tag,
                                         int64_t *delivery_count);
void memory_queue_remove(struct memory_queue *queue, const struct memory_connection *holder,
                         uint64_t tag, bool multiple);

/* True when it held anything. */
bool memory_queue_give_back(struct memory_queue *queue, const struct memory_connection *holder);
const struct memory_message *memory_queue_held(const struct memory_queue *queue,
                                               const struct memory_connection *holder,
                                               uint64_t tag);
struct memory_message *memory_queue_at(const struct memory_queue *queue, int64_t offset);

/* The first, out of the queue; the caller lets it go. */
struct memory_message *memory_queue_pull(struct memory_queue *queue);

#endif
