/* The consumer of a replica reads the log; what it decides is listener_reader's. */
#include "tests/simulator/replica.h"
#include "tests/simulator/times.h"
#include "tests/simulator/world.h"

#include <inttypes.h>

enum {
    /* Rounds that were not finished; fewer than in the product, so that it is seen. */
    CAREFUL_FROM = 1,
    SUSPECTS_IN_ROUND = 2
};

void reading_start(struct replica *replica)
{
    struct reading *reading = &replica->in.reading;

    listener_reader_init(&reading->reader);
    reading->stage = READING_NOT;
    reading->connection = 0;
    reading->is_noted = false;
    reading->is_careful = false;
    reading->n_suspects = 0;
}

void reading_end(struct replica *replica)
{
    if (replica->in.reading.stage != READING_NOT)
        SEE(replica->world, SIGHT_CRASHED_READING);
    replica->in.reading.stage = READING_NOT;
    replica->in.reading.connection = 0;
}

void reading_opened(struct replica *replica)
{
    replica->in.reading.round_at_ms = world_now_ms(replica->world);
}

bool reading_is_asking(const struct replica *replica)
{
    enum reading_stage stage = replica->in.reading.stage;

    return stage != READING_NOT && stage != READING_READS;
}

static void drop(struct replica *replica)
{
    struct reading *reading = &replica->in.reading;

    broker_close_log(replica->world, replica->number);
    listener_reader_lost(&reading->reader);
    reading->connection = 0;
    reading->is_noted = false;
    reading->is_careful = false;
    reading->n_suspects = 0;
}

void reading_abandon(struct replica *replica)
{
    struct reading *reading = &replica->in.reading;

    if (reading->stage == READING_NOT)
        return;
    SEE(replica->world, SIGHT_ROUND_FAILED);
    SAY(replica->world, "replica %d: gives up reading the log", replica->number);
    drop(replica);
    reading->stage = READING_NOT;
    reading->round_at_ms = world_now_ms(replica->world) + ROUND_AGAIN_MS;
}

/* ---- a round begins ---- */

static void ask(struct replica *replica, enum request_kind kind, int64_t offset)
{
    struct request *request = network_request(replica->world, replica->number, ASKER_READER, kind);

    if (!request)
        return;
    request->offset = offset;
    network_send(replica->world, request);
}

static void begin_later(struct replica *replica, enum reading_stage stage)
{
    replica->in.reading.stage = stage;
    world_add(replica->world, (struct happening){.at_ms = world_now_ms(replica->world) +
                                                          agenda_way_ms(&replica->world->agenda),
                                                 .kind = HAPPENS_ROUND,
                                                 .replica = replica->number,
                                                 .life = replica->life});
}

static void begin(struct replica *replica, int64_t offset)
{
    struct reading *reading = &replica->in.reading;

    reading->round = ++replica->world->broker.n_rounds;
    listener_reader_begin(&reading->reader, offset);
    if (broker_put_marker(replica->world, reading->round, LOG_FROM))
        begin_later(replica, READING_DECLARES);
    else
        reading_abandon(replica);
}

static void declare(struct replica *replica)
{
    struct incoming *in = &replica->in;
    bool is_idle = listener_flow_is_empty(&in->flow);

    listener_reader_declared(&in->reading.reader, broker_declare(replica->world) && is_idle);
    begin_later(replica, READING_OPENS);
}

static void open_log(struct replica *replica)
{
    struct reading *reading = &replica->in.reading;
    int64_t from = reading->reader.start_offset;

    reading->connection = broker_open_log(replica->world, replica->number, from);
    if (reading->connection == 0) {
        reading_abandon(replica);
        return;
    }
    SAY(replica->world, "replica %d: reads the log from %" PRId64, replica->number, from);
    listener_reader_opened(&reading->reader, world_now_ms(replica->world));
    reading->next_tag = 1;
    reading->stage = READING_READS;
    reading->round_at_ms = world_now_ms(replica->world) + ROUND_EVERY_MS;
}

/* Or the connection was lost while the database or the broker was asked. */
static bool has_connection(struct replica *replica)
{
    bool is_there = replica->in.connection != 0 &&
                    world_now_ms(replica->world) >= replica->world->broker.away_until_ms;

    if (!is_there)
        reading_abandon(replica);
    return is_there;
}

void reading_next(struct replica *replica)
{
    struct reading *reading = &replica->in.reading;

    if (!has_connection(replica))
        return;
    if (reading->stage == READING_DECLARES)
        declare(replica);
    else if (broker_put_marker(replica->world, reading->round, LOG_TO))
        open_log(replica);
}

void reading_replied(struct replica *replica, const struct request *request)
{
    struct reading *reading = &replica->in.reading;

    if (!has_connection(replica))
        return;
    if (request->code != ERROR_NONE) {
        reading_abandon(replica);
    } else if (reading->stage == READING_LOADS) {
        begin(replica, request->offset);
    } else {
        listener_reader_stored(&reading->reader, request->offset);
        reading->stage = READING_READS;
    }
}

/* ---- what comes ---- */

static void judge_attempt(struct replica *replica, struct held *held)
{
    struct world *world = replica->world;
    struct reading *reading = &replica->in.reading;

    if (!reading->is_noted) {
        reading->is_noted = true;
        reading->is_careful = world->n_rounds_noted++ > CAREFUL_FROM;
        reading->n_suspects = reading->is_careful ? SUSPECTS_IN_ROUND : 0;
        world->sights->n[SIGHT_ROUND_CAREFUL] += reading->is_careful;
    }
    held->is_suspect = reading->n_suspects > 0;
    reading->n_suspects -= held->is_suspect;
}

static void tell_of_cut(struct replica *replica, int64_t first)
{
    struct world *world = replica->world;

    SEE(world, SIGHT_LOG_CUT);
    SAY(world, "replica %d: the log begins at %" PRId64, replica->number, first);
    for (int64_t i = replica->in.reading.reader.wanted_offset; i < first; i++)
        world->broker.log[i].is_told = true;
}

static enum log_marker marker_of(const struct reading *reading, const struct logged *logged)
{
    if (logged->marker == LOG_NO_MARKER || logged->round == reading->round)
        return logged->marker;
    return LOG_FOREIGN;
}

static void take(struct replica *replica, const struct logged *logged, int64_t offset)
{
    struct reading *reading = &replica->in.reading;
    struct delivered *delivered = incoming_new(replica, logged->row);
    enum held_state state =
        listener_reader_judge(&reading->reader, marker_of(reading, logged), offset, HELD_WAITING);

    if (!delivered)
        return;
    if (state == HELD_WAITING)
        judge_attempt(replica, &delivered->held);
    if (listener_reader_arrived(&reading->reader, &delivered->held, offset, reading->next_tag++,
                                state, world_now_ms(replica->world)))
        tell_of_cut(replica, offset);
}

/* What follows its own marker belongs to the next round. */
void reading_logged(struct replica *replica, uint32_t connection)
{
    struct reading *reading = &replica->in.reading;
    const struct logged *logged;
    int64_t offset;

    if (reading->connection != connection)
        return;
    for (int i = 0; i < CHUNK && !reading->reader.complete; i++) {
        logged = broker_next_logged(replica->world, replica->number, &offset);
        if (!logged)
            return;
        take(replica, logged, offset);
    }
}

void reading_broken(struct replica *replica, uint32_t connection)
{
    struct reading *reading = &replica->in.reading;

    if (reading->connection == 0 || reading->connection != connection)
        return;
    if (reading->stage == READING_READS)
        reading_abandon(replica);
    else /* it notices when its call has ended */
        reading->connection = 0;
}

/* ---- going on ---- */

static void end(struct replica *replica)
{
    struct reading *reading = &replica->in.reading;

    if (reading->is_noted)
        replica->world->n_rounds_noted = 0;
    drop(replica);
    reading->stage = READING_NOT;
    SAY(replica->world, "replica %d: has read the log", replica->number);
}

static void store(struct replica *replica)
{
    struct reading *reading = &replica->in.reading;

    reading->stage = READING_STORES;
    ask(replica, REQUEST_KEEP, listener_reader_reached(&reading->reader));
}

static void start_over(struct replica *replica)
{
    SEE(replica->world, SIGHT_ROUND_BEGUN_AGAIN);
    drop(replica);
    listener_reader_begin_again(&replica->in.reading.reader);
    open_log(replica);
}

static void put_late(struct replica *replica)
{
    struct reading *reading = &replica->in.reading;
    bool done = broker_put_marker(replica->world, reading->round, LOG_LATE);

    listener_reader_late_put(&reading->reader, done, world_now_ms(replica->world));
}

static void step(struct replica *replica)
{
    struct reading *reading = &replica->in.reading;

    if (reading->connection == 0) {
        reading_abandon(replica);
        return;
    }
    switch (
        listener_reader_next(&reading->reader, reading->is_careful, world_now_ms(replica->world))) {
    case READER_WAITS:
        break;
    case READER_PUTS_LATE:
        put_late(replica);
        break;
    case READER_STORES:
        store(replica);
        break;
    case READER_STARTS_OVER:
        start_over(replica);
        break;
    case READER_ENDS:
        end(replica);
        break;
    case READER_FAILS:
        reading_abandon(replica);
        break;
    }
}

/* It consumes when a round was read, or could not be. */
void reading_go_on(struct replica *replica)
{
    struct incoming *in = &replica->in;
    struct reading *reading = &in->reading;

    if (replica->ends_ms != INT64_MAX)
        return;
    if (reading->stage == READING_READS)
        step(replica);
    else if (world_now_ms(replica->world) >= reading->round_at_ms) {
        reading->stage = READING_LOADS;
        ask(replica, REQUEST_LOAD, 0);
    }
    if (reading->stage != READING_NOT || in->is_consuming)
        return;
    in->is_consuming = true;
    broker_consume(replica->world, replica->number);
}

int64_t reading_due_ms(const struct replica *replica)
{
    const struct reading *reading = &replica->in.reading;
    int64_t now_ms = world_now_ms(replica->world);

    if (replica->in.connection == 0 || replica->ends_ms != INT64_MAX)
        return INT64_MAX;
    if (reading->stage == READING_NOT)
        return reading->round_at_ms;
    return now_ms + listener_flow_wait_ms(&reading->reader.flow, now_ms, LOG_TICK_MS);
}
