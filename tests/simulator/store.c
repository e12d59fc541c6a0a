#include "tests/simulator/store.h"

#include <string.h>

void store_init(struct store *store)
{
    memset(store->is_there, 0, sizeof(store->is_there));
    memset(store->n_entries, 0, sizeof(store->n_entries));
    memset(store->n_majority, 0, sizeof(store->n_majority));
    memset(store->copies, 0, sizeof(store->copies));
    store->offset = 0;
    store->is_behind = false;
    store->n_inserts = 0;
}

struct object_id event_id_of(int event)
{
    return (struct object_id){.bytes = {1, [11] = (uint8_t)(event + 1)}};
}

int event_of(const struct object_id *id)
{
    return id->bytes[11] - 1;
}

void stored_copy(struct stored *to, const struct ledger_entry *from)
{
    to->entry = *from;
    to->entry.bookings = to->bookings;
    to->entry.cancellations = to->cancellations;
    if (from->n_bookings > 0)
        memcpy(to->bookings, from->bookings, from->n_bookings * sizeof(to->bookings[0]));
    if (from->n_cancellations > 0)
        memcpy(to->cancellations, from->cancellations,
               from->n_cancellations * sizeof(to->cancellations[0]));
}

struct stored *store_at(struct store *store, int event, int64_t sequence)
{
    if (sequence < 0 || sequence >= ENTRIES_MAX || !store->is_there[event][sequence])
        return NULL;
    return &store->entries[event][sequence];
}

/* ---- unique keys ---- */

static bool books(const struct ledger_entry *entry, const struct object_id *id)
{
    for (size_t i = 0; i < entry->n_bookings; i++) {
        if (object_id_equal(&entry->bookings[i].id, id))
            return true;
    }
    return false;
}

static bool cancels(const struct ledger_entry *entry, const struct object_id *id)
{
    for (size_t i = 0; i < entry->n_cancellations; i++) {
        if (object_id_equal(&entry->cancellations[i].booking_id, id))
            return true;
    }
    return false;
}

static bool collide(const struct ledger_entry *a, const struct ledger_entry *b)
{
    for (size_t i = 0; i < b->n_bookings; i++) {
        if (books(a, &b->bookings[i].id))
            return true;
    }
    for (size_t i = 0; i < b->n_cancellations; i++) {
        if (cancels(a, &b->cancellations[i].booking_id))
            return true;
    }
    return false;
}

static bool is_duplicate(struct store *store, const struct ledger_entry *entry)
{
    for (int event = 0; event < EVENTS_MAX; event++) {
        for (int64_t s = 0; s < store->n_entries[event]; s++) {
            const struct stored *stored = store_at(store, event, s);

            if (stored && collide(&stored->entry, entry))
                return true;
        }
    }
    return false;
}

/* ---- writes ---- */

enum ledger_outcome store_insert(struct store *store, const struct ledger_entry *entry)
{
    int event = event_of(&entry->key.event_id);
    int64_t sequence = entry->key.sequence;
    struct stored *stored = &store->entries[event][sequence];

    if (sequence >= ENTRIES_MAX)
        return LEDGER_NOT_SENT;
    if (store->is_there[event][sequence])
        return LEDGER_TAKEN;
    if (is_duplicate(store, entry))
        return LEDGER_DUPLICATE;
    stored_copy(stored, entry);
    stored->number = ++store->n_inserts;
    stored->has_majority = false;
    stored->is_published = false;
    store->is_there[event][sequence] = true;
    if (store->n_entries[event] <= sequence)
        store->n_entries[event] = sequence + 1;
    return LEDGER_LANDED;
}

void store_majority(struct store *store, int event, int64_t sequence)
{
    struct stored *stored = store_at(store, event, sequence);

    if (!stored)
        return;
    stored->has_majority = true;
    if (store->n_majority[event] <= sequence)
        store->n_majority[event] = sequence + 1;
    store_catch_up(store);
}

static int depose_entry(struct store *store, struct chance *chance, int event, int64_t sequence)
{
    struct stored *stored = store_at(store, event, sequence);

    if (!stored || stored->has_majority)
        return 0;
    if (chance_of(chance, 50)) {
        store_majority(store, event, sequence);
        return 0;
    }
    store->is_there[event][sequence] = false;
    return 1;
}

/* A commit point travels behind what it speaks of, so the newest entries may not be known as such. */
static void fall_behind(struct store *store, struct chance *chance, const int64_t *n_majority)
{
    for (int event = 0; event < EVENTS_MAX; event++) {
        int64_t n = n_majority[event] - chance_below(chance, 3);

        store->n_heard[event] = n > 0 ? n : 0;
    }
    store->is_behind = true;
}

void store_catch_up(struct store *store)
{
    store->is_behind = false;
}

int store_depose(struct store *store, struct chance *chance)
{
    int64_t n_majority[EVENTS_MAX];
    int gone = 0;

    memcpy(n_majority, store->n_majority, sizeof(n_majority));
    for (int event = 0; event < EVENTS_MAX; event++) {
        for (int64_t s = 0; s < store->n_entries[event]; s++)
            gone += depose_entry(store, chance, event, s);
        while (store->n_entries[event] > 0 && !store->is_there[event][store->n_entries[event] - 1])
            store->n_entries[event]--;
    }
    fall_behind(store, chance, n_majority);
    return gone;
}

/* ---- what a majority has ---- */

static struct stored *majority_at(struct store *store, int event, int64_t sequence)
{
    struct stored *stored = store_at(store, event, sequence);

    return stored && stored->has_majority ? stored : NULL;
}

/* The highest of the first @n. */
static struct ledger_head head_of(const struct store *store, int event, int64_t n)
{
    const struct ledger_entry *entry;

    if (n == 0)
        return (struct ledger_head){0};
    entry = &store->entries[event][n - 1].entry;
    return (struct ledger_head){
        .exists = true, .sequence = n - 1, .token = entry->token, .state = entry->state};
}

static bool find_in(const struct ledger_entry *entry, const struct object_id *booking_id,
                    struct ledger_found *found)
{
    for (size_t i = 0; i < entry->n_bookings; i++) {
        if (object_id_equal(&entry->bookings[i].id, booking_id)) {
            *found = (struct ledger_found){.exists = true,
                                           .event_id = entry->key.event_id,
                                           .sequence = entry->key.sequence,
                                           .at_ms = entry->at_ms,
                                           .booking = entry->bookings[i]};
            return true;
        }
    }
    return false;
}

/* Among the first @n of each event. */
static struct ledger_found find_among(struct store *store, const int64_t n[EVENTS_MAX],
                                      const struct object_id *booking_id)
{
    struct ledger_found found = {0};

    for (int event = 0; event < EVENTS_MAX; event++) {
        for (int64_t s = 0; s < n[event]; s++) {
            const struct stored *stored = majority_at(store, event, s);

            if (!stored)
                continue;
            if (!found.exists)
                (void)find_in(&stored->entry, booking_id, &found);
            found.is_cancelled |= found.exists && cancels(&stored->entry, booking_id);
        }
    }
    return found;
}

static int64_t held_in(const struct ledger_entry *entry, const struct object_id *user_id)
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

int64_t store_held(struct store *store, int event, const struct object_id *user_id)
{
    int64_t seats = 0;

    for (int64_t s = 0; s < store->n_majority[event]; s++) {
        const struct stored *stored = majority_at(store, event, s);

        if (stored)
            seats += held_in(&stored->entry, user_id);
    }
    return seats;
}

struct object_id store_token(struct store *store, const struct ledger_key *key)
{
    const struct stored *stored = majority_at(store, event_of(&key->event_id), key->sequence);

    return stored ? stored->entry.token : (struct object_id){0};
}

/* ---- majority reads ---- */

static const int64_t *shown(const struct store *store)
{
    return store->is_behind ? store->n_heard : store->n_majority;
}

struct ledger_head store_head(const struct store *store, int event)
{
    return head_of(store, event, store->n_majority[event]);
}

struct ledger_head store_head_shown(const struct store *store, int event)
{
    return head_of(store, event, shown(store)[event]);
}

struct ledger_found store_find(struct store *store, const struct object_id *booking_id)
{
    return find_among(store, store->n_majority, booking_id);
}

struct ledger_found store_found_shown(struct store *store, const struct object_id *booking_id)
{
    return find_among(store, shown(store), booking_id);
}

struct object_id store_token_shown(struct store *store, const struct ledger_key *key)
{
    bool is_shown = key->sequence < shown(store)[event_of(&key->event_id)];

    return is_shown ? store_token(store, key) : (struct object_id){0};
}
