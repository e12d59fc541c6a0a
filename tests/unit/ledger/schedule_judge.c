#include "schedule_world.h"

#include <inttypes.h>

static const struct ledger_entry *entry_at(const struct schedule *self, size_t event,
                                           int64_t sequence)
{
    const struct object_id id = schedule_event(event);

    return audit_entry(&self->audit, &id, sequence);
}

static bool check_booked(struct schedule *self, const struct sim_call *call, struct error *error)
{
    const struct answer *answer = &call->ticket.answer;
    const struct ledger_entry *entry = NULL;
    const struct ledger_booking *booking =
        audit_booking(&self->audit, &call->command.booking_id, &entry);

    if (!booking)
        return error_set(error, ERROR_CORRUPT, "is not in the ledger");
    if (booking->seats != call->command.seats || answer->booking.seats != booking->seats ||
        booking->fingerprint != call->command.fingerprint)
        return error_set(error, ERROR_CORRUPT, "has %d seats in the ledger", booking->seats);
    if (answer->repeated)
        return true;
    if (entry->key.sequence < call->entries_before || entry->key.sequence >= call->entries_after)
        return error_set(error, ERROR_CORRUPT,
                         "is in entry %" PRId64 ", made between %" PRId64 " and %" PRId64,
                         entry->key.sequence, call->entries_before, call->entries_after);
    if (!object_id_equal(&booking->user_id, &call->command.user_id))
        return error_set(error, ERROR_CORRUPT, "is another user's");
    return true;
}

static bool check_taken_over(struct schedule *self, const struct sim_call *call,
                             struct error *error)
{
    const struct ledger_entry *entry = entry_at(self, call->event, call->entries_after - 1);

    if (!entry || entry->state.event_version < call->command.state.event_version)
        return error_set(error, ERROR_CORRUPT, "is not in the ledger");
    return true;
}

/* Fewer seats were free at some moment; within an entry all bookings may come before the rest. */
static bool was_short(const struct ledger_entry *before, const struct ledger_entry *entry,
                      int64_t seats)
{
    struct ledger_state state = entry->state;
    int64_t free_after = ledger_state_free(&state);
    int64_t free_meanwhile;

    state.seats_sold = before ? before->state.seats_sold : 0;
    for (size_t i = 0; i < entry->n_bookings; i++)
        state.seats_sold += entry->bookings[i].seats;
    free_meanwhile = ledger_state_free(&state);
    return free_after != CAPACITY_UNKNOWN && (free_after < seats || free_meanwhile < seats);
}

/* Some state that was valid during the call refuses it. */
static bool check_refusal(struct schedule *self, const struct sim_call *call, struct error *error)
{
    enum error_code code = call->ticket.answer.code;
    bool is_new = call->entries_before == 0;

    for (int64_t i = is_new ? 0 : call->entries_before - 1; i < call->entries_after; i++) {
        const struct ledger_entry *before = i > 0 ? entry_at(self, call->event, i - 1) : NULL;
        const struct ledger_entry *entry = entry_at(self, call->event, i);

        if (!entry)
            return error_set(error, ERROR_CORRUPT, "entry %" PRId64 " was seen and is not there",
                             i);
        if (code == ERROR_SOLD_OUT && was_short(before, entry, call->command.seats))
            return true;
        if (code == ERROR_GONE && entry->state.closed)
            return true;
    }
    return error_set(error, ERROR_CORRUPT, "no entry from %" PRId64 " to %" PRId64 " says so",
                     call->entries_before - 1, call->entries_after - 1);
}

/* A command with an id of its own that did not happen. */
static bool check_absent(struct schedule *self, const struct sim_call *call, struct error *error)
{
    bool is_own_id = call->command.kind == COMMAND_BOOK && !call->command.keyed;

    if (is_own_id && audit_booking(&self->audit, &call->command.booking_id, NULL))
        return error_set(error, ERROR_CORRUPT, "is in the ledger");
    return true;
}

static bool check_done(struct schedule *self, const struct sim_call *call, struct error *error)
{
    struct schedule_sights *sights = self->sights;

    switch (call->command.kind) {
    case COMMAND_BOOK:
        sights->booked += !call->ticket.answer.repeated;
        sights->replayed += call->ticket.answer.repeated;
        return check_booked(self, call, error);
    case COMMAND_CANCEL:
        sights->cancelled++;
        return audit_is_cancelled(&self->audit, &call->command.booking_id) ||
               error_set(error, ERROR_CORRUPT, "is not in the ledger");
    case COMMAND_TAKE_OVER:
        sights->taken_over++;
        return check_taken_over(self, call, error);
    }
    return false;
}

static bool check_answered(struct schedule *self, const struct sim_call *call, struct error *error)
{
    struct schedule_sights *sights = self->sights;

    switch (call->ticket.answer.code) {
    case ERROR_NONE:
        return check_done(self, call, error);
    case ERROR_SOLD_OUT:
        sights->sold_out++;
        return check_absent(self, call, error) && check_refusal(self, call, error);
    case ERROR_GONE:
        sights->gone++;
        return check_absent(self, call, error) && check_refusal(self, call, error);
    case ERROR_USER_LIMIT:
        sights->user_limit++;
        return check_absent(self, call, error);
    case ERROR_KEY_REUSED:
        sights->key_reused++;
        return audit_booking(&self->audit, &call->command.booking_id, NULL) ||
               error_set(error, ERROR_CORRUPT, "its key is not in the ledger");
    case ERROR_NOT_FOUND:
        sights->not_found++;
        if (call->command.kind == COMMAND_BOOK && call->entries_before > 0)
            return error_set(error, ERROR_CORRUPT, "the event was there");
        return check_absent(self, call, error);
    default:
        return error_set(error, ERROR_CORRUPT, "is no answer in an honest world");
    }
}

static bool check_call(struct schedule *self, const struct sim_call *call, struct error *error)
{
    static const char *const kinds[] = {"book", "cancel", "take over"};
    bool ok = true;

    if (call->fate == FATE_ANSWERED)
        ok = check_answered(self, call, error);
    else if (call->fate == FATE_NEVER)
        ok = check_absent(self, call, error);
    return ok || error_wrap(error, "call %td (%s %s of event %zu, %d seats, answered %s)",
                            call - self->calls, kinds[call->command.kind],
                            object_id_hex(&call->command.booking_id).text, call->event,
                            call->command.seats, error_code_name(call->ticket.answer.code));
}

bool schedule_judge(struct schedule *self, struct error *error)
{
    if (!audit_read(&self->audit, schedule_store(self, 0), error) ||
        !audit_check(&self->audit, error))
        return false;
    self->sights->entries += (int64_t)self->audit.n_entries;
    for (size_t i = 0; i < self->n_calls; i++) {
        if (!check_call(self, &self->calls[i], error))
            return false;
    }
    return true;
}
