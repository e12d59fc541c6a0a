#include "tests/simulator/clients.h"

#include "tests/simulator/times.h"
#include "tests/simulator/world.h"

#include <inttypes.h>

enum {
    RETRY_MS = 50
};

void clients_init(struct clients *clients)
{
    clients->n_calls = 0;
    clients->n_open = 0;
    clients->n_retries = 0;
}

/* Of the booking that a row makes. */
static struct object_id booking_of(const struct plan *plan, int number)
{
    const struct row *row = &plan->rows[number];
    struct object_id id = {.bytes = {4, (uint8_t)(row->event + 1)}};

    id.bytes[2] = row->key < 0 ? 2 : 1;
    id.bytes[11] = (uint8_t)(row->key < 0 ? number : row->key);
    return id;
}

static struct object_id user_of(const struct row *row)
{
    struct object_id id = {.bytes = {2}};

    if (row->user == USERS)
        return (struct object_id){0};
    id.bytes[11] = (uint8_t)(row->user + 1);
    return id;
}

static struct command command_of(const struct plan *plan, int number)
{
    const struct row *row = &plan->rows[number];

    if (row->kind == ROW_CANCEL)
        return (struct command){.kind = COMMAND_CANCEL, .booking_id = booking_of(plan, row->other)};
    return (struct command){.kind = COMMAND_BOOK,
                            .booking_id = booking_of(plan, number),
                            .user_id = user_of(row),
                            .seats = row->seats,
                            .fingerprint = (uint64_t)(row->seats | row->user << 8),
                            .keyed = row->key >= 0};
}

/* ---- the end of a call ---- */

static void try_again(struct world *world, const struct call *call)
{
    struct clients *clients = &world->clients;
    struct chance *chance = &world->agenda.chance;

    if (call->tries_left <= 1)
        return;
    clients->n_retries++;
    world_add(world,
              (struct happening){.at_ms = world_now_ms(world) + chance_below(chance, RETRY_MS),
                                 .kind = HAPPENS_RETRY,
                                 .replica = -1,
                                 .what = call->row,
                                 .more = call->tries_left - 1});
}

/*
 * A primary that is behind may show a replica less than had ended before the call came, though never less
 * than the replica itself has seen.
 */
static int64_t entries_before(const struct world *world, const struct call *call)
{
    bool may_be_less = call->met_behind || call->n_deposed != world->network.n_deposed;

    return may_be_less && call->entries_known < call->entries_before ? call->entries_known
                                                                     : call->entries_before;
}

static void end(struct world *world, struct call *call, enum fate fate)
{
    const struct row *row = &world->plan->rows[call->row];

    call->fate = fate;
    call->entries_before = entries_before(world, call);
    call->entries_after = world->store.n_majority[row->event];
    call->ended = world->agenda.n_done;
    call->wall_ms = replica_wall_ms(&world->replicas[call->replica]);
    world->clients.n_open--;
    SAY(world, "call %d (row %d): %s%s", (int)(call - world->clients.calls), call->row,
        fate == FATE_ANSWERED  ? error_code_name(call->ticket.answer.code)
        : fate == FATE_UNKNOWN ? "outcome unknown"
                               : "never sent",
        fate == FATE_ANSWERED && call->ticket.answer.repeated ? ", once more" : "");
    if (fate != FATE_ANSWERED || chance_of(&world->agenda.chance, 20))
        try_again(world, call); /* the answer may get lost as well */
}

static struct call *call_of(struct ticket *ticket)
{
    return CONTAINER_OF(ticket, struct call, ticket);
}

void clients_answered(struct world *world, struct ticket *ticket)
{
    switch (ticket->answer.code) {
    case ERROR_OUTCOME_UNKNOWN:
        end(world, call_of(ticket), FATE_UNKNOWN);
        break;
    case ERROR_UNAVAILABLE:
        end(world, call_of(ticket), FATE_NEVER);
        break;
    default:
        end(world, call_of(ticket), FATE_ANSWERED);
        break;
    }
}

void clients_raced(struct ticket *ticket)
{
    call_of(ticket)->has_raced = true;
}

void clients_deadline(struct world *world, int number)
{
    struct call *call = &world->clients.calls[number];
    enum ticket_place place;

    if (call->fate != FATE_OPEN)
        return;
    place = ticket_leave(&call->ticket);
    SEE(world, place == TICKET_SENT ? SIGHT_LEFT_SENT : SIGHT_LEFT_UNSENT);
    end(world, call, place == TICKET_SENT ? FATE_UNKNOWN : FATE_NEVER);
}

void clients_crashed(struct world *world, int replica)
{
    for (size_t i = 0; i < world->clients.n_calls; i++) {
        struct call *call = &world->clients.calls[i];

        if (call->fate == FATE_OPEN && call->replica == replica)
            end(world, call, FATE_UNKNOWN);
    }
}

/* ---- its beginning ---- */

static void watch_deadline(struct world *world, const struct call *call)
{
    const struct row *row = &world->plan->rows[call->row];

    world_add(world, (struct happening){.at_ms = world_now_ms(world) + row->patience_ms,
                                        .kind = HAPPENS_DEADLINE,
                                        .replica = call->replica,
                                        .life = call->life,
                                        .what = (int32_t)(call - world->clients.calls)});
}

static struct call *begin(struct world *world, int number, int replica, int tries_left)
{
    struct clients *clients = &world->clients;
    const struct row *row = &world->plan->rows[number];
    struct call *call = &clients->calls[clients->n_calls++];

    *call = (struct call){.command = command_of(world->plan, number),
                          .row = number,
                          .replica = replica,
                          .life = world->replicas[replica].life,
                          .tries_left = tries_left,
                          .entries_before = world->store.n_majority[row->event],
                          .n_deposed = world->network.n_deposed,
                          .met_behind = world->store.is_behind,
                          .began = world->agenda.n_done};
    call->ticket.command = call->command;
    clients->n_open++;
    return call;
}

/* What was answered before must be seen by now. */
static void look(struct world *world, int number)
{
    const struct row *row = &world->plan->rows[number];
    const struct object_id id = booking_of(world->plan, row->other);
    const struct ledger_found found = store_find(&world->store, &id);

    SEE(world, SIGHT_LOOKED);
    for (size_t i = 0; i < world->clients.n_calls; i++) {
        const struct call *call = &world->clients.calls[i];

        if (call->fate != FATE_ANSWERED || call->ticket.answer.code != ERROR_NONE ||
            !object_id_equal(&call->command.booking_id, &id))
            continue;
        if (!found.exists)
            world_fail(world, "I3: call %zu was answered, and its booking is not there", i);
        else if (call->command.kind == COMMAND_CANCEL && !found.is_cancelled)
            world_fail(world, "I3: call %zu was answered, and the booking is not cancelled", i);
    }
}

void clients_ask(struct world *world, int row, int replica, int tries_left)
{
    struct call *call;
    enum error_code code;

    if (world->plan->rows[row].kind == ROW_LOOK) {
        look(world, row);
        return;
    }
    if (!world->replicas[replica].is_up || world->clients.n_calls == CALLS_MAX)
        return; /* connection refused: nothing happened */
    call = begin(world, row, replica, tries_left);
    SAY(world, "call %d (row %d) comes to replica %d", (int)(call - world->clients.calls), row,
        replica);
    code = replica_hand_in(&world->replicas[replica], world->plan->rows[row].event, &call->ticket);
    if (code != ERROR_NONE) {
        end(world, call, FATE_NEVER);
        return;
    }
    call->entries_known = call->ticket.slot->n_entries;
    watch_deadline(world, call);
}
