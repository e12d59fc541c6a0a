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

/* The queue does not have it, and whoever came for it to the log was told that it is gone. */
static bool is_cut_off(const struct world *world, int row)
{
    const struct broker *broker = &world->broker;

    for (int64_t i = 0; i < broker->log_end; i++) {
        if (broker->log[i].row == row && !broker->log[i].is_told)
            return false;
    }
    return broker->is_missed[row];
}

/* Whoever has been parked because processes died of it is taken over by nobody; a person has to look. */
static bool has_to_be_known(const struct world *world, int row)
{
    return world->plan->rows[row].kind == ROW_CHANGE && !world->plan->rows[row].is_poison &&
           !world->plan->left_out[row] && !world->is_quarantined[row] && !world->is_left_out[row] &&
           !is_cut_off(world, row);
}

static const struct row *latest_change(const struct world *world, int event)
{
    const struct plan *plan = world->plan;
    const struct row *latest = NULL;

    for (size_t i = 0; i < plan->n_rows; i++) {
        const struct row *row = &plan->rows[i];

        if (row->event == event && (!latest || row->version > latest->version) &&
            has_to_be_known(world, (int)i))
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

static const struct row *change_to(const struct plan *plan, int event, int64_t version)
{
    for (size_t i = 0; i < plan->n_rows; i++) {
        const struct row *row = &plan->rows[i];

        if (row->kind == ROW_CHANGE && row->event == event && row->version == version)
            return row;
    }
    return NULL;
}

static void judge_event(struct world *world, int event)
{
    const struct row *latest = latest_change(world, event);
    const struct ledger_head head = store_head(&world->store, event);
    const struct row *row = change_to(world->plan, event, head.state.event_version);

    if (!latest)
        return;
    if (world->store.copies[event].version < latest->version)
        world_fail(world, "I9: the copy of event %d has version %" PRId64 ", not %" PRId64, event,
                   world->store.copies[event].version, latest->version);
    if (!head.exists || head.state.event_version < latest->version || !row ||
        !says(&head.state, row))
        world_fail(world, "I3: the ledger of event %d has not taken over version %" PRId64, event,
                   latest->version);
}

/* What nobody can handle is left out of the log, and parked from the queue, if that has it. */
static void judge_parked(struct world *world, int row)
{
    const struct plan *plan = world->plan;
    bool may_be = (plan->rows[row].is_poison && !plan->left_out[row]) || world->is_quarantined[row];
    bool must_be = may_be && !world->broker.is_missed[row];
    int times = world->broker.parked[row];

    if (must_be ? times == 0 : times > 0 && !may_be)
        world_fail(world, "I10: the message of row %d was parked %d times", row, times);
}

void judge_catalogue(struct world *world)
{
    for (int event = 0; event < world->plan->n_events; event++)
        judge_event(world, event);
    for (size_t i = 0; i < world->plan->n_rows; i++) {
        judge_parked(world, (int)i);
        if (world->broker.is_missed[i] && is_cut_off(world, (int)i))
            SEE(world, SIGHT_LOG_CUT_UNREAD);
    }
}
