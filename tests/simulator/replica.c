#include "tests/simulator/replica.h"

#include "tests/simulator/times.h"
#include "tests/simulator/world.h"

void replica_init(struct replica *replica, struct world *world, int number)
{
    uint32_t life = replica->life;

    *replica = (struct replica){.world = world, .number = number, .life = life};
    replica->skew_ms = chance_below(&world->agenda.chance, 2 * SKEW_MS) - SKEW_MS;
}

void replica_start(struct replica *replica)
{
    replica->is_up = true;
    replica->life++;
    replica->stopped_until_ms = 0;
    replica->ends_ms = INT64_MAX;
    replica->wake_ms = INT64_MAX;
    replica->next_write = STORE_FINE;
    replica->next_read = STORE_FINE;
    replica->next_publish = PUBLISH_FINE;
    commits_start(replica);
    outgoing_start(replica);
    incoming_start(replica);
}

void replica_clear(struct replica *replica)
{
    if (!replica->is_up)
        return;
    replica->is_up = false;
    replica->life++;
    outgoing_end(replica);
    incoming_end(replica);
    commits_end(replica);
}

void replica_crash(struct replica *replica)
{
    broker_close(replica->world, replica->number);
    clients_crashed(replica->world, replica->number);
    replica_clear(replica);
}

void replica_stop(struct replica *replica, int64_t for_ms)
{
    replica->ends_ms = world_now_ms(replica->world) + for_ms;
    outgoing_finish(replica);
    listener_flow_stop(&replica->in.flow);
    listener_flow_stop(&replica->in.reading.reader.flow);
}

/* The rounds have ended: who still waits is told, and the process is gone. */
static void end(struct replica *replica)
{
    struct world *world = replica->world;

    commits_give_up(replica);
    replica_crash(replica);
    world_add(world, (struct happening){.at_ms = world_now_ms(world) + 1,
                                        .kind = HAPPENS_START,
                                        .replica = -1,
                                        .what = replica->number});
}

int64_t replica_wall_ms(const struct replica *replica)
{
    return WALL_BASE_MS + replica->skew_ms + world_now_ms(replica->world);
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static void plan_to_wake(struct replica *replica)
{
    int64_t due_ms = earlier(outgoing_due_ms(replica), incoming_due_ms(replica));

    if (world_now_ms(replica->world) < replica->ends_ms) /* else there are no more rounds */
        due_ms = earlier(due_ms, earlier(roster_due_ms(&replica->roster), replica->ends_ms));
    if (due_ms >= replica->wake_ms)
        return;
    replica->wake_ms = due_ms;
    world_add(replica->world, (struct happening){.at_ms = due_ms,
                                                 .kind = HAPPENS_WAKE,
                                                 .replica = replica->number,
                                                 .life = replica->life});
}

void replica_look_around(struct replica *replica)
{
    if (!replica->is_up)
        return;
    incoming_go_on(replica);
    commits_go_on(replica);
    outgoing_go_on(replica);
    if (world_now_ms(replica->world) >= replica->ends_ms && commits_are_idle(replica))
        end(replica);
    else
        plan_to_wake(replica);
}

void replica_replied(struct replica *replica, const struct request *request)
{
    switch (request->asker) {
    case ASKER_KEEPER:
        outgoing_replied(replica, request);
        break;
    case ASKER_CONSUMER:
        incoming_replied(replica, request);
        break;
    case ASKER_READER:
        reading_replied(replica, request);
        break;
    default:
        commits_replied(replica, request);
        break;
    }
}

bool replica_is_quiet(const struct replica *replica)
{
    return replica->is_up && replica->roster.n_at_work == 0 && outgoing_is_quiet(replica) &&
           listener_flow_is_empty(&replica->in.flow) && replica->in.n_offered == 0 &&
           replica->in.reading.stage == READING_NOT;
}
