/*
 * The world around a relay, under a test's control: an emitter that keeps what it is given until the test
 * says how it ends, and a store of numbered items that can refuse, wait and lose. Any thread. Its own memory
 * is not of those allocations that are told to fail (base/memory.h): the world stands, whatever the relay lacks.
 */
#ifndef EVENTS_TESTS_RELAY_WORLD_H
#define EVENTS_TESTS_RELAY_WORLD_H

#include "msgqueue/backend.h"
#include "service/relay.h"

#include <pthread.h>

enum {
    WORLD_ITEMS_MAX = 20000,
    WORLD_ROOM_MAX = 4096
};

/* A message that the emitter holds. */
struct world_message {
    int64_t number; /* of the item */
    size_t index;   /* of the message in it */
    event_emitter_done *done;
    void *context;
};

struct world {
    struct event_emitter emitter;
    pthread_mutex_t lock; /* of all below */
    pthread_cond_t changed;

    struct world_message held[WORLD_ROOM_MAX]; /* a ring, the oldest first */
    size_t first;
    size_t n_held;
    size_t room;      /* messages the emitter takes; at most WORLD_ROOM_MAX */
    bool closed;      /* no more messages will come */
    size_t n_emitted; /* ever */
    size_t n_refused; /* ever */

    bool exists[WORLD_ITEMS_MAX]; /* unmarked in the store */
    size_t n_messages;            /* of each item that the sweep finds */
    size_t n_marked;              /* ever, repeats not counted */
    size_t n_mark_calls;
    size_t n_sweeps;
    size_t fail_marks; /* so many more calls fail */
    size_t fail_sweeps;
    size_t fail_envelopes;
    bool hold_marks; /* calls wait until this is false */

    size_t n_alive; /* items that are not freed yet */
};

struct world *world_new(void);
void world_free(struct world *world);

/* Options of a relay on this world, with sweeps far away. */
struct relay_options world_options(struct world *world);

/* Commit an item and make what is handed over for it. */
struct relay_item *world_commit(struct world *world, int64_t number, size_t n_messages);

/* End the oldest @n messages that the emitter holds or will hold: confirmed with ERROR_NONE. */
void world_finish(struct world *world, size_t n, enum error_code code);

/* Take the oldest message, when there is one, to end it later; false when the emitter is closed and holds none. */
bool world_take_next(struct world *world, struct world_message *message);

/* End the oldest message, when there is one; false when the emitter is closed and holds none. */
bool world_finish_next(struct world *world, enum error_code code);

/* Wait until @condition, which may use world->..., holds; give up loudly after ten seconds. */
#define WORLD_WAIT(world, condition)                                                               \
    do {                                                                                           \
        pthread_mutex_lock(&(world)->lock);                                                        \
        while (!(condition))                                                                       \
            world_wait(world, #condition);                                                         \
        pthread_mutex_unlock(&(world)->lock);                                                      \
    } while (0)
void world_wait(struct world *world, const char *condition);

/* Change something under the lock. */
#define WORLD_SET(world, assignment)                                                               \
    do {                                                                                           \
        pthread_mutex_lock(&(world)->lock);                                                        \
        assignment;                                                                                \
        pthread_cond_broadcast(&(world)->changed);                                                 \
        pthread_mutex_unlock(&(world)->lock);                                                      \
    } while (0)

#endif
