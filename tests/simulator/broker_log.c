/* The log of the broker, who reads it, and what the queue loses. */
#include "tests/simulator/broker.h"
#include "tests/simulator/world.h"

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* What there is goes out a piece at a time. */
static void feed(struct world *world, int replica)
{
    struct log_link *link = &world->broker.log_links[replica];

    if (link->connection == 0 || link->is_sending || link->next >= world->broker.log_end ||
        link->n_unsettled > PREFETCH)
        return;
    link->is_sending = true;
    world_add(world,
              (struct happening){.at_ms = later(world_now_ms(world) + agenda_way_ms(&world->agenda),
                                                world->broker.log_stalls_until_ms),
                                 .kind = HAPPENS_LOGGED,
                                 .replica = replica,
                                 .life = world->replicas[replica].life,
                                 .more = link->connection});
}

static int64_t append(struct world *world, struct logged logged)
{
    struct broker *broker = &world->broker;

    if (broker->log_end == LOG_MAX) {
        world_fail(world, "the simulator has no room for another message in the log");
        return LOG_MAX - 1;
    }
    broker->log[broker->log_end++] = logged;
    for (int i = 0; i < world->plan->n_replicas; i++)
        feed(world, i);
    return broker->log_end - 1;
}

int64_t broker_log(struct world *world, int row)
{
    return append(world, (struct logged){.row = row});
}

bool broker_put_marker(struct world *world, uint32_t round, enum log_marker marker)
{
    if (world_now_ms(world) < world->broker.away_until_ms)
        return false;
    (void)append(world, (struct logged){.row = -1, .round = round, .marker = marker});
    return true;
}

/* ---- readers ---- */

uint32_t broker_open_log(struct world *world, int replica, int64_t from)
{
    struct broker *broker = &world->broker;
    struct log_link *link = &broker->log_links[replica];
    int64_t next = later(from, broker->log_first);

    if (world_now_ms(world) < broker->away_until_ms)
        return 0;
    if (next > broker->log_end)
        next = broker->log_end;
    if (next > broker->log_first) /* pieces come whole: what is before it comes as well */
        next -= chance_below(&world->agenda.chance, 2);
    *link = (struct log_link){.connection = ++broker->n_connections, .next = next};
    feed(world, replica);
    return link->connection;
}

void broker_close_log(struct world *world, int replica)
{
    world->broker.log_links[replica].connection = 0;
}

void broker_cut_log(struct world *world, int replica)
{
    struct log_link *link = &world->broker.log_links[replica];

    if (link->connection == 0)
        return;
    broker_tell_of_break(world, replica, link->connection);
    link->connection = 0;
}

const struct logged *broker_next_logged(struct world *world, int replica, int64_t *offset)
{
    struct log_link *link = &world->broker.log_links[replica];

    if (link->connection == 0 || link->next >= world->broker.log_end)
        return NULL;
    link->is_sending = false;
    link->n_unsettled++;
    *offset = link->next++;
    return &world->broker.log[*offset];
}

void broker_settle_log(struct world *world, int replica, int n)
{
    world->broker.log_links[replica].n_unsettled -= n;
    feed(world, replica);
}

/* Whoever was about to read what goes is told that it is gone. */
void broker_retain(struct world *world, int n)
{
    struct broker *broker = &world->broker;

    broker->log_first = later(broker->log_first, broker->log_end - n);
    for (int i = 0; i < world->plan->n_replicas; i++) {
        if (broker->log_links[i].next < broker->log_first)
            broker_cut_log(world, i);
    }
}

/* ---- what the queue does not have ---- */

void broker_miss(struct world *world, int row, int64_t offset)
{
    struct broker *broker = &world->broker;

    SEE(world, SIGHT_MISSED);
    broker->is_missed[row] = true;
    broker->missed_end = later(broker->missed_end, offset + 1);
}

bool broker_declare(struct world *world)
{
    struct broker *broker = &world->broker;

    broker->is_bound = true;
    for (size_t i = 0; i < broker->n_queued; i++) {
        if (broker->queue[i].state == QUEUED_READY)
            return false;
    }
    return true;
}

void broker_unbind(struct world *world)
{
    world->broker.is_bound = false;
}

/* Its consumers are told. */
void broker_delete_queue(struct world *world)
{
    struct broker *broker = &world->broker;

    broker->is_bound = false;
    for (size_t i = 0; i < broker->n_queued; i++) {
        struct queued *queued = &broker->queue[i];

        if (queued->state == QUEUED_GONE)
            continue;
        queued->state = QUEUED_GONE;
        broker_miss(world, queued->row, queued->offset);
    }
    for (int i = 0; i < world->plan->n_replicas; i++) {
        if (broker->is_consuming[i])
            broker_cut_consumer(world, i);
    }
}
