#include "tests/simulator/judge.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ---- an entry, when it lands ---- */

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

static const struct ledger_booking *booking_upto(struct world *world, int event, int64_t sequence,
                                                 const struct object_id *id)
{
    for (int64_t s = 0; s <= sequence; s++) {
        const struct stored *stored = store_at(&world->store, event, s);

        for (size_t i = 0; stored && i < stored->entry.n_bookings; i++) {
            if (object_id_equal(&stored->entry.bookings[i].id, id))
                return &stored->entry.bookings[i];
        }
    }
    return NULL;
}

static void judge_cancellations(struct world *world, const struct ledger_entry *entry)
{
    int event = event_of(&entry->key.event_id);

    for (size_t i = 0; i < entry->n_cancellations; i++) {
        const struct ledger_cancellation *gone = &entry->cancellations[i];
        const struct ledger_booking *booking =
            booking_upto(world, event, entry->key.sequence, &gone->booking_id);

        if (!booking || booking->seats != gone->seats ||
            !object_id_equal(&booking->user_id, &gone->user_id))
            world_fail(world, "I4: entry %" PRId64 " of event %d gives back what is not there",
                       entry->key.sequence, event);
    }
}

static void judge_limit(struct world *world, const struct ledger_entry *entry)
{
    int event = event_of(&entry->key.event_id);

    for (size_t i = 0; world->plan->seats_per_user > 0 && i < entry->n_bookings; i++) {
        const struct object_id *user = &entry->bookings[i].user_id;
        int64_t seats = 0;

        if (object_id_is_none(user))
            continue;
        for (int64_t s = 0; s <= entry->key.sequence; s++) {
            const struct stored *stored = store_at(&world->store, event, s);

            if (stored)
                seats += judge_seats_of(&stored->entry, user);
        }
        if (seats > world->plan->seats_per_user)
            world_fail(world, "I1: a user holds %" PRId64 " seats of event %d", seats, event);
    }
}

void judge_entry(struct world *world, const struct stored *stored)
{
    const struct ledger_entry *entry = &stored->entry;
    int event = event_of(&entry->key.event_id);
    int64_t sequence = entry->key.sequence;
    const struct stored *before = store_at(&world->store, event, sequence - 1);
    int64_t sold = before ? before->entry.state.seats_sold : 0;

    SEE(world, SIGHT_ENTRIES);
    if (sequence > 0 && (!before || !before->has_majority))
        world_fail(world, "I2: entry %" PRId64 " of event %d has no predecessor", sequence, event);
    if (before && entry->state.event_version < before->entry.state.event_version)
        world_fail(world, "I2: the version falls in entry %" PRId64 " of event %d", sequence,
                   event);
    if (entry->state.seats_sold != sold + seats_moved(entry))
        world_fail(world, "I1: entry %" PRId64 " of event %d says %" PRId64 " sold, not %" PRId64,
                   sequence, event, entry->state.seats_sold, sold + seats_moved(entry));
    if (entry->n_bookings > 0 && entry->state.capacity != CAPACITY_UNKNOWN &&
        entry->state.seats_sold > entry->state.capacity)
        world_fail(world, "I1: entry %" PRId64 " of event %d ends with %" PRId64 " of %" PRId64,
                   sequence, event, entry->state.seats_sold, entry->state.capacity);
    if (entry->n_bookings > 0 && entry->state.closed)
        world_fail(world, "I1: entry %" PRId64 " of event %d sells what is closed", sequence,
                   event);
    if (has_twins(entry))
        world_fail(world, "I5: entry %" PRId64 " of event %d holds one id twice", sequence, event);
    judge_cancellations(world, entry);
    judge_limit(world, entry);
}

/* ---- the ledgers at the end ---- */

static bool is_token_new(struct world *world, int event, int64_t sequence)
{
    const struct object_id *token = &store_at(&world->store, event, sequence)->entry.token;

    for (int e = 0; e <= event; e++) {
        int64_t end = e < event ? world->store.n_entries[e] : sequence;

        for (int64_t s = 0; s < end; s++) {
            const struct stored *other = store_at(&world->store, e, s);

            if (other && object_id_equal(&other->entry.token, token))
                return false;
        }
    }
    return true;
}

void judge_ledgers(struct world *world)
{
    for (int event = 0; event < world->plan->n_events; event++) {
        for (int64_t s = 0; s < world->store.n_entries[event]; s++) {
            const struct stored *stored = store_at(&world->store, event, s);

            if (!stored || !stored->has_majority)
                world_fail(world, "I2: the ledger of event %d lacks entry %" PRId64, event, s);
            else if (!is_token_new(world, event, s))
                world_fail(world, "I2: entry %" PRId64 " of event %d has another's token", s,
                           event);
        }
    }
}

/* ---- messages ---- */

static const struct seen *find_seen(const struct broker *broker, const char *id)
{
    uint64_t hash = hash_of(id, strlen(id), 0);

    for (size_t i = 0; i < broker->n_seen; i++) {
        if (broker->seen[i].id_hash == hash)
            return &broker->seen[i];
    }
    return NULL;
}

static void judge_message(struct world *world, const struct ledger_entry *entry,
                          const struct relay_item *item, size_t index)
{
    bool is_booking = index < entry->n_bookings;
    char id[MESSAGE_ID_BYTES];
    struct envelope envelope;
    const struct seen *seen;
    uint64_t hash;

    snprintf(id, sizeof(id), "%s:%" PRId64 ":%c%zu", object_id_hex(&entry->key.event_id).text,
             entry->key.sequence, is_booking ? 'b' : 'x',
             is_booking ? index : index - entry->n_bookings);
    seen = find_seen(&world->broker, id);
    if (!seen) {
        world_fail(world, "I8: message %s was never published", id);
        return;
    }
    buffer_reset(&world->body);
    if (!world->source.envelope(world->source.context, item, index, &world->body, &envelope, NULL))
        return;
    hash = hash_of(envelope.name, strlen(envelope.name), 0);
    hash = hash_of(envelope.body, envelope.body_bytes, hash);
    if (hash != seen->content_hash)
        world_fail(world, "I8: message %s does not say what its entry says", id);
}

static size_t judge_messages_of(struct world *world, const struct ledger_entry *entry)
{
    size_t n = entry->n_bookings + entry->n_cancellations;
    struct relay_item *item = ledger_relay_item(entry, NULL);

    for (size_t i = 0; item && i < n; i++)
        judge_message(world, entry, item, i);
    world->source.free_item(item);
    return n;
}

void judge_messages(struct world *world)
{
    size_t n = 0;

    for (int event = 0; event < world->plan->n_events; event++) {
        for (int64_t s = 0; s < world->store.n_entries[event]; s++) {
            const struct stored *stored = store_at(&world->store, event, s);

            if (stored)
                n += judge_messages_of(world, &stored->entry);
        }
    }
    if (n != world->broker.n_seen)
        world_fail(world, "I8: %zu different messages were seen, the ledgers imply %zu",
                   world->broker.n_seen, n);
}

/* ---- the catalogue ---- */

static const struct row *latest_change(const struct plan *plan, int event)
{
    const struct row *latest = NULL;

    for (size_t i = 0; i < plan->n_rows; i++) {
        const struct row *row = &plan->rows[i];

        if (row->kind == ROW_CHANGE && row->event == event && !row->is_poison &&
            !plan->left_out[i] && (!latest || row->version > latest->version))
            latest = row;
    }
    return latest;
}

static bool says(const struct ledger_state *state, const struct row *row)
{
    if (state->event_version != row->version)
        return false;
    if (row->removed)
        return state->removed && state->closed;
    return state->capacity == row->capacity && state->closed == row->closed &&
           state->end_s == row->end_s && !state->removed;
}

static void judge_event(struct world *world, int event)
{
    const struct row *latest = latest_change(world->plan, event);
    const struct ledger_head head = store_head(&world->store, event);

    if (!latest)
        return;
    if (world->store.copies[event].version != latest->version)
        world_fail(world, "I9: the copy of event %d has version %" PRId64 ", not %" PRId64, event,
                   world->store.copies[event].version, latest->version);
    if (!head.exists || !says(&head.state, latest))
        world_fail(world, "I3: the ledger of event %d has not taken over version %" PRId64, event,
                   latest->version);
}

void judge_catalogue(struct world *world)
{
    const struct plan *plan = world->plan;

    for (int event = 0; event < plan->n_events; event++)
        judge_event(world, event);
    for (size_t i = 0; i < plan->n_rows; i++) {
        bool is_poison = plan->rows[i].is_poison && !plan->left_out[i];

        if (is_poison != (world->broker.parked[i] > 0))
            world_fail(world, "I10: the message of row %zu was parked %d times", i,
                       world->broker.parked[i]);
    }
}
