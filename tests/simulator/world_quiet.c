/* When a run is over: nobody has anything left to do, and nothing waits anywhere. */
#include "tests/simulator/world.h"

static bool all_published(const struct world *world)
{
    for (int event = 0; event < world->plan->n_events; event++) {
        for (int64_t s = 0; s < world->store.n_entries[event]; s++) {
            const struct stored *stored = &world->store.entries[event][s];

            if (world->store.is_there[event][s] && (!stored->has_majority || !stored->is_published))
                return false;
        }
    }
    return true;
}

static bool queue_is_empty(const struct broker *broker)
{
    for (size_t i = 0; i < broker->n_queued; i++) {
        if (broker->queue[i].state != QUEUED_GONE)
            return false;
    }
    return true;
}

/* What the queue does not have was read by somebody. */
static bool log_is_read(const struct world *world)
{
    return world->store.offset >= world->broker.missed_end;
}

static bool announcements_are_to_come(const struct world *world)
{
    for (size_t i = 0; i < world->agenda.n; i++) {
        if (world->agenda.heap[i].kind == HAPPENS_ANNOUNCE)
            return true;
    }
    return false;
}

bool world_is_quiet(const struct world *world)
{
    if (world->n_rows_left > 0 || world->clients.n_open > 0 || world->clients.n_retries > 0 ||
        world->network.n_under_way > 0)
        return false;
    for (int i = 0; i < world->plan->n_replicas; i++) {
        if (!replica_is_quiet(&world->replicas[i]))
            return false;
    }
    return all_published(world) && queue_is_empty(&world->broker) && log_is_read(world) &&
           !announcements_are_to_come(world);
}
