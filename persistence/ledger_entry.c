#include "persistence/ledger_entry.h"

#include "base/memory.h"

#include <string.h>

void ledger_entry_clear(struct ledger_entry *entry)
{
    memory_free(entry->bookings);
    memory_free(entry->cancellations);
    *entry = (struct ledger_entry){0};
}

bool ledger_entry_make(struct ledger_entry *entry, size_t n_bookings, size_t n_cancellations,
                       struct error *error)
{
    struct ledger_booking *bookings = NULL;
    struct ledger_cancellation *cancellations = NULL;

    if (n_bookings > 0) {
        bookings = memory_array(n_bookings, sizeof(*bookings), error);
        if (!bookings)
            return false;
    }
    if (n_cancellations > 0) {
        cancellations = memory_array(n_cancellations, sizeof(*cancellations), error);
        if (!cancellations) {
            memory_free(bookings);
            return false;
        }
    }
    entry->bookings = bookings;
    entry->n_bookings = n_bookings;
    entry->cancellations = cancellations;
    entry->n_cancellations = n_cancellations;
    return true;
}

bool ledger_entry_copy(const struct ledger_entry *source, struct ledger_entry *entry,
                       struct error *error)
{
    struct ledger_entry copy = *source;

    if (!ledger_entry_make(&copy, source->n_bookings, source->n_cancellations, error))
        return false;
    if (copy.n_bookings > 0)
        memcpy(copy.bookings, source->bookings, copy.n_bookings * sizeof(*copy.bookings));
    if (copy.n_cancellations > 0)
        memcpy(copy.cancellations, source->cancellations,
               copy.n_cancellations * sizeof(*copy.cancellations));
    *entry = copy;
    return true;
}

int64_t ledger_state_free(const struct ledger_state *state)
{
    if (state->capacity == CAPACITY_UNKNOWN)
        return CAPACITY_UNKNOWN;
    return state->capacity > state->seats_sold ? state->capacity - state->seats_sold : 0;
}
