#include "relay_world.h"

#include "base/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    PATIENCE_S = 10
};

static const char body[] = "{}"; /* of every message */

/* ---- the emitter ---- */

static bool emit(struct event_emitter *emitter, const struct envelope *envelope,
                 event_emitter_done *done, void *context, struct error *error)
{
    struct world *world = CONTAINER_OF(emitter, struct world, emitter);
    struct world_message message = {.done = done, .context = context};
    bool taken;

    if (sscanf(envelope->id, "%" SCNd64 ":%zu", &message.number, &message.index) != 2 ||
        envelope->body_bytes != strlen(body) || memcmp(envelope->body, body, strlen(body)) != 0)
        abort();
    pthread_mutex_lock(&world->lock);
    taken = world->n_held < world->room;
    if (taken) {
        world->held[(world->first + world->n_held++) % WORLD_ROOM_MAX] = message;
        world->n_emitted++;
    } else {
        world->n_refused++;
    }
    pthread_cond_broadcast(&world->changed);
    pthread_mutex_unlock(&world->lock);
    return taken || error_set(error, ERROR_BUSY, "no room");
}

static bool is_connected(struct event_emitter *emitter, struct error *error)
{
    (void)emitter;
    (void)error;
    return true;
}

static struct event_emitter_counts counts(struct event_emitter *emitter)
{
    (void)emitter;
    return (struct event_emitter_counts){
        .returned = 1, .failed = 2, .connects = 3, .refused = 4, .blocked_ms = 5500};
}

static const struct event_emitter_ops ops = {
    .emit = emit, .is_connected = is_connected, .counts = counts};

bool world_take_next(struct world *world, struct world_message *message)
{
    bool taken;

    pthread_mutex_lock(&world->lock);
    while (world->n_held == 0 && !world->closed)
        world_wait(world, "a message is held");
    taken = world->n_held > 0;
    if (taken) {
        *message = world->held[world->first];
        world->first = (world->first + 1) % WORLD_ROOM_MAX;
        world->n_held--;
    }
    pthread_mutex_unlock(&world->lock);
    return taken;
}

bool world_finish_next(struct world *world, enum error_code code)
{
    struct world_message message;
    struct error error = {0};

    if (!world_take_next(world, &message))
        return false;
    error_set(&error, code, "told to fail");
    message.done(message.context, code == ERROR_NONE ? NULL : &error);
    return true;
}

void world_finish(struct world *world, size_t n, enum error_code code)
{
    for (size_t i = 0; i < n; i++) {
        if (!world_finish_next(world, code))
            abort();
    }
}

/* ---- the store ---- */

static struct relay_item *make_item(struct world *world, int64_t number, size_t n_messages)
{
    struct relay_item *item = calloc(1, sizeof(*item));

    if (!item)
        abort();
    *item = (struct relay_item){
        .key = {.number = number}, .n_messages = n_messages, .committed_ms = clock_wall_ms()};
    WORLD_SET(world, world->n_alive++);
    return item;
}

struct relay_item *world_commit(struct world *world, int64_t number, size_t n_messages)
{
    WORLD_SET(world, world->exists[number] = true);
    return make_item(world, number, n_messages);
}

/* Count @left down; true as long as there was something to count. */
static bool takes_one(struct world *world, size_t *left)
{
    bool taken;

    pthread_mutex_lock(&world->lock);
    taken = *left > 0;
    if (taken)
        (*left)--;
    pthread_mutex_unlock(&world->lock);
    return taken;
}

static bool write_envelope(void *context, const struct relay_item *item, size_t index,
                           struct buffer *text, struct envelope *envelope, struct error *error)
{
    struct world *world = context;

    if (takes_one(world, &world->fail_envelopes))
        return error_set(error, ERROR_MEMORY, "no memory for it");
    *envelope = (struct envelope){.name = "event.booked"};
    (void)snprintf(envelope->id, sizeof(envelope->id), "%" PRId64 ":%zu", item->key.number, index);
    buffer_text(text, body);
    if (!buffer_ok(text, error))
        return false;
    envelope->body = text->data;
    envelope->body_bytes = text->size_bytes;
    return true;
}

static bool mark(void *context, struct relay_item *const marked[], size_t n_items,
                 struct error *error)
{
    struct world *world = context;

    WORLD_SET(world, world->n_mark_calls++);
    WORLD_WAIT(world, !world->hold_marks);
    if (takes_one(world, &world->fail_marks))
        return error_set(error, ERROR_UNAVAILABLE, "the store is away");
    for (size_t i = 0; i < n_items; i++) {
        bool *exists = &world->exists[marked[i]->key.number];

        WORLD_SET(world, world->n_marked += *exists; *exists = false);
    }
    return true;
}

static bool unpublished(void *context, size_t limit, struct relay *relay, struct error *error)
{
    struct world *world = context;

    if (takes_one(world, &world->fail_sweeps))
        return error_set(error, ERROR_UNAVAILABLE, "the store is away");
    for (int64_t number = 0; number < WORLD_ITEMS_MAX && limit > 0; number++) {
        bool exists;

        pthread_mutex_lock(&world->lock);
        exists = world->exists[number];
        pthread_mutex_unlock(&world->lock);
        if (!exists)
            continue;
        if (!relay_offer(relay, make_item(world, number, world->n_messages)))
            return false;
        limit--;
    }
    WORLD_SET(world, world->n_sweeps++);
    return true;
}

/* What the callback is given has no context, so there is one world at a time. */
static struct world *only_world;

static void free_item(struct relay_item *item)
{
    free(item);
    WORLD_SET(only_world, only_world->n_alive--);
}

/* ---- the whole ---- */

struct world *world_new(void)
{
    struct world *world = calloc(1, sizeof(*world));
    pthread_condattr_t monotonic;

    if (!world || only_world)
        abort();
    world->emitter.ops = &ops;
    world->room = WORLD_ROOM_MAX;
    world->n_messages = 1;
    pthread_mutex_init(&world->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&world->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    only_world = world;
    return world;
}

void world_free(struct world *world)
{
    only_world = NULL;
    pthread_cond_destroy(&world->changed);
    pthread_mutex_destroy(&world->lock);
    free(world);
}

struct relay_options world_options(struct world *world)
{
    return (struct relay_options){
        .source = {.envelope = write_envelope,
                   .mark = mark,
                   .unpublished = unpublished,
                   .free_item = free_item,
                   .context = world},
        .emitter = &world->emitter,
        .sweep_every_ms = 3600 * 1000,
    };
}

void world_wait(struct world *world, const char *condition)
{
    struct timespec until;

    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += PATIENCE_S;
    if (pthread_cond_timedwait(&world->changed, &world->lock, &until) == 0)
        return;
    (void)fprintf(stderr, "waited in vain until %s\n", condition);
    abort();
}
