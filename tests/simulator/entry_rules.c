#include "tests/simulator/entry_rules.h"

#include <inttypes.h>

int64_t entry_seats_of(const struct ledger_entry *entry, const struct object_id *user_id)
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

static int64_t seats_moved(const struct ledger_entry *entry)
{
    int64_t seats = 0;

    for (size_t i = 0; i < entry->n_bookings; i++)
        seats += entry->bookings[i].seats;
    for (size_t i = 0; i < entry->n_cancellations; i++)
        seats -= entry->cancellations[i].seats;
    return seats;
}

static bool has_twins(const struct ledger_entry *entry)
{
    for (size_t i = 0; i < entry->n_bookings; i++) {
        for (size_t j = 0; j < i; j++) {
            if (object_id_equal(&entry->bookings[i].id, &entry->bookings[j].id))
                return true;
        }
    }
    for (size_t i = 0; i < entry->n_cancellations; i++) {
        for (size_t j = 0; j < i; j++) {
            if (object_id_equal(&entry->cancellations[i].booking_id,
                                &entry->cancellations[j].booking_id))
                return true;
        }
    }
    return false;
}

static const struct ledger_booking *booking_upto(struct store *store, int event, int64_t sequence,
                                                 const struct object_id *id)
{
    for (int64_t s = 0; s <= sequence; s++) {
        const struct stored *stored = store_at(store, event, s);

        for (size_t i = 0; stored && i < stored->entry.n_bookings; i++) {
            if (object_id_equal(&stored->entry.bookings[i].id, id))
                return &stored->entry.bookings[i];
        }
    }
    return NULL;
}

static bool check_cancellations(struct store *store, const struct ledger_entry *entry,
                                struct error *error)
{
    int event = event_of(&entry->key.event_id);

    for (size_t i = 0; i < entry->n_cancellations; i++) {
        const struct ledger_cancellation *gone = &entry->cancellations[i];
        const struct ledger_booking *booking =
            booking_upto(store, event, entry->key.sequence, &gone->booking_id);

        if (!booking || booking->seats != gone->seats ||
            !object_id_equal(&booking->user_id, &gone->user_id))
            return error_set(error, ERROR_CORRUPT,
                             "I4: entry %" PRId64 " of event %d gives back what is not there",
                             entry->key.sequence, event);
    }
    return true;
}

static bool check_limit(struct store *store, const struct ledger_entry *entry,
                        int64_t seats_per_user, struct error *error)
{
    int event = event_of(&entry->key.event_id);

    for (size_t i = 0; seats_per_user > 0 && i < entry->n_bookings; i++) {
        const struct object_id *user = &entry->bookings[i].user_id;
        int64_t seats = 0;

        if (object_id_is_none(user))
            continue;
        for (int64_t s = 0; s <= entry->key.sequence; s++) {
            const struct stored *stored = store_at(store, event, s);

            if (stored)
                seats += entry_seats_of(&stored->entry, user);
        }
        if (seats > seats_per_user)
            return error_set(error, ERROR_CORRUPT, "I1: a user holds %" PRId64 " seats of event %d",
                             seats, event);
    }
    return true;
}

/* Sums and states against the entry before. */
static bool check_succession(const struct stored *before, const struct ledger_entry *entry,
                             struct error *error)
{
    int event = event_of(&entry->key.event_id);
    int64_t sequence = entry->key.sequence;
    int64_t sold = (before ? before->entry.state.seats_sold : 0) + seats_moved(entry);

    if (sequence > 0 && (!before || !before->has_majority))
        return error_set(error, ERROR_CORRUPT,
                         "I2: entry %" PRId64 " of event %d has no predecessor", sequence, event);
    if (before && entry->state.event_version < before->entry.state.event_version)
        return error_set(error, ERROR_CORRUPT,
                         "I2: the version falls in entry %" PRId64 " of event %d", sequence, event);
    if (entry->state.seats_sold != sold)
        return error_set(error, ERROR_CORRUPT,
                         "I1: entry %" PRId64 " of event %d says %" PRId64 " sold, not %" PRId64,
                         sequence, event, entry->state.seats_sold, sold);
    return true;
}

static bool check_sale(const struct ledger_entry *entry, struct error *error)
{
    int event = event_of(&entry->key.event_id);
    const struct ledger_state *state = &entry->state;

    if (entry->n_bookings == 0)
        return true;
    if (state->capacity != CAPACITY_UNKNOWN && state->seats_sold > state->capacity)
        return error_set(error, ERROR_CORRUPT,
                         "I1: entry %" PRId64 " of event %d ends with %" PRId64 " of %" PRId64,
                         entry->key.sequence, event, state->seats_sold, state->capacity);
    if (state->closed)
        return error_set(error, ERROR_CORRUPT,
                         "I1: entry %" PRId64 " of event %d sells what is closed",
                         entry->key.sequence, event);
    return true;
}

bool entry_is_right(struct store *store, const struct stored *stored, int64_t seats_per_user,
                    struct error *error)
{
    const struct ledger_entry *entry = &stored->entry;
    int event = event_of(&entry->key.event_id);
    const struct stored *before = store_at(store, event, entry->key.sequence - 1);

    if (has_twins(entry))
        return error_set(error, ERROR_CORRUPT,
                         "I5: entry %" PRId64 " of event %d holds one id twice",
                         entry->key.sequence, event);
    return check_succession(before, entry, error) && check_sale(entry, error) &&
           check_cancellations(store, entry, error) &&
           check_limit(store, entry, seats_per_user, error);
}
