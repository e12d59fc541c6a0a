/*
 * The world of one test: a broker of the backend under test, a queue and a log of this test alone, and
 * the hands of an operator or a foreign program. Failing to do what is asked fails the test.
 */
#ifndef EVENTS_TESTS_BEHAVIOUR_MSGQUEUE_WORLD_H
#define EVENTS_TESTS_BEHAVIOUR_MSGQUEUE_WORLD_H

#include "base/clock.h"
#include "msgqueue/event_emitter.h"
#include "msgqueue/event_listener.h"
#include "tests/behaviour/msgqueue/hearing.h"

#include <poll.h>

enum {
    WORLD_NAME_BYTES = 48,
    WORLD_DEADLINE_MS = 90000
};

struct world {
    char url[1024];
    char created[WORLD_NAME_BYTES]; /* names of messages that the queues and the log take */
    char removed[WORLD_NAME_BYTES];
    char unbound[WORLD_NAME_BYTES]; /* and of one that nothing takes */
    char queue_name[WORLD_NAME_BYTES];
    char second_name[WORLD_NAME_BYTES];
    char log_name[WORLD_NAME_BYTES];
    char dead_name[WORLD_NAME_BYTES];
    const char *keys[3];
    struct topology_queue queue;
    struct topology_queue second; /* another subscriber's */
    struct topology_queue log;
    void *backend; /* of world_<backend>.c */
};

/* Names of its own, and a backend that is connected; afterwards everything it made is deleted. */
void world_open(struct world *world);
void world_close(struct world *world);

#define WORLD_VAR CLEANUP(world_close) struct world
#define EMITTER_VAR CLEANUP(event_emitter_freep) struct event_emitter *
#define LISTENER_VAR CLEANUP(event_listener_freep) struct event_listener *

/* An emitter or a listener; _connected waits until it is. */
struct event_emitter *world_emitter(struct world *world);
struct event_emitter *world_connected_emitter(struct world *world);
struct event_listener_options world_listener_options(struct world *world, struct hearing *hearing);
struct event_listener *world_listener(const struct event_listener_options *options);
struct event_listener *world_connected_listener(struct world *world, struct hearing *hearing);

/* Emit message number @id of this name; how it ends is counted in @endings (NULL: nobody asks). */
struct endings {
    _Atomic int n_published;
    _Atomic int n_unroutable;
    _Atomic int n_unavailable;
};
void world_emit(struct event_emitter *emitter, const char *name, int id, const char *body,
                struct endings *endings);
int world_ended(const struct endings *endings); /* how many, however */
event_emitter_done world_note_ending;           /* the context: endings */

/*
 * Emit messages @first to @last, or one with this body, and wait until they are published. What is refused is
 * emitted once more.
 */
void world_publish(struct event_emitter *emitter, const char *name, int first, int last);
void world_publish_body(struct event_emitter *emitter, const char *name, int id, const char *body);

/* Wait for a condition, up to a deadline that no working program comes near. */
#define EVENTUALLY(condition)                                                                      \
    do {                                                                                           \
        int64_t until_ms_ = clock_monotonic_ms() + WORLD_DEADLINE_MS;                              \
        while (!(condition) && clock_monotonic_ms() < until_ms_)                                   \
            (void)poll(NULL, 0, 2);                                                                \
        cr_assert(condition, "never came true: %s", #condition);                                   \
    } while (0)

/* The rest is the backend's. */
extern const char *const world_backend; /* "amqp" or "memory" */
void world_connect(struct world *world);
void world_disconnect(struct world *world);

/* Cut every connection, and let none be made until it is back. */
void world_set_away(struct world *world, bool away);

/* -1: there is no such queue. What a listener holds may or may not be in it. */
int64_t world_count(struct world *world, const char *queue);
void world_delete(struct world *world, const char *queue);
void world_unbind(struct world *world, const struct topology_queue *queue);

/* A foreign program publishes without any property. */
void world_publish_bare(struct world *world, const char *key, const char *body);

/* The first message of a queue, taken out. False when it is empty. */
struct pulled {
    char id[MESSAGE_ID_BYTES];
    char name[MESSAGE_NAME_BYTES];
    char body[256];
    char reason[DELIVERY_REASON_BYTES];
    char by[128];
    char at[64];
    int64_t parked_count;
};
bool world_pull(struct world *world, const char *queue, struct pulled *pulled);

#endif
