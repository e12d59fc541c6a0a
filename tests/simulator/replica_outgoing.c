/* The relay of a replica, and its emitter: relay.c and the emitters without their threads. */
#include "bookingservice/ledger_relay.h"
#include "tests/simulator/replica.h"
#include "tests/simulator/times.h"
#include "tests/simulator/world.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void open_flow(struct replica *replica)
{
    struct outgoing *out = &replica->out;
    const struct relay_flow_options options = {
        .items_max = ITEMS_MAX,
        .messages_max = MESSAGES_MAX,
        .seen_max = ENTRIES_MAX,
        .send_every_ms = SEND_EVERY_MS,
        .mark_every_ms = MARK_EVERY_MS,
        .sweep_every_ms = SWEEP_EVERY_MS,
        .sweep_age_ms = SWEEP_AGE_MS,
        .seed = chance_next(&replica->world->agenda.chance),
    };
    struct error error = {0};

    if (!relay_flow_new(&options, world_now_ms(replica->world), &out->flow, &error) ||
        !emitter_window_init(&out->window, WINDOW, WINDOW_QUEUE, CONFIRM_TIMEOUT_MS, &error))
        world_fail(replica->world, "no memory for the simulator");
}

static void open_later(struct replica *replica)
{
    int64_t in_ms = 1 + chance_below(&replica->world->agenda.chance, RECONNECT_MS);

    world_add(replica->world, (struct happening){.at_ms = world_now_ms(replica->world) + in_ms,
                                                 .kind = HAPPENS_OPEN_OUT,
                                                 .replica = replica->number,
                                                 .life = replica->life});
}

void outgoing_start(struct replica *replica)
{
    struct outgoing *out = &replica->out;

    out->connection = 0;
    out->keeper_asks = false;
    out->n_marking = 0;
    for (size_t i = 0; i < ITEMS_MAX; i++)
        out->places[i].replica = replica;
    open_flow(replica);
    outgoing_open(replica);
}

void outgoing_end(struct replica *replica)
{
    struct outgoing *out = &replica->out;
    const struct relay_counts counts = relay_flow_counts(out->flow, 0);

    replica->world->sights->n[SIGHT_SWEPT] += counts.swept;
    replica->world->sights->n[SIGHT_RELAY_FULL] += counts.overflowed;
    emitter_window_clear(&out->window);
    relay_flow_free(out->flow, replica->world->source.free_item);
    out->flow = NULL;
}

void outgoing_open(struct replica *replica)
{
    struct outgoing *out = &replica->out;

    out->connection = broker_open_publisher(replica->world, replica->number);
    if (out->connection == 0) {
        open_later(replica);
        return;
    }
    emitter_window_opened(&out->window);
}

void outgoing_broken(struct replica *replica, uint32_t connection)
{
    struct outgoing *out = &replica->out;

    if (out->connection != connection)
        return;
    SAY(replica->world, "replica %d: publishing connection lost", replica->number);
    out->connection = 0;
    emitter_window_lost(&out->window);
    open_later(replica);
}

void outgoing_finish(struct replica *replica)
{
    relay_flow_finish(replica->out.flow);
}

void outgoing_landed(struct replica *replica, const struct ledger_entry *entry)
{
    struct relay_item *item = ledger_relay_item(entry, NULL);

    if (item && !relay_flow_hand_over(replica->out.flow, item, world_now_ms(replica->world)))
        replica->world->source.free_item(item);
}

/* ---- sending ---- */

static void on_done(void *context, const struct error *error)
{
    const struct place *place = context;
    struct replica *replica = place->replica;

    uint32_t number = (uint32_t)(place - replica->out.places);

    if (error && error->code == ERROR_BUSY)
        relay_flow_refused(replica->out.flow, number, world_now_ms(replica->world));
    else
        relay_flow_done(replica->out.flow, number, !error, world_now_ms(replica->world));
}

static bool emit(struct replica *replica, const struct relay_send *send, struct error *error)
{
    struct world *world = replica->world;
    struct envelope envelope;
    struct emission *emission;

    buffer_reset(&world->body);
    if (!world->source.envelope(world->source.context, send->item, send->index, &world->body,
                                &envelope, error))
        return false;
    emission = emission_new(&envelope, on_done, &replica->out.places[send->place], error);
    if (!emission)
        return false;
    if (emitter_window_add(&replica->out.window, emission, error))
        return true;
    emission_free(emission);
    return false;
}

static void send_all(struct replica *replica)
{
    struct relay_flow *flow = replica->out.flow;
    int64_t now_ms = world_now_ms(replica->world);
    struct relay_send send;

    while (relay_flow_next_send(flow, now_ms, &send)) {
        struct error error = {0};

        if (emit(replica, &send, &error))
            continue;
        if (error.code == ERROR_BUSY)
            relay_flow_busy(flow, &send, now_ms);
        else
            relay_flow_done(flow, send.place, false, now_ms);
    }
}

static void write_wire(struct replica *replica)
{
    struct outgoing *out = &replica->out;
    struct emission *emission;

    while ((emission = emitter_window_send(&out->window, world_now_ms(replica->world)))) {
        const struct envelope *envelope = &emission->envelope;
        struct wire wire = {.id_hash = hash_of(envelope->id, strlen(envelope->id), 0)};

        wire.content_hash = hash_of(envelope->name, strlen(envelope->name), 0);
        wire.content_hash = hash_of(envelope->body, envelope->body_bytes, wire.content_hash);
        snprintf(wire.id, sizeof(wire.id), "%s", envelope->id);
        wire.fate = replica->next_publish;
        replica->next_publish = PUBLISH_FINE;
        broker_publish(replica->world, replica->number, out->connection, &wire);
    }
}

static bool finish_settled(struct outgoing *out)
{
    bool any = false;
    struct emission *emission;

    while ((emission = emitter_window_settled(&out->window))) {
        emission_finish(emission);
        any = true;
    }
    return any;
}

/* What the broker says, one item for each happening. */
void outgoing_heard(struct replica *replica, uint32_t connection)
{
    struct world *world = replica->world;
    struct outgoing *out = &replica->out;
    const struct wire *wire;
    int item;

    if (out->connection != connection ||
        !channel_pop(&world->broker.from_broker[replica->number], &item))
        return;
    wire = &world->broker.wires[item];
    switch (wire->answer) {
    case WIRE_CONFIRM:
        emitter_window_confirmed(&out->window, wire->tag, false);
        break;
    case WIRE_RETURN:
        emitter_window_returned(&out->window, wire->id);
        break;
    case WIRE_REFUSE:
        emitter_window_refused(&out->window, wire->tag, false);
        break;
    }
}

/* ---- marking and sweeping ---- */

static void begin_sweep(struct replica *replica)
{
    struct request *request =
        network_request(replica->world, replica->number, ASKER_KEEPER, REQUEST_SWEEP);

    if (!request)
        return;
    replica->out.keeper_asks = true;
    network_send(replica->world, request);
}

static void begin_mark(struct replica *replica)
{
    struct request *request =
        network_request(replica->world, replica->number, ASKER_KEEPER, REQUEST_MARK);

    if (!request)
        return;
    for (size_t i = 0; i < replica->out.n_marking; i++) {
        const struct relay_key *key = &replica->out.marking[i]->key;

        request->keys[request->n++] =
            (struct ledger_key){.event_id = key->subject, .sequence = key->number};
    }
    replica->out.keeper_asks = true;
    network_send(replica->world, request);
}

static void keep(struct replica *replica)
{
    struct outgoing *out = &replica->out;
    int64_t now_ms = world_now_ms(replica->world);

    if (out->keeper_asks)
        return;
    if (relay_flow_begin_sweep(out->flow, out->connection != 0, now_ms) > 0) {
        begin_sweep(replica);
        return;
    }
    out->n_marking = relay_flow_begin_mark(out->flow, now_ms, out->marking);
    if (out->n_marking > 0)
        begin_mark(replica);
}

static void end_mark(struct replica *replica, bool marked)
{
    struct outgoing *out = &replica->out;

    SEE(replica->world, marked ? SIGHT_PUBLISHED : SIGHT_MARK_FAILED);
    relay_flow_end_mark(out->flow, marked, world_now_ms(replica->world));
    for (size_t i = 0; marked && i < out->n_marking; i++)
        replica->world->source.free_item(out->marking[i]);
    out->n_marking = 0;
}

static void end_sweep(struct replica *replica, const struct request *request)
{
    struct world *world = replica->world;
    int64_t now_ms = world_now_ms(world);
    bool complete = request->code == ERROR_NONE;

    for (size_t i = 0; complete && i < request->n; i++) {
        const struct ledger_key *key = &request->keys[i];
        const struct stored *stored =
            store_at(&world->store, event_of(&key->event_id), key->sequence);
        struct relay_item *item = ledger_relay_item(&stored->entry, NULL);

        if (item && !relay_flow_offer(replica->out.flow, item, now_ms)) {
            world->source.free_item(item);
            continue;
        }
        SAY(world, "replica %d: sweep takes entry %" PRId64 " of event %d", replica->number,
            key->sequence, event_of(&key->event_id));
        if (stored->author != replica->number)
            SEE(world, SIGHT_SWEPT_FROM_ANOTHER);
    }
    relay_flow_end_sweep(replica->out.flow, complete, now_ms);
}

void outgoing_replied(struct replica *replica, const struct request *request)
{
    replica->out.keeper_asks = false;
    if (request->kind == REQUEST_MARK)
        end_mark(replica, request->code == ERROR_NONE);
    else
        end_sweep(replica, request);
}

/* ---- all of it ---- */

void outgoing_go_on(struct replica *replica)
{
    struct outgoing *out = &replica->out;

    emitter_window_tick(&out->window, world_now_ms(replica->world));
    do {
        send_all(replica);
        write_wire(replica);
    } while (finish_settled(out));
    keep(replica);
}

/* A confirm that never comes is looked for now and then. */
int64_t outgoing_due_ms(const struct replica *replica)
{
    const struct outgoing *out = &replica->out;
    int64_t due_ms = relay_flow_send_due_ms(out->flow);
    int64_t keep_ms = out->keeper_asks ? INT64_MAX : relay_flow_keep_due_ms(out->flow);

    if (due_ms <= world_now_ms(replica->world))
        due_ms = INT64_MAX; /* the emitter is full: it goes on with the next confirm */
    return due_ms < keep_ms ? due_ms : keep_ms;
}

bool outgoing_is_quiet(const struct replica *replica)
{
    return relay_flow_is_empty(replica->out.flow);
}
