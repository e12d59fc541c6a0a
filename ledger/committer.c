#include "ledger/committer.h"

#include "base/memory.h"

#include <assert.h>

static void look_up_clear(struct committer *committer)
{
    memory_free(committer->booking_ids);
    memory_free(committer->look_up.found);
    memory_free(committer->look_up.holdings);
    committer->booking_ids = NULL;
    committer->look_up = (struct ledger_look_up){0};
    committer->n_lines_max = 0;
}

void committer_clear(struct committer *committer)
{
    look_up_clear(committer);
    *committer = (struct committer){0};
}

bool committer_has_room_for(const struct committer *committer, const struct slot *slot)
{
    const struct slot *other;

    if (committer->n_slots == 0)
        return true;
    other = committer->slots[0];
    return committer->n_slots < LEDGER_BULK_MAX && !slot->is_alone && !other->is_alone &&
           !slot->is_sent == !other->is_sent;
}

void committer_add(struct committer *committer, struct slot *slot)
{
    assert(committer_has_room_for(committer, slot));
    committer->slots[committer->n_slots++] = slot;
}

static bool needs_look_up(const struct command *command)
{
    return command->kind == COMMAND_CANCEL || (command->kind == COMMAND_BOOK && command->keyed);
}

static bool needs_holding(const struct committer *committer, const struct command *command)
{
    return committer->seats_per_user > 0 && command->kind == COMMAND_BOOK &&
           !object_id_is_none(&command->user_id);
}

static bool has_look_up(const struct committer *committer, const struct batch *batch)
{
    for (size_t i = 0; i < batch->n_lines; i++) {
        const struct command *command = &batch->lines[i].command;

        if (needs_look_up(command) || needs_holding(committer, command))
            return true;
    }
    return false;
}

/* Those whose commands bring all they need go on to be decided. */
static size_t drop_without_look_up(struct committer *committer)
{
    size_t n_asked = 0;
    size_t n_lines = 0;

    for (size_t i = 0; i < committer->n_asked; i++) {
        struct slot *slot = committer->asked[i];

        if (has_look_up(committer, slot->batch)) {
            n_lines += slot->batch->n_lines;
            committer->asked[n_asked++] = slot;
        } else {
            slot_looked_up(slot);
        }
    }
    committer->n_asked = n_asked;
    return n_lines;
}

/* Rounds differ a little: what has to grow grows to the double. */
static bool reserve_look_up(struct committer *committer, size_t n_lines)
{
    if (n_lines <= committer->n_lines_max)
        return true;
    look_up_clear(committer);
    n_lines *= 2;
    committer->booking_ids = memory_array(n_lines, sizeof(*committer->booking_ids), NULL);
    committer->look_up.found = memory_array(n_lines, sizeof(*committer->look_up.found), NULL);
    committer->look_up.holdings = memory_array(n_lines, sizeof(*committer->look_up.holdings), NULL);
    if (!committer->booking_ids || !committer->look_up.found || !committer->look_up.holdings) {
        look_up_clear(committer);
        return false;
    }
    committer->look_up.booking_ids = committer->booking_ids;
    committer->n_lines_max = n_lines;
    return true;
}

static void ask_for_lines(struct committer *committer, const struct slot *slot)
{
    struct ledger_look_up *look_up = &committer->look_up;

    for (size_t i = 0; i < slot->batch->n_lines; i++) {
        const struct command *command = &slot->batch->lines[i].command;

        if (needs_look_up(command))
            committer->booking_ids[look_up->n_bookings++] = command->booking_id;
        if (needs_holding(committer, command))
            look_up->holdings[look_up->n_holdings++] =
                (struct ledger_holding){slot->event_id, command->user_id, 0};
    }
}

static void fail_asked(struct committer *committer, enum error_code code)
{
    for (size_t i = 0; i < committer->n_asked; i++)
        slot_read_failed(committer->asked[i], code, committer->n_asked == 1);
}

static bool ask_look_up(struct committer *committer)
{
    size_t n_lines = drop_without_look_up(committer);

    if (committer->n_asked == 0)
        return false;
    if (!reserve_look_up(committer, n_lines)) {
        fail_asked(committer, ERROR_MEMORY);
        return false;
    }
    committer->look_up.n_bookings = 0;
    committer->look_up.n_holdings = 0;
    for (size_t i = 0; i < committer->n_asked; i++)
        ask_for_lines(committer, committer->asked[i]);
    return true;
}

static void take_looked_up(struct committer *committer)
{
    const struct ledger_look_up *look_up = &committer->look_up;
    size_t booking = 0;
    size_t holding = 0;

    for (size_t i = 0; i < committer->n_asked; i++) {
        struct batch *batch = committer->asked[i]->batch;

        for (size_t j = 0; j < batch->n_lines; j++) {
            struct entry_line *line = &batch->lines[j];

            if (needs_look_up(&line->command))
                line->found = look_up->found[booking++];
            if (needs_holding(committer, &line->command))
                line->seats_held = look_up->holdings[holding++].seats;
        }
        slot_looked_up(committer->asked[i]);
    }
}

static bool ask_heads(struct committer *committer)
{
    for (size_t i = 0; i < committer->n_asked; i++) {
        committer->event_ids[i] = committer->asked[i]->event_id;
        committer->n_known[i] = committer->asked[i]->n_entries;
    }
    return true;
}

static bool ask_nothing(struct committer *committer)
{
    (void)committer;
    return true;
}

static bool ask_insert(struct committer *committer)
{
    for (size_t i = 0; i < committer->n_asked; i++) {
        committer->entries[i] = &committer->asked[i]->batch->entry;
        committer->counts.resends += committer->asked[i]->is_sent;
    }
    return true;
}

static bool ask_tokens(struct committer *committer)
{
    for (size_t i = 0; i < committer->n_asked; i++)
        committer->keys[i] = committer->asked[i]->batch->entry.key;
    return true;
}

/* In this order: all slots pass a stage before any passes the next. */
static const struct stage {
    enum slot_step step;
    enum committer_action action;
    bool (*ask)(struct committer *committer); /* false: the store is not needed for any of them */
} stages[] = {
    {SLOT_READ_HEAD, COMMITTER_READ_HEADS, ask_heads},
    {SLOT_LOOK_UP, COMMITTER_LOOK_UP, ask_look_up},
    {SLOT_DECIDE, COMMITTER_DECIDE, ask_nothing},
    {SLOT_INSERT, COMMITTER_INSERT, ask_insert},
    {SLOT_READ_TOKEN, COMMITTER_READ_TOKENS, ask_tokens},
};

static size_t gather(struct committer *committer, enum slot_step step)
{
    committer->n_asked = 0;
    for (size_t i = 0; i < committer->n_slots; i++) {
        if (committer->slots[i]->step == step)
            committer->asked[committer->n_asked++] = committer->slots[i];
    }
    return committer->n_asked;
}

enum committer_action committer_next(struct committer *committer)
{
    committer->action = COMMITTER_DONE;
    for (size_t i = 0; i < ARRAY_SIZE(stages); i++) {
        if (gather(committer, stages[i].step) > 0 && stages[i].ask(committer)) {
            committer->action = stages[i].action;
            break;
        }
    }
    return committer->action;
}

void committer_performed(struct committer *committer, enum error_code code)
{
    if (code != ERROR_NONE) {
        fail_asked(committer, code);
        return;
    }
    if (committer->action == COMMITTER_LOOK_UP)
        take_looked_up(committer);
    for (size_t i = 0; i < committer->n_asked; i++) {
        struct slot *slot = committer->asked[i];

        if (committer->action == COMMITTER_READ_HEADS)
            slot_head_read(slot, &committer->heads[i]);
        else if (committer->action == COMMITTER_INSERT)
            slot_inserted(slot, committer->outcomes[i]);
        else if (committer->action == COMMITTER_READ_TOKENS)
            slot_token_read(slot, &committer->tokens[i]);
    }
}

void committer_perform(struct committer *committer, struct ledger_store *store)
{
    struct error error = {0};
    bool ok = true;

    switch (committer->action) {
    case COMMITTER_READ_HEADS:
        ok = ledger_store_heads(store, committer->event_ids, committer->n_known, committer->n_asked,
                                committer->heads, &error);
        break;
    case COMMITTER_LOOK_UP:
        ok = ledger_store_look_up(store, &committer->look_up, &error);
        break;
    case COMMITTER_INSERT:
        ledger_store_insert(store, committer->entries, committer->n_asked, committer->outcomes);
        break;
    case COMMITTER_READ_TOKENS:
        ok = ledger_store_tokens(store, committer->keys, committer->n_asked, committer->tokens,
                                 &error);
        break;
    case COMMITTER_DECIDE:
    case COMMITTER_DONE:
        return;
    }
    committer_performed(committer, ok ? ERROR_NONE : error.code);
}

void committer_decide(struct committer *committer, int64_t now_ms,
                      struct object_id (*token_of)(void), struct ticket_list *answered)
{
    for (size_t i = 0; i < committer->n_asked; i++) {
        const struct object_id token = token_of();

        slot_decide(committer->asked[i], now_ms, committer->seats_per_user, &token, answered);
    }
}

static bool is_finished(const struct slot *slot)
{
    return slot->step >= SLOT_LANDED;
}

static void count(struct committer *committer, const struct slot *slot)
{
    committer->counts.lost_races += slot->step == SLOT_LOST;
    committer->counts.own_found += slot->is_own_found;
    committer->counts.corrupt += slot->step == SLOT_CORRUPT;
}

struct slot *committer_take_finished(struct committer *committer)
{
    for (size_t i = 0; i < committer->n_slots; i++) {
        struct slot *slot = committer->slots[i];

        if (is_finished(slot)) {
            committer->slots[i] = committer->slots[--committer->n_slots];
            count(committer, slot);
            return slot;
        }
    }
    return NULL;
}
