/* What callers were told against what is stored, and whether all that is stored was asked for. */
#include "tests/simulator/answer_rules.h"
#include "tests/simulator/judge.h"

/* ---- nothing invented ---- */

static bool may_have_made(const struct call *call, const struct ledger_booking *booking)
{
    bool may_be_there = call->fate == FATE_UNKNOWN ||
                        (call->fate == FATE_ANSWERED && call->ticket.answer.code == ERROR_NONE);

    return may_be_there && call->command.kind == COMMAND_BOOK &&
           object_id_equal(&call->command.booking_id, &booking->id) &&
           object_id_equal(&call->command.user_id, &booking->user_id) &&
           call->command.seats == booking->seats;
}

static bool was_asked_for(const struct world *world, const struct ledger_booking *booking)
{
    for (size_t i = 0; i < world->clients.n_calls; i++) {
        if (may_have_made(&world->clients.calls[i], booking))
            return true;
    }
    return false;
}

static bool was_cancelled_by_call(const struct world *world, const struct object_id *id)
{
    for (size_t i = 0; i < world->clients.n_calls; i++) {
        const struct call *call = &world->clients.calls[i];

        if (call->command.kind == COMMAND_CANCEL && call->fate != FATE_NEVER &&
            object_id_equal(&call->command.booking_id, id))
            return true;
    }
    return false;
}

static void judge_origin(struct world *world, const struct ledger_entry *entry)
{
    for (size_t i = 0; i < entry->n_bookings; i++) {
        if (!was_asked_for(world, &entry->bookings[i]))
            world_fail(world, "I4: booking %s was not asked for, or had certainly failed",
                       object_id_hex(&entry->bookings[i].id).text);
    }
    for (size_t i = 0; i < entry->n_cancellations; i++) {
        if (!was_cancelled_by_call(world, &entry->cancellations[i].booking_id))
            world_fail(world, "I4: nobody wanted booking %s cancelled",
                       object_id_hex(&entry->cancellations[i].booking_id).text);
    }
}

/* ---- all of them ---- */

static enum sight sight_of(const struct call *call)
{
    bool repeated = call->ticket.answer.repeated;

    switch (call->ticket.answer.code) {
    case ERROR_SOLD_OUT:
        return SIGHT_SOLD_OUT;
    case ERROR_GONE:
        return SIGHT_GONE;
    case ERROR_USER_LIMIT:
        return SIGHT_USER_LIMIT;
    case ERROR_KEY_REUSED:
        return SIGHT_KEY_REUSED;
    case ERROR_NOT_FOUND:
        return SIGHT_NOT_FOUND;
    default:
        break;
    }
    if (call->command.kind == COMMAND_CANCEL)
        return repeated ? SIGHT_CANCELLED_TWICE : SIGHT_CANCELLED;
    return repeated ? SIGHT_REPLAYED : SIGHT_BOOKED;
}

static void note_sights(struct world *world, const struct call *call)
{
    enum error_code code = call->ticket.answer.code;

    SEE(world, sight_of(call));

    if (call->has_raced && code != ERROR_NONE)
        SEE(world, SIGHT_REFUSED_AFTER_LOST_RACE);
    if (code != ERROR_NONE || !call->ticket.answer.repeated)
        return;
    for (const struct call *other = world->clients.calls; other < call; other++) {
        if (other->row == call->row && other->replica != call->replica &&
            other->fate == FATE_UNKNOWN) {
            SEE(world, SIGHT_REPLAYED_ELSEWHERE);
            return;
        }
    }
}

void judge_calls(struct world *world)
{
    for (size_t i = 0; i < world->clients.n_calls && world->error.code == ERROR_NONE; i++) {
        const struct call *call = &world->clients.calls[i];
        const struct told told = {.command = &call->command,
                                  .answer = &call->ticket.answer,
                                  .event = world->plan->rows[call->row].event,
                                  .entries_before = call->entries_before,
                                  .entries_after = call->entries_after,
                                  .wall_ms = call->wall_ms,
                                  .seats_per_user = world->plan->seats_per_user};
        const char *fault;

        if (call->fate != FATE_ANSWERED)
            continue;
        fault = answer_fault(&world->store, &told);
        note_sights(world, call);
        if (fault)
            world_fail(world, "%.2s: call %zu (row %d)%s, answered %s", fault, i, call->row,
                       fault + 3, error_code_name(call->ticket.answer.code));
    }
    for (int event = 0; event < world->plan->n_events; event++) {
        for (int64_t s = 0; s < world->store.n_entries[event]; s++) {
            const struct stored *stored = store_at(&world->store, event, s);

            if (stored)
                judge_origin(world, &stored->entry);
        }
    }
}
