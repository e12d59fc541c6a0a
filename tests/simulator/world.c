#include "tests/simulator/world.h"

#include "base/memory.h"
#include "tests/simulator/judge.h"
#include "tests/simulator/times.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

enum {
    ANNOUNCE_MS = 30, /* until a change is in the queue; much longer for some */
    HAPPENINGS_MAX = 20000
};

struct world *world_new(void)
{
    struct world *world = memory_new(sizeof(*world), NULL);

    if (!world)
        return NULL;
    world->relay.service_name = "bookingservice";
    world->source = ledger_relay_source(&world->relay);
    buffer_init(&world->body, MESSAGE_BODY_BYTES_MAX);
    return world;
}

void world_free(struct world *world)
{
    if (!world)
        return;
    buffer_clear(&world->body);
    memory_free(world);
}

void world_add(struct world *world, struct happening happening)
{
    if (!agenda_add(&world->agenda, happening))
        world_fail(world, "the simulator's agenda is full");
}

void world_fail(struct world *world, const char *format, ...)
{
    char text[ERROR_TEXT_BYTES];
    va_list arguments;

    if (world->error.code != ERROR_NONE)
        return;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    error_set(&world->error, ERROR_CORRUPT, "%s", text);
    SAY(world, "VIOLATION %s", text);
}

void world_say(struct world *world, const char *format, ...)
{
    va_list arguments;

    (void)fprintf(world->trace, "%6" PRId64 " ms  ", world_now_ms(world));
    va_start(arguments, format);
    (void)vfprintf(world->trace, format, arguments);
    va_end(arguments);
    (void)fputc('\n', world->trace);
}

/* ---- rows of the plan ---- */

static void announce(struct world *world, int row)
{
    struct chance *chance = &world->agenda.chance;
    int in_ms = chance_below(chance, chance_of(chance, 10) ? 600 : ANNOUNCE_MS);

    world_add(world, (struct happening){.at_ms = world_now_ms(world) + in_ms,
                                        .kind = HAPPENS_ANNOUNCE,
                                        .replica = -1,
                                        .what = row});
    if (chance_of(chance, 10)) /* the event service did not hear of its confirm */
        announce(world, row);
}

static void crash(struct world *world, const struct row *row)
{
    struct replica *replica = &world->replicas[row->replica];

    if (!replica->is_up)
        return;
    SEE(world, SIGHT_CRASHES);
    if (replica->is_asking[0] || replica->is_asking[1])
        SEE(world, SIGHT_CRASHED_IN_FLIGHT);
    replica_crash(replica);
    world_add(world, (struct happening){.at_ms = world_now_ms(world) + row->for_ms,
                                        .kind = HAPPENS_START,
                                        .replica = -1,
                                        .what = row->replica});
}

static void stop(struct world *world, const struct row *row)
{
    struct replica *replica = &world->replicas[row->replica];

    if (!replica->is_up || replica->ends_ms != INT64_MAX)
        return;
    SEE(world, SIGHT_STOPS);
    replica_stop(replica, row->for_ms);
}

static void arm_store(struct replica *replica, const struct row *row)
{
    if (row->of_writes)
        replica->next_write = row->store;
    else
        replica->next_read = row->store;
}

static void strike(struct world *world, const struct row *row)
{
    struct replica *replica = &world->replicas[row->replica];
    int64_t until_ms = world_now_ms(world) + row->for_ms;

    switch (row->kind) {
    case ROW_STORE:
        arm_store(replica, row);
        break;
    case ROW_LAG:
        world->network.lag_until_ms = until_ms;
        break;
    case ROW_DEPOSE:
        network_depose(world, row->for_ms);
        break;
    case ROW_CUT_OUT:
        broker_cut_publisher(world, row->replica);
        break;
    case ROW_CUT_IN:
        broker_cut_consumer(world, row->replica);
        break;
    case ROW_CUT_LOG:
        broker_cut_log(world, row->replica);
        break;
    case ROW_BROKER:
        broker_go_away(world, row->for_ms);
        break;
    case ROW_DELETE:
        broker_delete_queue(world);
        break;
    case ROW_UNBIND:
        broker_unbind(world);
        break;
    case ROW_STALL:
        world->broker.log_stalls_until_ms = until_ms;
        break;
    case ROW_RETAIN:
        broker_retain(world, row->n_kept);
        break;
    case ROW_PUBLISH:
        replica->next_publish = row->publish;
        break;
    case ROW_REPEAT:
        announce(world, row->other);
        break;
    case ROW_CRASH:
        crash(world, row);
        break;
    case ROW_STOP:
        stop(world, row);
        break;
    case ROW_PAUSE:
        SEE(world, SIGHT_PAUSES);
        replica->stopped_until_ms = until_ms;
        break;
    default:
        break;
    }
}

static void begin_row(struct world *world, int number)
{
    const struct row *row = &world->plan->rows[number];

    world->n_rows_left--;
    world->last_row_ms = world_now_ms(world);
    if (world->trace) {
        char text[ROW_TEXT_BYTES];

        plan_describe(world->plan, (size_t)number, text);
        world_say(world, "%s", text);
    }
    if (row_is_fault(row))
        strike(world, row);
    else if (row->kind == ROW_CHANGE)
        announce(world, number);
    else
        clients_ask(world, number, row->replica, row->tries);
}

/* ---- happenings ---- */

/* A stopped process does nothing; it finds all that came when it goes on. */
static bool is_postponed(struct world *world, struct happening happening)
{
    const struct replica *replica;

    if (happening.replica < 0)
        return false;
    replica = &world->replicas[happening.replica];
    if (world_now_ms(world) >= replica->stopped_until_ms)
        return false;
    happening.at_ms = replica->stopped_until_ms;
    world_add(world, happening);
    return true;
}

static void retry(struct world *world, const struct happening *happening)
{
    int replica = chance_below(&world->agenda.chance, world->plan->n_replicas);

    world->clients.n_retries--;
    clients_ask(world, happening->what, replica, (int)happening->more);
}

static void reply(struct world *world, struct request *request)
{
    const struct request *replied = network_replied(world, request);

    if (replied)
        replica_replied(&world->replicas[request->replica], replied);
    network_release(world, request);
}

static void happen_outside(struct world *world, const struct happening *happening)
{
    switch (happening->kind) {
    case HAPPENS_ROW:
        begin_row(world, happening->what);
        break;
    case HAPPENS_REQUEST:
        network_arrived(world, &world->network.requests[happening->what]);
        break;
    case HAPPENS_MAJORITY:
        network_majority(world, happening->what / ENTRIES_MAX, happening->what % ENTRIES_MAX,
                         happening->more);
        break;
    case HAPPENS_RETRY:
        retry(world, happening);
        break;
    case HAPPENS_START:
        SAY(world, "replica %d starts", happening->what);
        replica_start(&world->replicas[happening->what]);
        break;
    case HAPPENS_PUBLISH:
        broker_published(world, happening->what, happening->life);
        break;
    case HAPPENS_ANNOUNCE:
        broker_announced(world, happening->what);
        break;
    case HAPPENS_SETTLE:
        broker_settled(world, happening->what, happening->life);
        break;
    default:
        break;
    }
}

static void happen_to(struct world *world, struct replica *replica,
                      const struct happening *happening)
{
    uint32_t connection = (uint32_t)happening->more;

    switch (happening->kind) {
    case HAPPENS_WAKE:
        replica->wake_ms = INT64_MAX;
        break;
    case HAPPENS_DEADLINE:
        clients_deadline(world, happening->what);
        break;
    case HAPPENS_CONFIRM:
        outgoing_heard(replica, connection);
        break;
    case HAPPENS_BREAK:
        outgoing_broken(replica, connection);
        incoming_broken(replica, connection);
        reading_broken(replica, connection);
        break;
    case HAPPENS_OPEN_OUT:
        outgoing_open(replica);
        break;
    case HAPPENS_OPEN_IN:
        incoming_open(replica);
        break;
    case HAPPENS_DELIVERY:
        incoming_delivered(replica, connection);
        break;
    case HAPPENS_ROUND:
        reading_next(replica);
        break;
    case HAPPENS_LOGGED:
        reading_logged(replica, connection);
        break;
    case HAPPENS_PARKED:
        incoming_parked(replica, happening->what);
        break;
    default:
        break;
    }
}

static void look_around(struct world *world, const struct happening *happening)
{
    if (happening->kind == HAPPENS_ROW || happening->kind == HAPPENS_RETRY ||
        happening->kind == HAPPENS_START) {
        for (int i = 0; i < world->plan->n_replicas; i++) {
            if (world_now_ms(world) >= world->replicas[i].stopped_until_ms)
                replica_look_around(&world->replicas[i]);
        }
    } else if (happening->replica >= 0) {
        replica_look_around(&world->replicas[happening->replica]);
    }
}

static void happen(struct world *world, const struct happening *happening)
{
    struct replica *replica;

    if (happening->kind == HAPPENS_REPLY) {
        reply(world, &world->network.requests[happening->what]);
    } else if (happening->replica < 0) {
        happen_outside(world, happening);
    } else {
        replica = &world->replicas[happening->replica];
        if (replica->life == happening->life)
            happen_to(world, replica, happening);
    }
    look_around(world, happening);
}

/* ---- the run ---- */

static bool has_time(const struct world *world)
{
    return world->agenda.n_done < HAPPENINGS_MAX &&
           (world->n_rows_left > 0 || world_now_ms(world) < world->last_row_ms + QUIET_WITHIN_MS);
}

static void live(struct world *world)
{
    struct happening happening;

    while (world->error.code == ERROR_NONE && !world_is_quiet(world)) {
        if (!has_time(world) || !agenda_next(&world->agenda, &happening)) {
            world_fail(world, "I10: not quiet %" PRId64 " ms after the last row (%d calls open)",
                       world_now_ms(world) - world->last_row_ms, world->clients.n_open);
            return;
        }
        if (!is_postponed(world, happening))
            happen(world, &happening);
    }
}

static void begin(struct world *world)
{
    const struct plan *plan = world->plan;

    agenda_init(&world->agenda, plan->seed + plan->luck * UINT64_C(0x9e3779b97f4a7c15));
    store_init(&world->store);
    network_init(&world->network);
    broker_init(&world->broker);
    clients_init(&world->clients);
    commits_forget_tokens();
    world->error.code = ERROR_NONE;
    memset(world->n_noted, 0, sizeof(world->n_noted));
    memset(world->is_quarantined, 0, sizeof(world->is_quarantined));
    memset(world->is_left_out, 0, sizeof(world->is_left_out));
    world->n_rounds_noted = 0;
    world->n_rows_left = 0;
    world->last_row_ms = 0;
    for (size_t i = 0; i < plan->n_rows; i++) {
        if (plan->left_out[i])
            continue;
        world->n_rows_left++;
        world_add(world, (struct happening){.at_ms = plan->rows[i].at_ms,
                                            .kind = HAPPENS_ROW,
                                            .replica = -1,
                                            .what = (int32_t)i});
    }
    for (int i = 0; i < plan->n_replicas; i++) {
        replica_init(&world->replicas[i], world, i);
        replica_start(&world->replicas[i]);
        replica_look_around(&world->replicas[i]);
    }
}

static void judge(struct world *world)
{
    judge_ledgers(world);
    judge_calls(world);
    judge_messages(world);
    judge_catalogue(world);
}

bool world_run(struct world *world, const struct plan *plan, struct sights *sights, FILE *trace,
               struct error *error)
{
    world->plan = plan;
    world->sights = sights;
    world->trace = trace;
    begin(world);
    live(world);
    if (world->error.code == ERROR_NONE)
        judge(world);
    for (int i = 0; i < plan->n_replicas; i++)
        replica_clear(&world->replicas[i]);
    if (world->error.code == ERROR_NONE)
        return true;
    *error = world->error;
    return false;
}
