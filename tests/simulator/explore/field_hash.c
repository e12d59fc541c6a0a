/* What is equal about two states: tokens by the order in which they are met, arrivals by their distance. */
#include "tests/simulator/explore/field.h"

#include <string.h>

enum {
    TOKENS_MAX = 64
};

struct canon {
    uint64_t hash;
    struct object_id tokens[TOKENS_MAX];
    size_t n_tokens;
};

static void feed(struct canon *canon, uint64_t value)
{
    value = (value ^ canon->hash) * UINT64_C(0x9e3779b97f4a7c15);
    canon->hash =
        (value ^ value >> 29) * UINT64_C(0xbf58476d1ce4e5b9) + UINT64_C(0x632be59bd9b4e019);
}

static void feed_id(struct canon *canon, const struct object_id *id)
{
    uint64_t head;
    uint32_t tail;

    memcpy(&head, id->bytes, sizeof(head));
    memcpy(&tail, id->bytes + sizeof(head), sizeof(tail));
    feed(canon, head);
    feed(canon, tail);
}

static void feed_token(struct canon *canon, const struct object_id *token)
{
    size_t i = 0;

    while (i < canon->n_tokens && !object_id_equal(&canon->tokens[i], token))
        i++;
    if (i == canon->n_tokens && i < TOKENS_MAX)
        canon->tokens[canon->n_tokens++] = *token;
    feed(canon, i);
}

static void feed_state(struct canon *canon, const struct ledger_state *state)
{
    feed(canon, (uint64_t)state->event_version);
    feed(canon, (uint64_t)state->capacity);
    feed(canon, (uint64_t)state->seats_sold);
    feed(canon, (uint64_t)(state->closed + 2 * state->removed));
}

static void feed_entry(struct canon *canon, const struct ledger_entry *entry)
{
    feed(canon, (uint64_t)entry->key.sequence);
    feed_token(canon, &entry->token);
    feed_state(canon, &entry->state);
    feed(canon, entry->n_bookings);
    for (size_t i = 0; i < entry->n_bookings; i++)
        feed_id(canon, &entry->bookings[i].id);
    feed(canon, entry->n_cancellations);
    for (size_t i = 0; i < entry->n_cancellations; i++)
        feed_id(canon, &entry->cancellations[i].booking_id);
}

static void feed_database(struct canon *canon, const struct field *field)
{
    for (int64_t s = 0; s < field->store.n_entries[0]; s++) {
        const struct stored *stored = &field->store.entries[0][s];

        feed(canon, (uint64_t)(field->store.is_there[0][s] + 2 * stored->has_majority));
        if (field->store.is_there[0][s])
            feed_entry(canon, &stored->entry);
    }
    for (size_t i = 0; i < FIELD_WRITES_MAX; i++) {
        feed(canon, field->is_on_its_way[i]);
        if (field->is_on_its_way[i])
            feed_entry(canon, &field->writes[i].entry);
    }
}

/* ---- replicas ---- */

/* A ticket stands first in its call. */
static size_t number_of(const struct field *field, const struct ticket *ticket)
{
    return (size_t)((const struct field_call *)(const void *)ticket - field->calls);
}

static void feed_batch(struct canon *canon, const struct field *field, const struct batch *batch,
                       bool is_decided)
{
    feed(canon, batch->n_lines);
    feed(canon, !is_decided && batch->is_head_read);
    for (size_t i = 0; i < batch->n_lines; i++) {
        const struct entry_line *line = &batch->lines[i];

        feed(canon, batch->tickets[i] ? number_of(field, batch->tickets[i]) : 99);
        feed(canon, (uint64_t)line->command.kind);
        feed_id(canon, &line->command.booking_id);
        if (!is_decided)
            continue;
        feed(canon, (uint64_t)line->verdict);
        feed(canon, (uint64_t)line->answer.code);
        feed(canon, (uint64_t)(line->answer.repeated + 2 * line->carried));
    }
    if (is_decided)
        feed_entry(canon, &batch->entry);
}

static void feed_slot(struct canon *canon, const struct field *field, const struct slot *slot)
{
    const struct ticket *ticket;

    feed(canon, (uint64_t)slot->step);
    feed(canon, (uint64_t)(slot->wants_head + 2 * slot->knows_head + 4 * slot->is_sent +
                           8 * slot->is_own_found + 16 * slot->is_alone + 32 * slot->is_doubted));
    feed(canon, (uint64_t)slot->n_entries);
    feed(canon, slot->arrivals - slot->fresh_to);
    feed(canon, slot->arrivals - slot->issued_at);
    if (slot->head.exists) {
        feed(canon, (uint64_t)slot->head.sequence);
        feed_token(canon, &slot->head.token);
        feed_state(canon, &slot->head.state);
    }
    feed(canon, slot->n_line);
    for (ticket = slot->line; ticket; ticket = ticket->next)
        feed(canon, number_of(field, ticket));
    feed(canon, slot->batch != NULL);
    if (slot->batch)
        feed_batch(canon, field, slot->batch,
                   slot->is_sent || slot->step == SLOT_INSERT || slot->step == SLOT_READ_TOKEN);
}

static void feed_calls(struct canon *canon, const struct field *field, int replica)
{
    for (size_t i = 0; i < field->bounds->n_calls; i++) {
        const struct field_call *call = &field->calls[i];

        if (call->fate == FIELD_TO_COME || call->replica != replica)
            continue;
        feed(canon, i);
        feed(canon, (uint64_t)call->fate);
        if (call->fate == FIELD_ANSWERED)
            feed(canon, (uint64_t)call->ticket.answer.code);
        if (call->fate != FIELD_OPEN)
            continue;
        feed(canon, (uint64_t)call->ticket.place);
        feed(canon, (uint64_t)call->entries_before);
        feed(canon, field->replicas[replica].slot.arrivals - call->ticket.arrival);
    }
}

static uint64_t hash_of_replica(const struct canon *begun, const struct field *field, int number)
{
    const struct field_replica *replica = &field->replicas[number];
    struct canon canon = *begun;

    feed(&canon, (uint64_t)(replica->is_asking ? replica->action : COMMITTER_DONE));
    feed_slot(&canon, field, &replica->slot);
    feed_calls(&canon, field, number);
    return canon.hash;
}

uint64_t field_hash(const struct field *field)
{
    struct canon canon = {.hash = 1};
    uint64_t a;
    uint64_t b;

    feed(&canon, (uint64_t)(field->losses + 10 * field->crashes + 100 * field->leaves));
    for (size_t i = 0; i < field->bounds->n_calls; i++)
        feed(&canon, field->calls[i].fate == FIELD_TO_COME);
    feed_database(&canon, field);
    a = hash_of_replica(&canon, field, 0);
    b = hash_of_replica(&canon, field, 1);
    feed(&canon, a < b ? a : b); /* the replicas are alike: which is which makes no difference */
    feed(&canon, a < b ? b : a);
    return canon.hash;
}
