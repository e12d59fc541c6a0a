#include "tests/behaviour/msgqueue/world.h"

#include "base/clock.h"
#include "base/random.h"

#include <criterion/criterion.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void name(char *text, const char *unique, const char *suffix)
{
    snprintf(text, WORLD_NAME_BYTES, "test-%s%s", unique, suffix);
}

static void name_all(struct world *world, const char *unique)
{
    name(world->created, unique, ".created");
    name(world->removed, unique, ".removed");
    name(world->unbound, unique, ".unbound");
    name(world->queue_name, unique, "");
    name(world->second_name, unique, "-second");
    name(world->log_name, unique, ".log");
    name(world->dead_name, unique, TOPOLOGY_DEAD_SUFFIX);
    world->keys[0] = world->created;
    world->keys[1] = world->removed;
    world->queue = (struct topology_queue){world->queue_name, world->keys};
    world->second = (struct topology_queue){world->second_name, world->keys};
    world->log = (struct topology_queue){world->log_name, world->keys};
}

void world_open(struct world *world)
{
    char unique[24];

    cr_assert(random_init(NULL));
    snprintf(unique, sizeof(unique), "%016llx", (unsigned long long)random_u64());
    name_all(world, unique);
    world_connect(world);
}

void world_close(struct world *world)
{
    char second_dead[WORLD_NAME_BYTES + 8];

    snprintf(second_dead, sizeof(second_dead), "%s%s", world->second_name, TOPOLOGY_DEAD_SUFFIX);
    world_delete(world, world->queue_name);
    world_delete(world, world->dead_name);
    world_delete(world, world->second_name);
    world_delete(world, second_dead);
    world_delete(world, world->log_name);
    world_disconnect(world);
}

struct event_emitter *world_emitter(struct world *world)
{
    const struct event_emitter_options options = {
        .backend = world_backend,
        .url = world->url,
        .connection_name = "test#emitter",
    };
    struct event_emitter *emitter = NULL;
    struct error error = {0};

    cr_assert(event_emitter_open(&options, &emitter, &error), "%s", error.text);
    return emitter;
}

struct event_emitter *world_connected_emitter(struct world *world)
{
    struct event_emitter *emitter = world_emitter(world);

    EVENTUALLY(event_emitter_is_connected(emitter));
    return emitter;
}

struct event_listener_options world_listener_options(struct world *world, struct hearing *hearing)
{
    return (struct event_listener_options){
        .backend = world_backend,
        .url = world->url,
        .connection_name = "test#consumer",
        .queue = &world->queue,
        .log = &world->log,
        .handler = hearing_handler(hearing),
    };
}

struct event_listener *world_listener(const struct event_listener_options *options)
{
    struct event_listener *listener = NULL;
    struct error error = {0};

    cr_assert(event_listener_open(options, &listener, &error), "%s", error.text);
    return listener;
}

struct event_listener *world_connected_listener(struct world *world, struct hearing *hearing)
{
    const struct event_listener_options options = world_listener_options(world, hearing);
    struct event_listener *listener = world_listener(&options);

    EVENTUALLY(event_listener_is_connected(listener));
    return listener;
}

void world_note_ending(void *context, const struct error *error)
{
    struct endings *endings = context;

    if (!endings)
        return;
    if (!error)
        endings->n_published++;
    else if (error->code == ERROR_NOT_FOUND)
        endings->n_unroutable++;
    else
        endings->n_unavailable++;
}

int world_ended(const struct endings *endings)
{
    return endings->n_published + endings->n_unroutable + endings->n_unavailable;
}

void world_emit(struct event_emitter *emitter, const char *message_name, int id, const char *body,
                struct endings *endings)
{
    struct envelope envelope = {.source = "tester",
                                .subject = "0123456789abcdef01234567",
                                .time_ms = clock_wall_ms(),
                                .body = body,
                                .body_bytes = strlen(body)};
    struct error error = {0};

    snprintf(envelope.id, sizeof(envelope.id), "%d", id);
    snprintf(envelope.name, sizeof(envelope.name), "%s", message_name);
    cr_assert(event_emitter_emit(emitter, &envelope, world_note_ending, endings, &error), "%s",
              error.text);
}

/* What was refused is sent again, as whoever has committed it does. */
static void see_published(struct event_emitter *emitter, const char *message_name, int id,
                          const char *body, struct endings *endings)
{
    EVENTUALLY(world_ended(endings) == 1);
    if (endings->n_unavailable == 1)
        world_emit(emitter, message_name, id, body, endings);
    EVENTUALLY(endings->n_published == 1);
}

void world_publish_body(struct event_emitter *emitter, const char *message_name, int id,
                        const char *body)
{
    struct endings endings = {0};

    world_emit(emitter, message_name, id, body, &endings);
    see_published(emitter, message_name, id, body, &endings);
}

void world_publish(struct event_emitter *emitter, const char *message_name, int first, int last)
{
    struct endings *endings = calloc((size_t)(last - first + 1), sizeof(*endings));

    cr_assert(endings);
    for (int id = first; id <= last; id++)
        world_emit(emitter, message_name, id, "{}", &endings[id - first]);
    for (int id = first; id <= last; id++)
        see_published(emitter, message_name, id, "{}", &endings[id - first]);
    free(endings);
}
