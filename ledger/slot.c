#include "ledger/slot.h"

#include "base/memory.h"

#include <utlist.h>

static void batch_free(struct batch *batch)
{
    if (!batch)
        return;
    memory_free(batch->lines);
    memory_free(batch->tickets);
    ledger_entry_clear(&batch->entry);
    memory_free(batch);
}

DEFINE_FREEP(batch_free, struct batch)

/* All that an insert needs is here before anything is sent. */
static struct batch *batch_new(size_t n_lines)
{
    CLEANUP(batch_freep) struct batch *self = memory_new(sizeof(*self), NULL);
    struct batch *batch;

    if (!self)
        return NULL;
    self->n_lines = n_lines;
    self->lines = memory_array(n_lines, sizeof(*self->lines), NULL);
    self->tickets = memory_array(n_lines, sizeof(struct ticket *), NULL);
    if (!self->lines || !self->tickets || !ledger_entry_make(&self->entry, n_lines, n_lines, NULL))
        return NULL;
    batch = self;
    self = NULL;
    return batch;
}

void slot_init(struct slot *slot, const struct object_id *event_id)
{
    *slot = (struct slot){.event_id = *event_id};
}

void slot_clear(struct slot *slot)
{
    batch_free(slot->batch);
    *slot = (struct slot){0};
}

void slot_put(struct slot *slot, struct ticket *ticket)
{
    ticket->slot = slot;
    ticket->place = TICKET_WAITING;
    ticket->arrival = ++slot->arrivals;
    DL_APPEND(slot->line, ticket);
    slot->n_line++;
    slot->n_waiting++;
}

static void leave_line(struct slot *slot, struct ticket *ticket)
{
    DL_DELETE(slot->line, ticket);
    slot->n_line--;
}

/* Before all that arrived later. */
static void return_to_line(struct slot *slot, struct ticket *ticket)
{
    ticket->place = TICKET_WAITING;
    DL_PREPEND(slot->line, ticket);
    slot->n_line++;
}

static void answer(struct ticket *ticket, const struct answer *answer, struct ticket_list *answered)
{
    ticket->slot->n_waiting--;
    ticket->place = TICKET_ANSWERED;
    ticket->answer = *answer;
    ticket->next = answered->first;
    answered->first = ticket;
}

enum ticket_place ticket_leave(struct ticket *ticket)
{
    struct slot *slot = ticket->slot;
    enum ticket_place place = ticket->place;

    if (place == TICKET_ANSWERED)
        return place;
    if (place == TICKET_WAITING)
        leave_line(slot, ticket);
    else
        slot->batch->tickets[ticket->index] = NULL;
    slot->n_waiting--;
    return place;
}

static void answer_line(struct slot *slot, enum error_code code, struct ticket_list *answered)
{
    while (slot->line) {
        struct ticket *ticket = slot->line;

        leave_line(slot, ticket);
        answer(ticket, &(struct answer){.code = code}, answered);
    }
}

/* Bookings would most likely be refused on this head; reading it first saves deciding them twice. */
static bool takes_no_bookings(const struct ledger_head *head)
{
    return !head->exists || head->state.closed || ledger_state_free(&head->state) == 0;
}

static bool needs_head(const struct slot *slot)
{
    return !slot->knows_head || slot->wants_head || slot->is_doubted || slot->contention > 0 ||
           (takes_no_bookings(&slot->head) && slot->fresh_to < slot->arrivals);
}

static void fill_batch(struct slot *slot, struct batch *batch)
{
    for (size_t i = 0; i < batch->n_lines; i++) {
        struct ticket *ticket = slot->line;

        leave_line(slot, ticket);
        ticket->place = TICKET_IN_HAND;
        ticket->index = i;
        batch->tickets[i] = ticket;
        batch->lines[i].command = ticket->command;
    }
}

bool slot_take(struct slot *slot, struct ticket_list *answered)
{
    if (slot->batch) {
        slot->step = SLOT_INSERT;
        return true;
    }
    if (slot->n_line == 0)
        return false;
    slot->batch = batch_new(slot->n_line < LEDGER_BATCH_MAX ? slot->n_line : LEDGER_BATCH_MAX);
    if (!slot->batch) {
        answer_line(slot, ERROR_MEMORY, answered);
        return false;
    }
    fill_batch(slot, slot->batch);
    slot->issued_at = slot->arrivals;
    slot->batch->is_head_read = needs_head(slot);
    slot->step = slot->batch->is_head_read ? SLOT_READ_HEAD : SLOT_LOOK_UP;
    return true;
}

/* Only a ledger that was changed behind our back shows another entry, or an older version, by now. */
static bool contradicts(const struct ledger_head *before, const struct ledger_head *now)
{
    if (!before->exists || !now->exists || now->sequence < before->sequence)
        return false;
    if (now->sequence == before->sequence)
        return !object_id_equal(&now->token, &before->token);
    return now->state.event_version < before->state.event_version;
}

/* What was read cannot be; but a new primary may show a look-up less than what is known here. */
static void doubt(struct slot *slot)
{
    slot->step = slot->is_doubted ? SLOT_CORRUPT : SLOT_FAILED;
    slot->is_doubted = true;
}

/*
 * Where replicas share an event, half of what is written on the head of the last batch loses its race, and a
 * read before it costs less than a race. Where the others have left it, reading ends after some batches.
 */
static void note_company(struct slot *slot, int64_t n_entries)
{
    if (slot->n_entries > 0 && n_entries > slot->n_entries)
        slot->contention = SLOT_CONTENTION_BATCHES;
    else if (slot->contention > 0)
        slot->contention--;
}

static void learn_head(struct slot *slot, const struct ledger_head *head)
{
    slot->head = *head;
    slot->n_entries = head->exists ? head->sequence + 1 : 0;
    slot->fresh_to = slot->issued_at;
    slot->knows_head = true;
    slot->wants_head = false;
}

void slot_head_read(struct slot *slot, const struct ledger_head *head)
{
    int64_t n_entries = head->exists ? head->sequence + 1 : 0;

    if (contradicts(&slot->head, head)) {
        slot->step = SLOT_CORRUPT;
    } else if (n_entries < slot->n_entries) {
        slot->step = SLOT_FAILED; /* an old answer; it may not take back what is known */
    } else {
        note_company(slot, n_entries);
        learn_head(slot, head);
        slot->step = SLOT_LOOK_UP;
    }
}

void slot_looked_up(struct slot *slot)
{
    slot->step = SLOT_DECIDE;
}

void slot_read_failed(struct slot *slot, enum error_code code, bool was_alone)
{
    if (code == ERROR_CORRUPT && was_alone)
        slot->step = SLOT_CORRUPT;
    else
        slot->step = slot->step == SLOT_READ_TOKEN ? SLOT_UNKNOWN : SLOT_FAILED;
    slot->is_alone = code == ERROR_CORRUPT;
}

/* Do for each line what its verdict says; backwards, so that those who return keep their order. */
static void follow_verdicts(struct slot *slot, struct ticket_list *answered)
{
    struct batch *batch = slot->batch;

    for (size_t i = batch->n_lines; i-- > 0;) {
        const struct entry_line *line = &batch->lines[i];
        struct ticket *ticket = batch->tickets[i];

        if (!ticket)
            continue;
        switch (line->verdict) {
        case ENTRY_ANSWER_NOW:
            answer(ticket, &line->answer, answered);
            batch->tickets[i] = NULL;
            break;
        case ENTRY_ANSWER_LANDED:
            if (line->answer.code == ERROR_NONE)
                ticket->place = TICKET_SENT;
            break;
        case ENTRY_DECIDE_AGAIN:
            slot->wants_head = true;
            return_to_line(slot, ticket);
            batch->tickets[i] = NULL;
            break;
        case ENTRY_DECIDE_NEXT:
            return_to_line(slot, ticket);
            batch->tickets[i] = NULL;
            break;
        }
    }
}

void slot_decide(struct slot *slot, int64_t now_ms, int64_t seats_per_user,
                 const struct object_id *token, struct ticket_list *answered)
{
    struct batch *batch = slot->batch;
    const struct entry_basis basis = {.event_id = slot->event_id,
                                      .head = &slot->head,
                                      .is_head_read = batch->is_head_read,
                                      .now_ms = now_ms,
                                      .seats_per_user = seats_per_user};

    for (size_t i = 0; i < batch->n_lines; i++) {
        batch->lines[i].left = !batch->tickets[i];
        batch->lines[i].fresh = batch->tickets[i] && batch->tickets[i]->arrival <= slot->fresh_to;
    }
    switch (entry_decide(&basis, batch->lines, batch->n_lines, &batch->entry)) {
    case ENTRY_CONTRADICTION:
        doubt(slot);
        return;
    case ENTRY_NONE:
        slot->step = SLOT_DECIDED;
        break;
    case ENTRY_MADE:
        batch->entry.token = *token;
        slot->issued_at = slot->arrivals;
        slot->step = SLOT_INSERT;
        break;
    }
    follow_verdicts(slot, answered);
}

void slot_inserted(struct slot *slot, enum ledger_outcome outcome)
{
    switch (outcome) {
    case LEDGER_LANDED:
        slot->step = SLOT_LANDED;
        break;
    case LEDGER_TAKEN:
    case LEDGER_DUPLICATE:
        slot->refused_as = outcome;
        slot->step = SLOT_READ_TOKEN;
        break;
    case LEDGER_UNKNOWN:
        slot->step = SLOT_UNKNOWN;
        break;
    case LEDGER_NOT_SENT: /* this time; an earlier attempt may still land */
        slot->step = slot->is_sent ? SLOT_UNKNOWN : SLOT_FAILED;
        return;
    }
    slot->is_sent = true;
}

void slot_token_read(struct slot *slot, const struct object_id *token)
{
    if (object_id_equal(token, &slot->batch->entry.token)) {
        slot->is_own_found = true;
        slot->step = SLOT_LANDED;
    } else if (!object_id_is_none(token)) {
        slot->step = SLOT_LOST;
    } else if (slot->refused_as == LEDGER_DUPLICATE) {
        /*
         * A booking stands in an entry that the look-up did not see; not above this number, which is free.
         * All below it have a majority, so this document can never land.
         */
        doubt(slot);
    } else {
        slot->step = SLOT_UNKNOWN; /* taken, by nothing that would last */
    }
}

/* Returns how many it answers: not who has left, nor who has gone back to the line. */
static size_t land(struct slot *slot, struct ticket_list *answered)
{
    const struct batch *batch = slot->batch;
    const struct ledger_entry *entry = &batch->entry;
    const struct ledger_head head = {.exists = true,
                                     .sequence = entry->key.sequence,
                                     .token = entry->token,
                                     .state = entry->state};
    size_t n_answered = 0;

    learn_head(slot, &head);
    for (size_t i = 0; i < batch->n_lines; i++) {
        if (!batch->tickets[i])
            continue;
        answer(batch->tickets[i], &batch->lines[i].answer, answered);
        n_answered++;
    }
    return n_answered;
}

static void return_all(struct slot *slot)
{
    const struct batch *batch = slot->batch;

    for (size_t i = batch->n_lines; i-- > 0;) {
        if (batch->tickets[i])
            return_to_line(slot, batch->tickets[i]);
    }
}

/* The head is somewhere above; who still waits is decided anew. */
static void lose(struct slot *slot)
{
    slot->knows_head = false;
    slot->contention = SLOT_CONTENTION_BATCHES;
    slot->n_entries = slot->batch->entry.key.sequence + 1;
    return_all(slot);
}

static void answer_all(struct slot *slot, enum error_code code, enum error_code code_when_sent,
                       struct ticket_list *answered)
{
    for (size_t i = 0; slot->batch && i < slot->batch->n_lines; i++) {
        struct ticket *ticket = slot->batch->tickets[i];

        if (ticket)
            answer(ticket,
                   &(struct answer){.code = ticket->place == TICKET_SENT ? code_when_sent : code},
                   answered);
    }
    answer_line(slot, code, answered);
}

static void drop_batch(struct slot *slot)
{
    batch_free(slot->batch);
    slot->batch = NULL;
    slot->is_sent = false;
    slot->is_own_found = false;
}

/*
 * Where a few came together as many are worth waiting for: those who were answered may come again at once. One alone
 * has nobody to wait for, and of many an entry costs hardly more than the commands in it.
 */
static enum slot_rest rest_after(struct slot *slot, enum slot_step step, size_t n_answered)
{
    if (n_answered > 1 && n_answered < SLOT_GATHERED_MAX && slot->n_line < SLOT_GATHERED_MAX) {
        size_t expected = slot->n_line + n_answered;

        slot->gathers_to = expected < SLOT_GATHERED_MAX ? expected : SLOT_GATHERED_MAX;
        return SLOT_GATHERS;
    }
    if (slot->n_line == 0)
        return SLOT_RESTS;
    return step == SLOT_FAILED ? SLOT_IS_LATER : SLOT_IS_READY;
}

enum slot_rest slot_release(struct slot *slot, struct ticket_list *answered)
{
    enum slot_step step = slot->step;
    size_t n_answered = 0;

    slot->step = SLOT_RESTING;
    switch (step) {
    case SLOT_UNKNOWN:
        return SLOT_IS_LATER; /* with its batch */
    case SLOT_FAILED:
        return_all(slot);
        break;
    case SLOT_LANDED:
        n_answered = land(slot, answered);
        break;
    case SLOT_LOST:
        lose(slot);
        break;
    case SLOT_CORRUPT:
        slot->is_corrupt = true;
        answer_all(slot, ERROR_CORRUPT, ERROR_CORRUPT, answered);
        break;
    default:
        break; /* SLOT_DECIDED: all that waited was answered, or has returned */
    }
    drop_batch(slot);
    if (step != SLOT_FAILED) {
        slot->is_alone = false;
        slot->is_doubted = false;
    }
    return rest_after(slot, step, n_answered);
}

void slot_give_up(struct slot *slot, enum error_code code, struct ticket_list *answered)
{
    answer_all(slot, code, ERROR_OUTCOME_UNKNOWN, answered);
    drop_batch(slot);
}
