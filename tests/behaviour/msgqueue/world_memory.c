#include "msgqueue/memory/memory_broker.h"
#include "tests/behaviour/msgqueue/world.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

const char *const world_backend = "memory";

void world_connect(struct world *world)
{
    snprintf(world->url, sizeof(world->url), "memory:%s", world->queue_name);
    world->backend = memory_broker_hold(world->url, NULL);
    cr_assert(world->backend);
}

void world_disconnect(struct world *world)
{
    memory_broker_drop(world->backend);
}

void world_set_away(struct world *world, bool away)
{
    memory_broker_set_away(world->backend, away);
}

int64_t world_count(struct world *world, const char *queue)
{
    return memory_broker_count(world->backend, queue);
}

void world_delete(struct world *world, const char *queue)
{
    memory_broker_delete_queue(world->backend, queue);
}

void world_unbind(struct world *world, const struct topology_queue *queue)
{
    memory_broker_unbind(world->backend, queue->name);
}

void world_publish_bare(struct world *world, const char *key, const char *body)
{
    struct envelope envelope = {.body = body, .body_bytes = strlen(body)};

    snprintf(envelope.name, sizeof(envelope.name), "%s", key);
    cr_assert_eq(memory_broker_publish(world->backend, &envelope), MEMORY_CONFIRMED);
}

bool world_pull(struct world *world, const char *queue, struct pulled *pulled)
{
    struct memory_message *message = memory_broker_pull(world->backend, queue);

    if (!message)
        return false;
    *pulled = (struct pulled){0};
    snprintf(pulled->id, sizeof(pulled->id), "%s", message->envelope.id);
    snprintf(pulled->name, sizeof(pulled->name), "%s", message->envelope.name);
    snprintf(pulled->body, sizeof(pulled->body), "%.*s", (int)message->envelope.body_bytes,
             message->envelope.body);
    snprintf(pulled->reason, sizeof(pulled->reason), "%s", message->reason);
    snprintf(pulled->by, sizeof(pulled->by), "%s", message->by);
    snprintf(pulled->at, sizeof(pulled->at), "%s", message->at);
    pulled->parked_count = message->parked_count;
    memory_broker_let_go(world->backend, message);
    return true;
}
