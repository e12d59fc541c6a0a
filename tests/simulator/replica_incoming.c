/* The consumer of a replica: the listener's flow, and what the booking service does with a batch. */
#include "contracts/message.h"
#include "service/delivery_verdict.h"
#include "tests/simulator/replica.h"
#include "tests/simulator/times.h"
#include "tests/simulator/world.h"

#include <stdio.h>
#include <string.h>

enum {
    SUSPECT_FROM = 2 /* earlier deliveries; fewer than in the product, so that it is seen */
};

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
    in->flow.pace_ms = BATCH_EVERY_MS;
    reading_start(replica);
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
    reading_end(replica);
    catalogue_batch_clear(&replica->in.batch);
}

void incoming_open(struct replica *replica)
{
    struct incoming *in = &replica->in;

    if (!reading_is_asking(replica))
        in->connection = broker_open_consumer(replica->world, replica->number);
    if (in->connection == 0) {
        open_later(replica);
        return;
    }
    (void)broker_declare(replica->world);
    listener_flow_opened(&in->flow);
    in->is_consuming = false;
    reading_opened(replica);
}

void incoming_broken(struct replica *replica, uint32_t connection)
{
    if (replica->in.connection != connection)
        return;
    SAY(replica->world, "replica %d: consuming connection lost", replica->number);
    replica->in.connection = 0;
    listener_flow_lost(&replica->in.flow);
    if (!reading_is_asking(replica))
        reading_abandon(replica);
    open_later(replica);
}

struct delivered *incoming_new(struct replica *replica, int row)
{
    struct delivered *delivered = replica->in.free;

    if (!delivered) {
        world_fail(replica->world, "the simulator has no room for another delivery");
        return NULL;
    }
    replica->in.free = delivered->next_free;
    delivered->held = (struct held){0};
    delivered->row = row;
    delivered->deliveries = 0;
    return delivered;
}

void incoming_delivered(struct replica *replica, uint32_t connection)
{
    struct world *world = replica->world;
    struct incoming *in = &replica->in;
    struct delivered *delivered;
    const struct queued *queued;
    int item;

    if (in->connection != connection ||
        !channel_pop(&world->broker.deliveries[replica->number], &item))
        return;
    queued = &world->broker.queue[item];
    delivered = incoming_new(replica, queued->row);
    if (!delivered)
        return;
    delivered->held.is_suspect = queued->deliveries >= SUSPECT_FROM;
    delivered->deliveries = queued->deliveries;
    SAY(world, "replica %d: hears the message of row %d", replica->number, queued->row);
    listener_flow_arrived(&in->flow, &delivered->held, queued->tag, HELD_WAITING);
}

/* ---- a batch ---- */

static const struct row *row_of(const struct replica *replica, size_t i)
{
    return &replica->world->plan->rows[delivered_of(replica->in.offered[i])->row];
}

/* As the event service writes it. */
static struct message message_of(const struct row *row)
{
    const struct object_id id = event_id_of(row->event);
    struct message message = {.kind = MESSAGE_EVENT_REMOVED,
                              .as.removed = {.id = id, .version = row->version}};

    if (row->removed)
        return message;
    message =
        (struct message){.kind = row->version == 1 ? MESSAGE_EVENT_CREATED : MESSAGE_EVENT_UPDATED};
    message.as.event = (struct event_created){.id = id,
                                              .version = row->version,
                                              .name = "E",
                                              .capacity = row->capacity,
                                              .closed = row->closed,
                                              .end_s = row->end_s};
    return message;
}

static void write_body(struct world *world, const struct row *row, struct delivery *delivery,
                       char body[BODY_BYTES])
{
    const struct message message = message_of(row);

    buffer_reset(&world->body);
    if (row->is_poison)
        buffer_text(&world->body, "{");
    else if (!message_encode(&message, &world->body, NULL) || world->body.size_bytes > BODY_BYTES)
        world_fail(world, "the simulator cannot write a message");
    memcpy(body, world->body.data, world->body.size_bytes);
    delivery->envelope.body = body;
    delivery->envelope.body_bytes = world->body.size_bytes;
    snprintf(delivery->envelope.name, sizeof(delivery->envelope.name), "%s",
             message_name(message.kind));
}

static void write_delivery(struct replica *replica, size_t i)
{
    struct delivery *delivery = &replica->in.deliveries[i];
    const struct row *row = row_of(replica, i);

    delivery->envelope.id[0] = '\0';
    delivery->verdict = DELIVERY_RETRY;
    delivery->changed = false;
    delivery->from_log = replica->in.offered_by != &replica->in.flow;
    delivery->delivery_count = delivered_of(replica->in.offered[i])->deliveries;
    write_body(replica->world, row, delivery, replica->in.bodies[i]);
    if (row->version < replica->world->store.copies[row->event].version && !row->is_poison)
        SEE(replica->world, SIGHT_OUT_OF_ORDER);
}

static void end_batch(struct replica *replica)
{
    struct incoming *in = &replica->in;
    enum delivery_verdict verdicts[PREFETCH];
    size_t n = in->n_offered;

    for (size_t i = 0; i < n; i++) {
        verdicts[i] = in->deliveries[i].verdict;
        if (verdicts[i] == DELIVERY_RETRY)
            SEE(replica->world, SIGHT_HELD_BACK);
        else if (in->deliveries[i].from_log)
            SEE(replica->world, in->deliveries[i].changed ? SIGHT_RECOVERED : SIGHT_READ_AGAIN);
    }
    catalogue_batch_clear(&in->batch);
    in->n_offered = 0;
    listener_flow_answered(in->offered_by, in->offered, verdicts, n, world_now_ms(replica->world),
                           chance_next(&replica->world->agenda.chance));
}

/* First into the copy. */
static void begin_copying(struct replica *replica)
{
    const struct catalogue_batch *batch = &replica->in.batch;
    struct request *request =
        network_request(replica->world, replica->number, ASKER_CONSUMER, REQUEST_COPY);

    if (!request)
        return;
    for (size_t i = 0; i < batch->copy.n_events; i++) {
        const struct copy_event *copy = &batch->copy.event_copies[i];

        request->keys[i] = (struct ledger_key){.event_id = copy->event->id};
        request->versions[i] = copy->event->version;
        request->removed[i] = copy->removed;
    }
    request->n = batch->copy.n_events;
    replica->in.is_copying = true;
    network_send(replica->world, request);
}

static void begin_batch(struct replica *replica)
{
    struct incoming *in = &replica->in;
    struct error error = {0};

    for (size_t i = 0; i < in->n_offered; i++)
        write_delivery(replica, i);
    if (!catalogue_batch_read(&in->batch, in->deliveries, in->n_offered, &error))
        world_fail(replica->world, "no memory for the simulator");
    else if (in->batch.copy.n_events > 0)
        begin_copying(replica);
    else
        end_batch(replica);
}

/* ---- its ledgers ---- */

static void end_taking(struct replica *replica)
{
    struct incoming *in = &replica->in;

    for (size_t i = 0; i < in->batch.copy.n_events; i++) {
        const struct answer *answer = &in->takings[i].ticket.answer;
        struct ledger_change *change = &in->batch.changes[i];

        change->code = answer->code;
        change->taken_over = answer->code == ERROR_NONE;
        change->changed = change->taken_over && !answer->repeated;
    }
    catalogue_batch_end(&in->batch);
    end_batch(replica);
}

static struct command take_over(const struct ledger_change *change)
{
    return (struct command){.kind = COMMAND_TAKE_OVER,
                            .state = {.event_version = change->event_version,
                                      .capacity = change->capacity,
                                      .closed = change->closed,
                                      .removed = change->removed,
                                      .end_s = change->end_s}};
}

static void begin_taking(struct replica *replica)
{
    struct incoming *in = &replica->in;

    in->until_ms = world_now_ms(replica->world) + TAKE_OVER_WAIT_MS;
    for (size_t i = 0; i < in->batch.copy.n_events; i++) {
        const struct ledger_change *change = &in->batch.changes[i];
        struct taking *taking = &in->takings[i];

        *taking = (struct taking){.ticket.command = take_over(change)};
        taking->ticket.answer.code =
            replica_hand_in(replica, event_of(&change->event_id), &taking->ticket);
        taking->is_open = taking->ticket.answer.code == ERROR_NONE;
        in->n_open += taking->is_open;
    }
    if (in->n_open == 0)
        end_taking(replica);
}

void incoming_replied(struct replica *replica, const struct request *request)
{
    struct incoming *in = &replica->in;
    struct error error = {0};

    in->is_copying = false;
    if (request->code != ERROR_NONE) {
        error_set(&error, request->code, "the database");
        deliveries_fail(in->deliveries, in->n_offered, &error);
        end_batch(replica);
        return;
    }
    for (size_t i = 0; i < request->n; i++)
        in->batch.copy.event_copies[i].changed = request->changed[i];
    begin_taking(replica);
}

void incoming_taken_over(struct replica *replica, struct ticket *ticket)
{
    struct taking *taking = CONTAINER_OF(ticket, struct taking, ticket);

    if (ticket->answer.code == ERROR_NONE)
        SEE(replica->world, ticket->answer.repeated ? SIGHT_TAKEN_OVER_EQUAL : SIGHT_TAKEN_OVER);
    taking->is_open = false;
    if (--replica->in.n_open == 0)
        end_taking(replica);
}

/* Whoever is not through by now is tried again later. */
static void give_up_taking(struct replica *replica)
{
    struct incoming *in = &replica->in;

    for (size_t i = 0; i < in->batch.copy.n_events; i++) {
        struct taking *taking = &in->takings[i];

        if (!taking->is_open)
            continue;
        taking->is_open = false;
        taking->ticket.answer.code = ticket_leave(&taking->ticket) == TICKET_SENT
                                         ? ERROR_OUTCOME_UNKNOWN
                                         : ERROR_UNAVAILABLE;
    }
    in->n_open = 0;
    end_taking(replica);
}

static void offer(struct replica *replica, struct listener_flow *flow)
{
    struct incoming *in = &replica->in;

    if (in->n_offered > 0)
        return;
    in->offered_by = flow;
    in->n_offered = listener_flow_offer(flow, world_now_ms(replica->world), in->offered, PREFETCH);
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
    world->is_quarantined[delivered->row] |= delivered->held.is_quarantined;
    listener_flow_parked(&replica->in.flow, &delivered->held,
                         confirmed ? PARKING_CONFIRMED : PARKING_FAILED, world_now_ms(world),
                         chance_next(&world->agenda.chance));
}

/* Attempts at what came back too often are noted in the database; here that always works at once. */
static void note(struct replica *replica, struct listener_flow *flow)
{
    struct world *world = replica->world;
    struct held *held;

    while ((held = listener_flow_note(flow, world_now_ms(world)))) {
        int row = delivered_of(held)->row;

        SEE(world, SIGHT_SUSPECT);
        listener_flow_noted(flow, held, ++world->n_noted[row], world_now_ms(world),
                            chance_next(&world->agenda.chance));
        world->is_left_out[row] |= held->is_quarantined && flow->leaves_out;
    }
}

static void free_finished(struct replica *replica, struct listener_flow *flow)
{
    struct held *held;

    while ((held = listener_flow_finished(flow))) {
        if (listener_flow_forgets(flow, held) && delivered_of(held)->row >= 0)
            replica->world->n_noted[delivered_of(held)->row] = 0;
        free_delivered(&replica->in, delivered_of(held));
    }
}

static void settle(struct replica *replica)
{
    struct incoming *in = &replica->in;
    struct settlement settlement;

    while (listener_flow_settle(&in->flow, &settlement))
        broker_settle(replica->world, replica->number, in->connection,
                      &(struct settling){settlement.tag, settlement.multiple});
    free_finished(replica, &in->flow);
    while (listener_flow_settle(&in->reading.reader.flow, &settlement))
        broker_settle_log(replica->world, replica->number, settlement.n);
    free_finished(replica, &in->reading.reader.flow);
}

void incoming_go_on(struct replica *replica)
{
    struct incoming *in = &replica->in;

    if (in->n_open > 0 && world_now_ms(replica->world) >= in->until_ms)
        give_up_taking(replica);
    if (reading_is_asking(replica))
        return;
    note(replica, &in->flow);
    park(replica);
    settle(replica);
    offer(replica, &in->flow);
    if (in->n_offered > 0)
        return;
    note(replica, &in->reading.reader.flow);
    offer(replica, &in->reading.reader.flow);
    if (in->n_offered > 0)
        return;
    settle(replica);
    if (in->connection != 0)
        reading_go_on(replica);
}

int64_t incoming_due_ms(const struct replica *replica)
{
    const struct incoming *in = &replica->in;
    int64_t now_ms = world_now_ms(replica->world);
    int64_t wait_ms = listener_flow_wait_ms(&in->flow, now_ms, INT64_MAX);
    int64_t due_ms = reading_due_ms(replica);

    if (in->n_open > 0)
        return in->until_ms;
    if (in->n_offered > 0 || reading_is_asking(replica))
        return INT64_MAX;
    if (wait_ms == 0 || wait_ms == INT64_MAX || now_ms + wait_ms > due_ms)
        return due_ms;
    return now_ms + wait_ms;
}
