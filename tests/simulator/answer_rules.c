#include "tests/simulator/answer_rules.h"

#include "tests/simulator/entry_rules.h"

static const struct ledger_entry *entry_at(struct store *store, const struct told *told,
                                           int64_t sequence)
{
    const struct stored *stored = store_at(store, told->event, sequence);

    return stored ? &stored->entry : NULL;
}

/* ---- carried out ---- */

static const char *fault_of_booked(struct store *store, const struct told *told)
{
    const struct answer *answer = told->answer;
    const struct ledger_found found = store_find(store, &told->command->booking_id);

    if (!found.exists || event_of(&found.event_id) != told->event)
        return "I3: is not in the ledger";
    if (found.booking.seats != told->command->seats || answer->booking.seats != found.booking.seats)
        return "I3: has another number of seats in the ledger";
    if (!object_id_equal(&found.booking.user_id, &told->command->user_id))
        return "I3: is another user's in the ledger";
    if (found.sequence >= told->entries_after)
        return "I3: was answered before it had landed";
    if (answer->repeated)
        return NULL;
    return found.sequence < told->entries_before ? "I6: stands before what had ended earlier"
                                                 : NULL;
}

static const char *fault_of_cancelled(struct store *store, const struct told *told)
{
    const struct ledger_found found = store_find(store, &told->command->booking_id);

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
static bool was_limited(struct store *store, const struct told *told, int64_t sequence)
{
    const struct object_id *user = &told->command->user_id;
    const struct ledger_entry *entry = entry_at(store, told, sequence);
    int64_t held = 0;

    for (int64_t s = 0; s < sequence; s++)
        held += entry_seats_of(entry_at(store, told, s), user);
    for (size_t i = 0; i < entry->n_bookings; i++) {
        if (object_id_equal(&entry->bookings[i].user_id, user))
            held += entry->bookings[i].seats;
    }
    return held + told->command->seats > told->seats_per_user;
}

static bool says_so(struct store *store, const struct told *told, int64_t sequence)
{
    const struct ledger_entry *before = sequence > 0 ? entry_at(store, told, sequence - 1) : NULL;
    const struct ledger_entry *entry = entry_at(store, told, sequence);
    int64_t end_s = entry->state.end_s;

    switch (told->answer->code) {
    case ERROR_SOLD_OUT:
        return was_short(before, entry, told->command->seats);
    case ERROR_GONE:
        return entry->state.closed || (end_s != 0 && end_s * 1000 <= told->wall_ms);
    default:
        return was_limited(store, told, sequence);
    }
}

/* Some state that was valid during the call refuses it. */
static const char *fault_of_refusal(struct store *store, const struct told *told)
{
    int64_t first = told->entries_before > 0 ? told->entries_before - 1 : 0;

    for (int64_t i = first; i < told->entries_after; i++) {
        if (says_so(store, told, i))
            return NULL;
    }
    return "I7: was refused, and no state during the call says so";
}

static const char *fault_of_key_reused(struct store *store, const struct told *told)
{
    const struct ledger_found found = store_find(store, &told->command->booking_id);

    if (!found.exists)
        return "I7: was refused for a key that is not in the ledger";
    return found.booking.fingerprint == told->command->fingerprint
               ? "I7: was refused for its own booking"
               : NULL;
}

static const char *fault_of_not_found(struct store *store, const struct told *told)
{
    const struct ledger_found found = store_find(store, &told->command->booking_id);

    if (told->command->kind == COMMAND_BOOK)
        return told->entries_before > 0 ? "I7: was told there is no event" : NULL;
    return found.exists && found.sequence < told->entries_before
               ? "I7: was told there is no such booking"
               : NULL;
}

const char *answer_fault(struct store *store, const struct told *told)
{
    switch (told->answer->code) {
    case ERROR_NONE:
        return told->command->kind == COMMAND_BOOK ? fault_of_booked(store, told)
                                                   : fault_of_cancelled(store, told);
    case ERROR_SOLD_OUT:
    case ERROR_GONE:
    case ERROR_USER_LIMIT:
        return fault_of_refusal(store, told);
    case ERROR_KEY_REUSED:
        return fault_of_key_reused(store, told);
    case ERROR_NOT_FOUND:
        return fault_of_not_found(store, told);
    default:
        return "I7: got an answer that no fault here explains";
    }
}
