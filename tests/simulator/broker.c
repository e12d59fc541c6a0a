#include "tests/simulator/broker.h"

#include "tests/simulator/times.h"
#include "tests/simulator/world.h"

#include <string.h>

void channel_clear(struct channel *channel)
{
    channel->first = 0;
    channel->n = 0;
}

bool channel_push(struct channel *channel, int item)
{
    if (channel->n == CHANNEL_MAX)
        return false;
    channel->items[(channel->first + channel->n++) % CHANNEL_MAX] = item;
    return true;
}

bool channel_pop(struct channel *channel, int *item)
{
    if (channel->n == 0)
        return false;
    *item = channel->items[channel->first++ % CHANNEL_MAX];
    channel->n--;
    return true;
}

void broker_init(struct broker *broker)
{
    broker->away_until_ms = 0;
    broker->n_wires = 0;
    broker->n_settlings = 0;
    broker->n_seen = 0;
    broker->n_queued = 0;
    memset(broker->parked, 0, sizeof(broker->parked));
    memset(broker->is_missed, 0, sizeof(broker->is_missed));
    memset(broker->log_links, 0, sizeof(broker->log_links));
    broker->is_bound = false;
    broker->log_stalls_until_ms = 0;
    broker->log_first = 0;
    broker->log_end = 0;
    broker->n_rounds = 0;
    broker->missed_end = 0;
    for (int i = 0; i < REPLICAS_MAX; i++) {
        broker->publishers[i] = 0;
        broker->consumers[i] = 0;
        channel_clear(&broker->to_broker[i]);
        channel_clear(&broker->from_broker[i]);
        channel_clear(&broker->deliveries[i]);
        channel_clear(&broker->settlements[i]);
    }
}

/* One of several things that follow each other on a connection. */
static void on_the_way(struct world *world, struct channel *channel, int item,
                       struct happening happening)
{
    if (!channel_push(channel, item)) {
        world_fail(world, "the simulator has no room for another message on a connection");
        return;
    }
    happening.at_ms = world_now_ms(world) + agenda_way_ms(&world->agenda);
    world_add(world, happening);
}

static void keep_seen(struct world *world, const struct wire *wire)
{
    struct broker *broker = &world->broker;

    for (size_t i = 0; i < broker->n_seen; i++) {
        struct seen *seen = &broker->seen[i];

        if (seen->id_hash != wire->id_hash)
            continue;
        seen->times++;
        SEE(world, SIGHT_PUBLISHED_AGAIN);
        if (seen->content_hash != wire->content_hash)
            world_fail(world, "I8: message %s comes again with other contents", wire->id);
        return;
    }
    if (broker->n_seen == SEEN_MAX) {
        world_fail(world, "the simulator has no room for another message");
        return;
    }
    broker->seen[broker->n_seen] =
        (struct seen){.id_hash = wire->id_hash, .content_hash = wire->content_hash, .times = 1};
    memcpy(broker->seen[broker->n_seen++].id, wire->id, sizeof(wire->id));
}

/* ---- connections ---- */

uint32_t broker_open_publisher(struct world *world, int replica)
{
    struct broker *broker = &world->broker;

    if (world_now_ms(world) < broker->away_until_ms)
        return 0;
    channel_clear(&broker->to_broker[replica]);
    channel_clear(&broker->from_broker[replica]);
    broker->publishers[replica] = ++broker->n_connections;
    broker->n_published[replica] = 0;
    return broker->publishers[replica];
}

uint32_t broker_open_consumer(struct world *world, int replica)
{
    struct broker *broker = &world->broker;

    if (world_now_ms(world) < broker->away_until_ms)
        return 0;
    channel_clear(&broker->deliveries[replica]);
    channel_clear(&broker->settlements[replica]);
    broker->consumers[replica] = ++broker->n_connections;
    broker->is_consuming[replica] = false;
    broker->next_tags[replica] = 1;
    return broker->consumers[replica];
}

void broker_consume(struct world *world, int replica)
{
    world->broker.is_consuming[replica] = true;
    broker_deliver(world);
}

void broker_tell_of_break(struct world *world, int replica, uint32_t connection)
{
    world_add(world,
              (struct happening){.at_ms = world_now_ms(world) + agenda_way_ms(&world->agenda),
                                 .kind = HAPPENS_BREAK,
                                 .replica = replica,
                                 .life = world->replicas[replica].life,
                                 .more = connection});
}

void broker_cut_publisher(struct world *world, int replica)
{
    struct broker *broker = &world->broker;
    int item;

    if (broker->publishers[replica] == 0)
        return;
    broker_tell_of_break(world, replica, broker->publishers[replica]);
    broker->publishers[replica] = 0;
    /* Some of what was under way still gets there; nobody hears of it. */
    while (chance_of(&world->agenda.chance, 60) && channel_pop(&broker->to_broker[replica], &item))
        keep_seen(world, &broker->wires[item]);
}

/* What was out is ready again. */
void broker_cut_consumer(struct world *world, int replica)
{
    struct broker *broker = &world->broker;
    uint32_t connection = broker->consumers[replica];

    if (connection == 0)
        return;
    broker_tell_of_break(world, replica, connection);
    broker->consumers[replica] = 0;
    for (size_t i = 0; i < broker->n_queued; i++) {
        struct queued *queued = &broker->queue[i];

        if (queued->state == QUEUED_OUT && queued->connection == connection) {
            queued->state = QUEUED_READY;
            queued->deliveries++;
        }
    }
    broker_deliver(world);
}

void broker_close(struct world *world, int replica)
{
    broker_cut_publisher(world, replica);
    broker_cut_consumer(world, replica);
    broker_cut_log(world, replica);
}

void broker_go_away(struct world *world, int64_t for_ms)
{
    world->broker.away_until_ms = world_now_ms(world) + for_ms;
    for (int i = 0; i < world->plan->n_replicas; i++)
        broker_close(world, i);
}

/* ---- publishing ---- */

void broker_publish(struct world *world, int replica, uint32_t connection, const struct wire *wire)
{
    struct broker *broker = &world->broker;

    if (broker->n_wires + 2 > WIRE_MAX) {
        world_fail(world, "the simulator has no room for another message");
        return;
    }
    broker->wires[broker->n_wires] = *wire;
    SAY(world, "replica %d: publishes %s", replica, wire->id);
    on_the_way(world, &broker->to_broker[replica], (int)broker->n_wires++,
               (struct happening){
                   .kind = HAPPENS_PUBLISH, .replica = -1, .life = connection, .what = replica});
}

static void say_back(struct world *world, int replica, const struct wire *wire,
                     enum wire_answer answer)
{
    struct broker *broker = &world->broker;
    int item = (int)broker->n_wires;

    if (item == WIRE_MAX) {
        world_fail(world, "the simulator has no room for another message");
        return;
    }
    broker->wires[broker->n_wires] = *wire;
    broker->wires[broker->n_wires++].answer = answer;
    on_the_way(world, &broker->from_broker[replica], item,
               (struct happening){.kind = HAPPENS_CONFIRM,
                                  .replica = replica,
                                  .life = world->replicas[replica].life,
                                  .more = broker->publishers[replica]});
}

static void handle(struct world *world, int replica, const struct wire *wire)
{
    switch (wire->fate) {
    case PUBLISH_LOST:
        broker_cut_publisher(world, replica);
        return;
    case PUBLISH_RETURNED:
        SEE(world, SIGHT_RETURNED);
        say_back(world, replica, wire, WIRE_RETURN);
        break;
    case PUBLISH_REFUSED:
        SEE(world, SIGHT_REFUSED);
        say_back(world, replica, wire, WIRE_REFUSE);
        return;
    case PUBLISH_LOST_CONFIRM:
        SEE(world, SIGHT_CONFIRM_LOST);
        keep_seen(world, wire);
        broker_cut_publisher(world, replica);
        return;
    case PUBLISH_OVERDUE:
        SEE(world, SIGHT_OVERDUE);
        keep_seen(world, wire);
        return;
    case PUBLISH_FINE:
    case PUBLISH_FATES:
        keep_seen(world, wire);
        break;
    }
    say_back(world, replica, wire, WIRE_CONFIRM);
}

void broker_published(struct world *world, int replica, uint32_t connection)
{
    struct broker *broker = &world->broker;
    struct wire wire;
    int item;

    if (broker->publishers[replica] != connection ||
        !channel_pop(&broker->to_broker[replica], &item))
        return;
    wire = broker->wires[item];
    wire.tag = ++broker->n_published[replica];
    handle(world, replica, &wire);
}

/* ---- the queue ---- */

void broker_announced(struct world *world, int row)
{
    struct broker *broker = &world->broker;

    int64_t offset = broker_log(world, row);

    if (!broker->is_bound) {
        broker_miss(world, row, offset);
        return;
    }
    if (broker->n_queued == QUEUED_MAX)
        return; /* a repeat more or less */
    broker->queue[broker->n_queued++] =
        (struct queued){.row = row, .state = QUEUED_READY, .offset = offset};
    broker_deliver(world);
}

static int n_out(const struct broker *broker, uint32_t connection)
{
    int n = 0;

    for (size_t i = 0; i < broker->n_queued; i++)
        n += broker->queue[i].state == QUEUED_OUT && broker->queue[i].connection == connection;
    return n;
}

static int choose_consumer(struct world *world)
{
    const struct broker *broker = &world->broker;
    int n = world->plan->n_replicas;
    int first = chance_below(&world->agenda.chance, n);

    for (int i = 0; i < n; i++) {
        int replica = (first + i) % n;

        if (broker->consumers[replica] != 0 && broker->is_consuming[replica] &&
            n_out(broker, broker->consumers[replica]) < PREFETCH)
            return replica;
    }
    return -1;
}

void broker_deliver(struct world *world)
{
    struct broker *broker = &world->broker;

    for (size_t i = 0; i < broker->n_queued; i++) {
        struct queued *queued = &broker->queue[i];
        int replica;

        if (queued->state != QUEUED_READY)
            continue;
        replica = choose_consumer(world);
        if (replica < 0)
            return;
        world->sights->n[SIGHT_REDELIVERED] += queued->deliveries > 0;
        queued->state = QUEUED_OUT;
        queued->replica = replica;
        queued->connection = broker->consumers[replica];
        queued->tag = broker->next_tags[replica]++;
        on_the_way(world, &broker->deliveries[replica], (int)i,
                   (struct happening){.kind = HAPPENS_DELIVERY,
                                      .replica = replica,
                                      .life = world->replicas[replica].life,
                                      .more = queued->connection});
    }
}

void broker_settle(struct world *world, int replica, uint32_t connection,
                   const struct settling *settling)
{
    struct broker *broker = &world->broker;

    if (broker->n_settlings == WIRE_MAX) {
        world_fail(world, "the simulator has no room for another acknowledgement");
        return;
    }
    broker->settlings[broker->n_settlings] = *settling;
    on_the_way(world, &broker->settlements[replica], (int)broker->n_settlings++,
               (struct happening){
                   .kind = HAPPENS_SETTLE, .replica = -1, .life = connection, .what = replica});
}

void broker_settled(struct world *world, int replica, uint32_t connection)
{
    struct broker *broker = &world->broker;
    const struct settling *settling;
    int item;

    if (broker->consumers[replica] != connection ||
        !channel_pop(&broker->settlements[replica], &item))
        return;
    settling = &broker->settlings[item];
    for (size_t i = 0; i < broker->n_queued; i++) {
        struct queued *queued = &broker->queue[i];

        if (queued->state == QUEUED_OUT && queued->connection == connection &&
            (queued->tag == settling->tag || (settling->multiple && queued->tag < settling->tag)))
            queued->state = QUEUED_GONE;
    }
    broker_deliver(world);
}

void broker_park(struct world *world, int row)
{
    SEE(world, SIGHT_PARKED);
    world->broker.parked[row]++;
}
