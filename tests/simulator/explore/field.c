#include "tests/simulator/explore/field.h"

#include "base/memory.h"
#include "tests/simulator/answer_rules.h"
#include "tests/simulator/entry_rules.h"

#include <inttypes.h>
#include <string.h>

enum {
    NOW_MS = 1000
};

static uint64_t n_tokens;

static struct object_id next_token(void)
{
    struct object_id token = {.bytes = {3}};

    n_tokens++;
    memcpy(token.bytes + 4, &n_tokens, sizeof(n_tokens));
    return token;
}

struct field *field_new(void)
{
    return memory_new(sizeof(struct field), NULL);
}

void field_free(struct field *field)
{
    memory_free(field);
}

/* ---- beginning and end ---- */

static void replica_begin(struct field_replica *replica)
{
    const struct object_id id = event_id_of(0);

    slot_init(&replica->slot, &id);
    replica->committer.n_slots = 0;
    replica->is_asking = false;
    replica->action = COMMITTER_DONE;
}

static void replica_end(struct field_replica *replica)
{
    committer_clear(&replica->committer);
    slot_clear(&replica->slot);
}

void field_begin(struct field *field, const struct bounds *bounds)
{
    const struct ledger_entry first = {
        .key = {.event_id = event_id_of(0)},
        .token = {.bytes = {9}},
        .at_ms = NOW_MS,
        .state = {.event_version = 1, .capacity = bounds->capacity},
    };

    n_tokens = 0;
    field->bounds = bounds;
    field->losses = bounds->losses;
    field->crashes = bounds->crashes;
    field->leaves = bounds->leaves;
    field->error.code = ERROR_NONE;
    store_init(&field->store);
    (void)store_insert(&field->store, &first);
    store_majority(&field->store, 0, 0);
    for (size_t i = 0; i < FIELD_REPLICAS; i++)
        replica_begin(&field->replicas[i]);
    for (size_t i = 0; i < bounds->n_calls; i++) {
        field->calls[i] = (struct field_call){.command = bounds->calls[i]};
        field->calls[i].ticket.command = bounds->calls[i];
    }
    memset(field->is_on_its_way, 0, sizeof(field->is_on_its_way));
}

void field_end(struct field *field)
{
    for (size_t i = 0; i < FIELD_REPLICAS; i++)
        replica_end(&field->replicas[i]);
}

/* ---- calls ---- */

static void come(struct field *field, int number, int replica)
{
    struct field_call *call = &field->calls[number];

    call->fate = FIELD_OPEN;
    call->replica = replica;
    call->entries_before = field->store.n_majority[0];
    slot_put(&field->replicas[replica].slot, &call->ticket);
}

static void check_answer(struct field *field, const struct field_call *call)
{
    const struct told told = {.command = &call->command,
                              .answer = &call->ticket.answer,
                              .entries_before = call->entries_before,
                              .entries_after = call->entries_after,
                              .wall_ms = NOW_MS};
    const struct ledger_head head = store_head(&field->store, 0);
    const char *fault = NULL;

    if (call->command.kind != COMMAND_TAKE_OVER)
        fault = answer_fault(&field->store, &told);
    else if (call->ticket.answer.code != ERROR_NONE ||
             head.state.event_version < call->command.state.event_version)
        fault = "I3: is not taken over by the ledger";
    if (fault && field->error.code == ERROR_NONE)
        error_set(&field->error, ERROR_CORRUPT, "%.2s: call %td%s, answered %s", fault,
                  call - field->calls, fault + 3, error_code_name(call->ticket.answer.code));
}

static void hear(struct field *field, struct ticket_list *answered)
{
    while (answered->first) {
        struct field_call *call = CONTAINER_OF(answered->first, struct field_call, ticket);

        answered->first = answered->first->next;
        call->fate = FIELD_ANSWERED;
        call->entries_after = field->store.n_majority[0];
        check_answer(field, call);
    }
}

static void leave(struct field *field, int number)
{
    struct field_call *call = &field->calls[number];

    field->leaves--;
    call->fate = ticket_leave(&call->ticket) == TICKET_SENT ? FIELD_UNKNOWN : FIELD_NEVER;
}

static void put_on_its_way(struct field *field, const struct ledger_entry *entry)
{
    size_t i = 0;

    while (field->is_on_its_way[i])
        i++;
    field->is_on_its_way[i] = true;
    stored_copy(&field->writes[i], entry);
}

static void crash(struct field *field, int number)
{
    struct field_replica *replica = &field->replicas[number];

    field->crashes--;
    if (replica->is_asking && replica->action == COMMITTER_INSERT)
        put_on_its_way(field, replica->committer.entries[0]);
    for (size_t i = 0; i < field->bounds->n_calls; i++) {
        struct field_call *call = &field->calls[i];

        if (call->fate == FIELD_OPEN && call->replica == number)
            call->fate = FIELD_UNKNOWN;
    }
    replica_end(replica);
    replica_begin(replica);
}

/* ---- the database ---- */

static enum ledger_outcome insert(struct field *field, const struct ledger_entry *entry,
                                  bool has_majority)
{
    enum ledger_outcome outcome = store_insert(&field->store, entry);

    if (outcome != LEDGER_LANDED)
        return outcome;
    if (field->error.code == ERROR_NONE &&
        !entry_is_right(&field->store, store_at(&field->store, 0, entry->key.sequence), 0,
                        &field->error))
        return outcome;
    if (has_majority)
        store_majority(&field->store, 0, entry->key.sequence);
    return outcome;
}

static void look_up(struct field *field, struct ledger_look_up *look_up)
{
    for (size_t i = 0; i < look_up->n_bookings; i++)
        look_up->found[i] = store_find(&field->store, &look_up->booking_ids[i]);
    for (size_t i = 0; i < look_up->n_holdings; i++)
        look_up->holdings[i].seats = store_held(&field->store, 0, &look_up->holdings[i].user_id);
}

static enum ledger_outcome insert_as(struct field *field, enum move_kind kind,
                                     const struct ledger_entry *entry)
{
    switch (kind) {
    case MOVE_LOSE_REQUEST:
        put_on_its_way(field, entry);
        return LEDGER_UNKNOWN;
    case MOVE_LOSE_REPLY:
        (void)insert(field, entry, true);
        return LEDGER_UNKNOWN;
    case MOVE_LACK:
        (void)insert(field, entry, false);
        return LEDGER_UNKNOWN;
    default:
        return insert(field, entry, true);
    }
}

static void perform(struct field *field, struct field_replica *replica, enum move_kind kind)
{
    struct committer *committer = &replica->committer;

    switch (replica->action) {
    case COMMITTER_READ_HEADS:
        committer->heads[0] = store_head(&field->store, 0);
        break;
    case COMMITTER_LOOK_UP:
        look_up(field, &committer->look_up);
        break;
    case COMMITTER_INSERT:
        committer->outcomes[0] = insert_as(field, kind, committer->entries[0]);
        break;
    case COMMITTER_READ_TOKENS:
        committer->tokens[0] = store_token(&field->store, &committer->keys[0]);
        break;
    case COMMITTER_DECIDE:
    case COMMITTER_DONE:
        break;
    }
    committer_performed(committer, ERROR_NONE);
}

/* ---- a replica ---- */

static void release_finished(struct field *field, struct field_replica *replica,
                             struct ticket_list *answered)
{
    struct slot *slot;

    while ((slot = committer_take_finished(&replica->committer))) {
        /* Nothing is shown late here, so the first doubt is one too many. */
        if ((slot->step == SLOT_CORRUPT || slot->is_doubted) && field->error.code == ERROR_NONE)
            error_set(&field->error, ERROR_CORRUPT, "I2: replica %td takes the ledger for corrupt",
                      replica - field->replicas);
        (void)slot_release(slot, answered);
    }
}

/* Until it wants something of the database, or has nothing to do. */
static void run(struct field *field, struct field_replica *replica)
{
    struct ticket_list answered = {0};

    replica->is_asking = false;
    for (;;) {
        replica->action = committer_next(&replica->committer);
        if (replica->action == COMMITTER_DECIDE)
            committer_decide(&replica->committer, NOW_MS, next_token, &answered);
        release_finished(field, replica, &answered);
        hear(field, &answered);
        if (replica->action == COMMITTER_DECIDE)
            continue;
        replica->is_asking = replica->action != COMMITTER_DONE;
        return;
    }
}

static void go_on(struct field *field, struct field_replica *replica, enum move_kind kind)
{
    struct ticket_list answered = {0};

    if (!replica->is_asking) {
        if (slot_take(&replica->slot, &answered)) {
            committer_add(&replica->committer, &replica->slot);
            run(field, replica);
        }
        return;
    }
    if (kind != MOVE_GO_ON)
        field->losses--;
    perform(field, replica, kind);
    release_finished(field, replica, &answered);
    hear(field, &answered);
    run(field, replica);
}

/* ---- moves ---- */

static void roll_back(struct field *field, int sequence)
{
    field->store.is_there[0][sequence] = false;
    while (!field->store.is_there[0][field->store.n_entries[0] - 1])
        field->store.n_entries[0]--;
}

void field_move(struct field *field, struct move move)
{
    switch ((enum move_kind)move.kind) {
    case MOVE_COME:
        come(field, move.what, move.where);
        break;
    case MOVE_GO_ON:
    case MOVE_LOSE_REPLY:
    case MOVE_LOSE_REQUEST:
    case MOVE_LACK:
        go_on(field, &field->replicas[move.where], (enum move_kind)move.kind);
        break;
    case MOVE_CRASH:
        crash(field, move.where);
        break;
    case MOVE_LAND:
        field->is_on_its_way[move.what] = false;
        (void)insert(field, &field->writes[move.what].entry, true);
        break;
    case MOVE_MAJORITY:
        store_majority(&field->store, 0, move.what);
        break;
    case MOVE_ROLL_BACK:
        roll_back(field, move.what);
        break;
    case MOVE_LEAVE:
        leave(field, move.what);
        break;
    }
}

struct list {
    struct move *moves;
    size_t n;
};

static void add(struct list *list, enum move_kind kind, size_t where, size_t what)
{
    if (list->n < FIELD_MOVES_MAX)
        list->moves[list->n++] = (struct move){(uint8_t)kind, (uint8_t)where, (uint8_t)what};
}

static bool has_work(const struct field_replica *replica)
{
    return replica->is_asking || replica->slot.n_line > 0 || replica->slot.batch;
}

static size_t n_on_their_way(const struct field *field)
{
    size_t n = 0;

    for (size_t i = 0; i < FIELD_WRITES_MAX; i++)
        n += field->is_on_its_way[i];
    return n;
}

static void add_replica(const struct field *field, struct list *list, size_t number)
{
    const struct field_replica *replica = &field->replicas[number];

    if (!has_work(replica))
        return;
    add(list, MOVE_GO_ON, number, 0);
    if (field->losses > 0 && replica->is_asking && replica->action == COMMITTER_INSERT) {
        add(list, MOVE_LOSE_REPLY, number, 0);
        add(list, MOVE_LACK, number, 0);
        if (n_on_their_way(field) < FIELD_WRITES_MAX)
            add(list, MOVE_LOSE_REQUEST, number, 0);
    }
    if (field->crashes > 0 && n_on_their_way(field) < FIELD_WRITES_MAX)
        add(list, MOVE_CRASH, number, 0);
}

static void add_call(const struct field *field, struct list *list, size_t number)
{
    const struct field_call *call = &field->calls[number];

    for (size_t i = 0; call->fate == FIELD_TO_COME && i < FIELD_REPLICAS; i++)
        add(list, MOVE_COME, i, number);
    if (call->fate == FIELD_OPEN && field->leaves > 0)
        add(list, MOVE_LEAVE, 0, number);
}

static void add_database(const struct field *field, struct list *list)
{
    for (size_t i = 0; i < FIELD_WRITES_MAX; i++) {
        if (field->is_on_its_way[i])
            add(list, MOVE_LAND, 0, i);
    }
    for (int64_t s = 0; s < field->store.n_entries[0]; s++) {
        if (!field->store.is_there[0][s] || field->store.entries[0][s].has_majority)
            continue;
        add(list, MOVE_MAJORITY, 0, (size_t)s);
        add(list, MOVE_ROLL_BACK, 0, (size_t)s);
    }
}

size_t field_moves(const struct field *field, struct move moves[FIELD_MOVES_MAX])
{
    struct list list = {.moves = moves};

    for (size_t i = 0; i < FIELD_REPLICAS; i++)
        add_replica(field, &list, i);
    for (size_t i = 0; i < field->bounds->n_calls; i++)
        add_call(field, &list, i);
    add_database(field, &list);
    return list.n;
}

/* ---- the end ---- */

static bool was_asked_for(const struct field *field, const struct object_id *id,
                          enum command_kind kind)
{
    for (size_t i = 0; i < field->bounds->n_calls; i++) {
        const struct field_call *call = &field->calls[i];
        bool may_be = call->fate == FIELD_UNKNOWN || call->fate == FIELD_OPEN ||
                      (call->fate == FIELD_ANSWERED && call->ticket.answer.code == ERROR_NONE);

        if (may_be && call->command.kind == kind && object_id_equal(&call->command.booking_id, id))
            return true;
    }
    return false;
}

void field_judge(struct field *field)
{
    for (int64_t s = 0; s < field->store.n_majority[0]; s++) {
        const struct stored *stored = store_at(&field->store, 0, s);

        for (size_t i = 0; stored && i < stored->entry.n_bookings; i++) {
            if (!was_asked_for(field, &stored->bookings[i].id, COMMAND_BOOK) &&
                field->error.code == ERROR_NONE)
                error_set(&field->error, ERROR_CORRUPT,
                          "I4: entry %" PRId64 " holds a booking that had certainly failed", s);
        }
        for (size_t i = 0; stored && i < stored->entry.n_cancellations; i++) {
            if (!was_asked_for(field, &stored->cancellations[i].booking_id, COMMAND_CANCEL) &&
                field->error.code == ERROR_NONE)
                error_set(&field->error, ERROR_CORRUPT,
                          "I4: entry %" PRId64 " cancels what nobody wanted cancelled", s);
        }
    }
}
