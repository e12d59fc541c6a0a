#include "audit.h"

#include "base/memory.h"
#include "persistence/array.h"

#include <inttypes.h>
#include <stdlib.h>

enum {
    ENTRIES_MAX = 1000000
};

void audit_clear(struct audit *audit)
{
    for (size_t i = 0; i < audit->n_entries; i++)
        ledger_entry_clear(&audit->entries[i]);
    memory_free(audit->entries);
    id_index_clear(&audit->bookings);
    id_index_clear(&audit->cancellations);
    *audit = (struct audit){0};
}

static bool keep(void *context, const struct ledger_entry *entry, struct error *error)
{
    struct audit *audit = context;
    struct ledger_entry *entries =
        array_room(audit->entries, audit->n_entries, 1, &audit->capacity, sizeof(*entries), error);

    if (!entries)
        return false;
    audit->entries = entries;
    if (!ledger_entry_copy(entry, &entries[audit->n_entries], error))
        return false;
    audit->n_entries++;
    return true;
}

static int compare(const void *a, const void *b)
{
    const struct ledger_entry *left = a;
    const struct ledger_entry *right = b;
    int order = object_id_compare(&left->key.event_id, &right->key.event_id);

    if (order != 0)
        return order;
    return (left->key.sequence > right->key.sequence) - (left->key.sequence < right->key.sequence);
}

bool audit_read(struct audit *audit, struct ledger_store *store, struct error *error)
{
    if (!ledger_store_unpublished(store, ENTRIES_MAX, keep, audit, error))
        return false;
    if (audit->n_entries > 0)
        qsort(audit->entries, audit->n_entries, sizeof(*audit->entries), compare);
    return true;
}

static bool is_first(const struct audit *audit, size_t i)
{
    return i == 0 ||
           !object_id_equal(&audit->entries[i - 1].key.event_id, &audit->entries[i].key.event_id);
}

static int64_t seats_booked(const struct ledger_entry *entry)
{
    int64_t seats = 0;

    for (size_t i = 0; i < entry->n_bookings; i++)
        seats += entry->bookings[i].seats;
    return seats;
}

static int64_t seats_given_back(const struct ledger_entry *entry)
{
    int64_t seats = 0;

    for (size_t i = 0; i < entry->n_cancellations; i++)
        seats += entry->cancellations[i].seats;
    return seats;
}

static bool check_state(const struct audit *audit, size_t i, struct error *error)
{
    static const struct ledger_entry nothing = {.key.sequence = -1};
    const struct ledger_entry *entry = &audit->entries[i];
    const struct ledger_entry *before = is_first(audit, i) ? &nothing : entry - 1;
    const struct ledger_state *state = &entry->state;
    int64_t sold = before->state.seats_sold + seats_booked(entry) - seats_given_back(entry);

    if (entry->key.sequence != before->key.sequence + 1)
        return error_set(error, ERROR_CORRUPT, "follows entry %" PRId64, before->key.sequence);
    if (state->event_version < before->state.event_version)
        return error_set(error, ERROR_CORRUPT, "version %" PRId64 " after %" PRId64,
                         state->event_version, before->state.event_version);
    if (state->seats_sold != sold || sold < 0)
        return error_set(error, ERROR_CORRUPT, "says %" PRId64 " sold, which are %" PRId64,
                         state->seats_sold, sold);
    if (entry->n_bookings > 0 && state->capacity != CAPACITY_UNKNOWN && sold > state->capacity)
        return error_set(error, ERROR_CORRUPT, "sold %" PRId64 " of %" PRId64, sold,
                         state->capacity);
    if (entry->n_bookings > 0 && state->closed)
        return error_set(error, ERROR_CORRUPT, "books though closed");
    return true;
}

static bool check_token(const struct audit *audit, struct id_index *tokens, size_t i,
                        struct error *error)
{
    const struct ledger_entry *entry = &audit->entries[i];

    if (id_index_find(tokens, &entry->token, NULL))
        return error_set(error, ERROR_CORRUPT, "has the token of another");
    return id_index_put(tokens, &entry->token, i, error);
}

static bool check_bookings(struct audit *audit, size_t i, struct error *error)
{
    const struct ledger_entry *entry = &audit->entries[i];

    for (size_t j = 0; j < entry->n_bookings; j++) {
        const struct object_id *id = &entry->bookings[j].id;

        if (id_index_find(&audit->bookings, id, NULL))
            return error_set(error, ERROR_CORRUPT, "books %s again", object_id_hex(id).text);
        if (!id_index_put(&audit->bookings, id, i, error))
            return false;
    }
    return true;
}

const struct ledger_booking *audit_booking(const struct audit *audit, const struct object_id *id,
                                           const struct ledger_entry **entry)
{
    size_t i;

    if (!id_index_find(&audit->bookings, id, &i))
        return NULL;
    if (entry)
        *entry = &audit->entries[i];
    for (size_t j = 0; j < audit->entries[i].n_bookings; j++) {
        if (object_id_equal(&audit->entries[i].bookings[j].id, id))
            return &audit->entries[i].bookings[j];
    }
    return NULL;
}

bool audit_is_cancelled(const struct audit *audit, const struct object_id *booking_id)
{
    return id_index_find(&audit->cancellations, booking_id, NULL);
}

static bool check_cancellations(struct audit *audit, size_t i, struct error *error)
{
    const struct ledger_entry *entry = &audit->entries[i];

    for (size_t j = 0; j < entry->n_cancellations; j++) {
        const struct ledger_cancellation *cancellation = &entry->cancellations[j];
        const struct ledger_entry *booked = NULL;
        const struct ledger_booking *booking =
            audit_booking(audit, &cancellation->booking_id, &booked);
        const struct object_id_hex id = object_id_hex(&cancellation->booking_id);

        if (id_index_find(&audit->cancellations, &cancellation->booking_id, NULL))
            return error_set(error, ERROR_CORRUPT, "cancels %s again", id.text);
        if (!booking || !object_id_equal(&booked->key.event_id, &entry->key.event_id))
            return error_set(error, ERROR_CORRUPT, "cancels %s, which is not booked", id.text);
        if (booking->seats != cancellation->seats ||
            !object_id_equal(&booking->user_id, &cancellation->user_id))
            return error_set(error, ERROR_CORRUPT, "cancels another %s than was booked", id.text);
        if (!id_index_put(&audit->cancellations, &cancellation->booking_id, i, error))
            return false;
    }
    return true;
}

static int64_t seats_of_user(const struct ledger_entry *entry, const struct object_id *user_id)
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

static bool check_users(const struct audit *audit, size_t i, struct error *error)
{
    const struct ledger_entry *entry = &audit->entries[i];

    for (size_t j = 0; audit->seats_per_user > 0 && j < entry->n_bookings; j++) {
        const struct object_id *user_id = &entry->bookings[j].user_id;
        int64_t held = 0;

        for (size_t k = i - (size_t)entry->key.sequence; k <= i; k++)
            held += seats_of_user(&audit->entries[k], user_id);
        if (!object_id_is_none(user_id) && held > audit->seats_per_user)
            return error_set(error, ERROR_CORRUPT, "a user holds %" PRId64, held);
    }
    return true;
}

bool audit_check(struct audit *audit, struct error *error)
{
    CLEANUP(id_index_clear) struct id_index tokens = {0};

    for (size_t i = 0; i < audit->n_entries; i++) {
        const struct ledger_key *key = &audit->entries[i].key;

        if (!check_state(audit, i, error) || !check_token(audit, &tokens, i, error) ||
            !check_bookings(audit, i, error) || !check_cancellations(audit, i, error) ||
            !check_users(audit, i, error))
            return error_wrap(error, "event %s entry %" PRId64, object_id_hex(&key->event_id).text,
                              key->sequence);
    }
    return true;
}

const struct ledger_entry *audit_entry(const struct audit *audit, const struct object_id *event_id,
                                       int64_t sequence)
{
    const struct ledger_entry wanted = {.key = {*event_id, sequence}};

    if (audit->n_entries == 0)
        return NULL;
    return bsearch(&wanted, audit->entries, audit->n_entries, sizeof(wanted), compare);
}

int64_t audit_sold(const struct audit *audit, const struct object_id *event_id)
{
    int64_t sold = 0;

    for (size_t i = 0; i < audit->n_entries; i++) {
        if (object_id_equal(&audit->entries[i].key.event_id, event_id))
            sold = audit->entries[i].state.seats_sold;
    }
    return sold;
}
