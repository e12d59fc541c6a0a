/* The consumer of a replica: the listener's flow, and what the booking service does with a batch. */
#include "tests/simulator/replica.h"
#include "tests/simulator/times.h"
#include "tests/simulator/world.h"

#include <inttypes.h>

static void free_delivered(struct incoming *in, struct delivered *delivered)
{
    delivered->next_free = in->free;
    in->free = delivered;
}

static struct delivered *delivered_of(struct held *held)
{
    return CONTAINER_OF(held, struct delivered, held);
}

static void open_later(struct replica *replica)
{
    int64_t in_ms = 1 + chance_below(&replica->world->agenda.chance, RECONNECT_MS);

    world_add(replica->world, (struct happening){.at_ms = world_now_ms(replica->world) + in_ms,
                                                 .kind = HAPPENS_OPEN_IN,
                                                 .replica = replica->number,
                                                 .life = replica->life});
}

void incoming_start(struct replica *replica)
{
    struct incoming *in = &replica->in;

    listener_flow_init(&in->flow);
    in->n_offered = 0;
    in->n_open = 0;
    in->is_copying = false;
    in->free = NULL;
    for (size_t i = 0; i < DELIVERED_MAX; i++)
        free_delivered(in, &in->pool[i]);
    incoming_open(replica);
}

void incoming_end(struct replica *replica)
{
    replica->in.connection = 0;
}

void incoming_open(struct replica *replica)
{
    struct incoming *in = &replica->in;

    in->connection = broker_open_consumer(replica->world, replica->number);
    if (in->connection == 0) {
        open_later(replica);
        return;
    }
    listener_flow_opened(&in->flow);
    broker_deliver(replica->world);
}

void incoming_broken(struct replica *replica, uint32_t connection)
{
    if (replica->in.connection != connection)
        return;
    SAY(replica->world, "replica %d: consuming connection lost", replica->number);
    replica->in.connection = 0;
    listener_flow_lost(&replica->in.flow);
    open_later(replica);
}

void incoming_delivered(struct replica *replica, uint32_t connection)
{
    struct world *world = replica->world;
    struct incoming *in = &replica->in;
    struct delivered *delivered = in->free;
    const struct queued *queued;
    int item;

    if (in->connection != connection ||
        !channel_pop(&world->broker.deliveries[replica->number], &item))
        return;
    if (!delivered) {
        world_fail(world, "the simulator has no room for another delivery");
        return;
    }
    queued = &world->broker.queue[item];
    in->free = delivered->next_free;
    delivered->row = queued->row;
    delivered->is_open = false;
    SAY(world, "replica %d: hears the message of row %d", replica->number, queued->row);
    listener_flow_arrived(&in->flow, &delivered->held, queued->tag, HELD_WAITING);
}

/* ---- a batch ---- */

static const struct row *row_of(const struct replica *replica, size_t i)
{
    return &replica->world->plan->rows[delivered_of(replica->in.offered[i])->row];
}

/* First into the copy. */
static void begin_batch(struct replica *replica)
{
    struct incoming *in = &replica->in;
    struct request *request =
        network_request(replica->world, replica->number, ASKER_CONSUMER, REQUEST_COPY);

    if (!request)
        return;
    for (size_t i = 0; i < in->n_offered; i++) {
        const struct row *row = row_of(replica, i);

        if (row->is_poison)
            continue;
        request->keys[request->n] = (struct ledger_key){.event_id = event_id_of(row->event)};
        request->versions[request->n] = row->version;
        request->removed[request->n++] = row->removed;
        if (row->version < replica->world->store.copies[row->event].version)
            SEE(replica->world, SIGHT_OUT_OF_ORDER);
    }
    in->is_copying = true;
    network_send(replica->world, request);
}

static enum delivery_verdict verdict_of(const struct replica *replica, size_t i)
{
    const struct delivered *delivered = delivered_of(replica->in.offered[i]);

    if (row_of(replica, i)->is_poison)
        return DELIVERY_PARK;
    return delivered->ticket.place == TICKET_ANSWERED && delivered->ticket.answer.code == ERROR_NONE
               ? DELIVERY_ACKNOWLEDGE
               : DELIVERY_RETRY;
}

static void end_batch(struct replica *replica)
{
    struct incoming *in = &replica->in;
    enum delivery_verdict verdicts[PREFETCH];
    size_t n = in->n_offered;

    for (size_t i = 0; i < n; i++) {
        verdicts[i] = verdict_of(replica, i);
        if (verdicts[i] == DELIVERY_RETRY)
            SEE(replica->world, SIGHT_HELD_BACK);
    }
    in->n_offered = 0;
    listener_flow_answered(&in->flow, in->offered, verdicts, n, world_now_ms(replica->world),
                           chance_next(&replica->world->agenda.chance));
}

static struct command take_over(const struct row *row)
{
    return (struct command){.kind = COMMAND_TAKE_OVER,
                            .state = {.event_version = row->version,
                                      .capacity = row->removed ? CAPACITY_UNKNOWN : row->capacity,
                                      .closed = row->closed,
                                      .removed = row->removed,
                                      .end_s = row->end_s}};
}

/* Then into the ledgers. */
static void hand_in_batch(struct replica *replica)
{
    struct incoming *in = &replica->in;

    in->until_ms = world_now_ms(replica->world) + TAKE_OVER_WAIT_MS;
    for (size_t i = 0; i < in->n_offered; i++) {
        struct delivered *delivered = delivered_of(in->offered[i]);
        const struct row *row = row_of(replica, i);

        if (row->is_poison)
            continue;
        delivered->ticket = (struct ticket){.command = take_over(row)};
        delivered->ticket.answer.code = replica_hand_in(replica, row->event, &delivered->ticket);
        delivered->is_open = delivered->ticket.answer.code == ERROR_NONE;
        in->n_open += delivered->is_open;
    }
    if (in->n_open == 0)
        end_batch(replica);
}

void incoming_replied(struct replica *replica, const struct request *request)
{
    replica->in.is_copying = false;
    if (request->code == ERROR_NONE) {
        hand_in_batch(replica);
        return;
    }
    for (size_t i = 0; i < replica->in.n_offered; i++)
        delivered_of(replica->in.offered[i])->ticket.place = TICKET_WAITING;
    end_batch(replica);
}

void incoming_taken_over(struct replica *replica, struct ticket *ticket)
{
    struct delivered *delivered = CONTAINER_OF(ticket, struct delivered, ticket);

    if (ticket->answer.code == ERROR_NONE)
        SEE(replica->world, ticket->answer.repeated ? SIGHT_TAKEN_OVER_EQUAL : SIGHT_TAKEN_OVER);
    delivered->is_open = false;
    if (--replica->in.n_open == 0)
        end_batch(replica);
}

/* Whoever is not through by now is tried again later. */
static void give_up_batch(struct replica *replica)
{
    struct incoming *in = &replica->in;

    for (size_t i = 0; i < in->n_offered; i++) {
        struct delivered *delivered = delivered_of(in->offered[i]);

        if (!delivered->is_open)
            continue;
        (void)ticket_leave(&delivered->ticket);
        delivered->ticket.place = TICKET_WAITING;
        delivered->is_open = false;
    }
    in->n_open = 0;
    end_batch(replica);
}

static void offer(struct replica *replica)
{
    struct incoming *in = &replica->in;

    if (in->n_offered > 0)
        return;
    in->n_offered =
        listener_flow_offer(&in->flow, world_now_ms(replica->world), in->offered, PREFETCH);
    if (in->n_offered > 0)
        begin_batch(replica);
}

/* ---- parking and settling ---- */

static void park(struct replica *replica)
{
    struct incoming *in = &replica->in;
    struct held *held;

    while ((held = listener_flow_park(&in->flow, world_now_ms(replica->world))))
        world_add(replica->world,
                  (struct happening){.at_ms = world_now_ms(replica->world) +
                                              agenda_way_ms(&replica->world->agenda),
                                     .kind = HAPPENS_PARKED,
                                     .replica = replica->number,
                                     .life = replica->life,
                                     .what = (int32_t)(delivered_of(held) - in->pool)});
}

void incoming_parked(struct replica *replica, int number)
{
    struct world *world = replica->world;
    struct delivered *delivered = &replica->in.pool[number];
    bool is_away = world_now_ms(world) < world->broker.away_until_ms;
    bool confirmed = !is_away && chance_of(&world->agenda.chance, 80);

    if (confirmed || (!is_away && chance_of(&world->agenda.chance, 50)))
        broker_park(world, delivered->row);
    listener_flow_parked(&replica->in.flow, &delivered->held,
                         confirmed ? PARKING_CONFIRMED : PARKING_FAILED, world_now_ms(world),
                         chance_next(&world->agenda.chance));
}

static void settle(struct replica *replica)
{
    struct incoming *in = &replica->in;
    struct settlement settlement;
    struct held *held;

    while (listener_flow_settle(&in->flow, &settlement))
        broker_settle(replica->world, replica->number, in->connection,
                      &(struct settling){settlement.tag, settlement.multiple});
    while ((held = listener_flow_finished(&in->flow)))
        free_delivered(in, delivered_of(held));
}

void incoming_go_on(struct replica *replica)
{
    struct incoming *in = &replica->in;

    if (in->n_open > 0 && world_now_ms(replica->world) >= in->until_ms)
        give_up_batch(replica);
    park(replica);
    settle(replica);
    offer(replica);
}

int64_t incoming_due_ms(const struct replica *replica)
{
    const struct incoming *in = &replica->in;
    int64_t now_ms = world_now_ms(replica->world);
    int64_t wait_ms = listener_flow_wait_ms(&in->flow, now_ms, INT64_MAX);

    if (in->n_open > 0)
        return in->until_ms;
    if (wait_ms == 0 || wait_ms == INT64_MAX || in->n_offered > 0)
        return INT64_MAX;
    return now_ms + wait_ms;
}
