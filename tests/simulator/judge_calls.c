/*
 * What callers were told against what is stored. Every answer to a call has to be true at some moment
 * during it; for bookings that is also real time: whoever began after another had ended stands behind it.
 */
#include "tests/simulator/judge.h"

#include <inttypes.h>

static int event_of_call(const struct world *world, const struct call *call)
{
    return world->plan->rows[call->row].event;
}

static const struct ledger_entry *entry_at(struct world *world, const struct call *call,
                                           int64_t sequence)
{
    const struct stored *stored = store_at(&world->store, event_of_call(world, call), sequence);

    return stored ? &stored->entry : NULL;
}

int64_t judge_seats_of(const struct ledger_entry *entry, const struct object_id *user_id)
{
    int64_t seats = 0;

    for (size_t i = 0; i < entry->n_bookings; i++) {
        if (object_id_equal(&entry->bookings[i].user_id, user_id))
            seats += entry->bookings[i].seats;
    }
    for (size_t i = 0; i < entry->n_cancellations; i++) {
        if (object_id_equal(&entry->cancellations[i].user_id, user_id))
            seats -= entry->cancellations[i].seats;
    }
    return seats;
}

/* ---- carried out ---- */

static const char *fault_of_booked(struct world *world, const struct call *call)
{
    const struct answer *answer = &call->ticket.answer;
    const struct ledger_found found = store_find(&world->store, &call->command.booking_id);

    if (!found.exists || event_of(&found.event_id) != event_of_call(world, call))
        return "I3: is not in the ledger";
    if (found.booking.seats != call->command.seats || answer->booking.seats != found.booking.seats)
        return "I3: has another number of seats in the ledger";
    if (!object_id_equal(&found.booking.user_id, &call->command.user_id))
        return "I3: is another user's in the ledger";
    if (found.sequence >= call->entries_after)
        return "I3: was answered before it had landed";
    if (answer->repeated) {
        SEE(world, SIGHT_REPLAYED);
        return NULL;
    }
    SEE(world, SIGHT_BOOKED);
    return found.sequence < call->entries_before ? "I6: stands before what had ended earlier"
                                                 : NULL;
}

static const char *fault_of_cancelled(struct world *world, const struct call *call)
{
    const struct ledger_found found = store_find(&world->store, &call->command.booking_id);

    SEE(world, call->ticket.answer.repeated ? SIGHT_CANCELLED_TWICE : SIGHT_CANCELLED);
    return found.is_cancelled ? NULL : "I3: is not given back in the ledger";
}

/* ---- refused ---- */

/* Fewer seats were free at some moment; within an entry all bookings may come before the rest. */
static bool was_short(const struct ledger_entry *before, const struct ledger_entry *entry,
                      int64_t seats)
{
    struct ledger_state state = entry->state;
    int64_t free_after = ledger_state_free(&state);

    if (free_after == CAPACITY_UNKNOWN)
        return false;
    state.seats_sold = before ? before->state.seats_sold : 0;
    for (size_t i = 0; i < entry->n_bookings; i++)
        state.seats_sold += entry->bookings[i].seats;
    return free_after < seats || ledger_state_free(&state) < seats;
}

/* The user held too much after entry @sequence, or within it. */
static bool was_limited(struct world *world, const struct call *call, int64_t sequence)
{
    const struct object_id *user = &call->command.user_id;
    const struct ledger_entry *entry = entry_at(world, call, sequence);
    int64_t held = 0;

    for (int64_t s = 0; s < sequence; s++)
        held += judge_seats_of(entry_at(world, call, s), user);
    for (size_t i = 0; i < entry->n_bookings; i++) {
        if (object_id_equal(&entry->bookings[i].user_id, user))
            held += entry->bookings[i].seats;
    }
    return held + call->command.seats > world->plan->seats_per_user;
}

static bool says_so(struct world *world, const struct call *call, int64_t sequence)
{
    const struct ledger_entry *before = sequence > 0 ? entry_at(world, call, sequence - 1) : NULL;
    const struct ledger_entry *entry = entry_at(world, call, sequence);
    int64_t end_s = entry->state.end_s;

    switch (call->ticket.answer.code) {
    case ERROR_SOLD_OUT:
        return was_short(before, entry, call->command.seats);
    case ERROR_GONE:
        return entry->state.closed || (end_s != 0 && end_s * 1000 <= call->wall_ms);
    default:
        return was_limited(world, call, sequence);
    }
}

/* Some state that was valid during the call refuses it. */
static const char *fault_of_refusal(struct world *world, const struct call *call)
{
    int64_t first = call->entries_before > 0 ? call->entries_before - 1 : 0;

    for (int64_t i = first; i < call->entries_after; i++) {
        if (says_so(world, call, i))
            return NULL;
    }
    return "I7: was refused, and no state during the call says so";
}

static const char *fault_of_key_reused(struct world *world, const struct call *call)
{
    const struct ledger_found found = store_find(&world->store, &call->command.booking_id);

    if (!found.exists)
        return "I7: was refused for a key that is not in the ledger";
    return found.booking.fingerprint == call->command.fingerprint
               ? "I7: was refused for its own booking"
               : NULL;
}

static const char *fault_of_not_found(struct world *world, const struct call *call)
{
    const struct ledger_found found = store_find(&world->store, &call->command.booking_id);

    if (call->command.kind == COMMAND_BOOK)
        return call->entries_before > 0 ? "I7: was told there is no event" : NULL;
    return found.exists && found.sequence < call->entries_before
               ? "I7: was told there is no such booking"
               : NULL;
}

static const char *fault_of_answer(struct world *world, const struct call *call)
{
    switch (call->ticket.answer.code) {
    case ERROR_NONE:
        return call->command.kind == COMMAND_BOOK ? fault_of_booked(world, call)
                                                  : fault_of_cancelled(world, call);
    case ERROR_SOLD_OUT:
        SEE(world, SIGHT_SOLD_OUT);
        return fault_of_refusal(world, call);
    case ERROR_GONE:
        SEE(world, SIGHT_GONE);
        return fault_of_refusal(world, call);
    case ERROR_USER_LIMIT:
        SEE(world, SIGHT_USER_LIMIT);
        return fault_of_refusal(world, call);
    case ERROR_KEY_REUSED:
        SEE(world, SIGHT_KEY_REUSED);
        return fault_of_key_reused(world, call);
    case ERROR_NOT_FOUND:
        SEE(world, SIGHT_NOT_FOUND);
        return fault_of_not_found(world, call);
    default:
        return "I7: got an answer that no fault here explains";
    }
}

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

static void note_sights(struct world *world, const struct call *call)
{
    enum error_code code = call->ticket.answer.code;

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
        const char *fault;

        if (call->fate != FATE_ANSWERED)
            continue;
        fault = fault_of_answer(world, call);
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
