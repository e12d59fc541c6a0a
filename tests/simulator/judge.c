#include "tests/simulator/judge.h"

#include "tests/simulator/entry_rules.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void judge_entry(struct world *world, const struct stored *stored)
{
    SEE(world, SIGHT_ENTRIES);
    if (world->error.code == ERROR_NONE &&
        !entry_is_right(&world->store, stored, world->plan->seats_per_user, &world->error))
        SAY(world, "VIOLATION %s", world->error.text);
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

/* Whoever has been parked because processes died of it is taken over by nobody; a person has to look. */
static const struct row *latest_change(const struct world *world, int event)
{
    const struct plan *plan = world->plan;
    const struct row *latest = NULL;

    for (size_t i = 0; i < plan->n_rows; i++) {
        const struct row *row = &plan->rows[i];

        if (row->kind == ROW_CHANGE && row->event == event && !row->is_poison &&
            !plan->left_out[i] && !world->is_quarantined[i] &&
            (!latest || row->version > latest->version))
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
    const struct row *latest = latest_change(world, event);
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
        bool is_poison =
            (plan->rows[i].is_poison && !plan->left_out[i]) || world->is_quarantined[i];

        if (is_poison != (world->broker.parked[i] > 0))
            world_fail(world, "I10: the message of row %zu was parked %d times", i,
                       world->broker.parked[i]);
    }
}
