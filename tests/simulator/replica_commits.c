/* The committers of a replica: desk.c without its threads and its lock. */
#include "tests/simulator/replica.h"
#include "tests/simulator/world.h"

#include <string.h>

enum {
    WAITING_MAX = 64
};

static uint64_t n_tokens;

void commits_forget_tokens(void)
{
    n_tokens = 0;
}

static struct object_id next_token(void)
{
    struct object_id token = {.bytes = {3}};

    n_tokens++;
    memcpy(token.bytes + 4, &n_tokens, sizeof(n_tokens));
    return token;
}

void commits_start(struct replica *replica)
{
    replica->roster = (struct roster){.slots_max = replica->world->plan->slots_max, .seed = 1};
    for (size_t i = 0; i < COMMITTERS; i++) {
        struct committer *committer = &replica->committers[i];

        committer->seats_per_user = replica->world->plan->seats_per_user;
        committer->counts = (struct committer_counts){0};
        committer->n_slots = 0;
        replica->is_asking[i] = false;
    }
}

void commits_end(struct replica *replica)
{
    int64_t *sights = replica->world->sights->n;

    for (size_t i = 0; i < COMMITTERS; i++) {
        const struct committer_counts *counts = &replica->committers[i].counts;

        sights[SIGHT_LOST_RACES] += counts->lost_races;
        sights[SIGHT_RESENDS] += counts->resends;
        sights[SIGHT_OWN_FOUND] += counts->own_found;
        committer_clear(&replica->committers[i]);
    }
    roster_clear(&replica->roster);
}

enum error_code replica_hand_in(struct replica *replica, int event, struct ticket *ticket)
{
    const struct object_id id = event_id_of(event);
    struct error error = {0};
    struct slot *slot;

    if (replica->ends_ms != INT64_MAX)
        return ERROR_UNAVAILABLE;
    if (!roster_find(&replica->roster, &id, &slot, &error)) {
        SEE(replica->world, SIGHT_ROSTER_FULL);
        return error.code;
    }
    if (slot->is_corrupt)
        return ERROR_CORRUPT;
    if (slot->n_waiting >= WAITING_MAX)
        return ERROR_BUSY;
    slot_put(slot, ticket);
    (void)roster_call(&replica->roster, slot);
    return ERROR_NONE;
}

/* ---- requests ---- */

static void ask_for_insert(struct request *request, const struct committer *committer)
{
    for (size_t i = 0; i < committer->n_asked; i++)
        stored_copy(&request->entries[i], committer->entries[i]);
}

static void ask_for_look_up(struct request *request, const struct committer *committer)
{
    const struct ledger_look_up *look_up = &committer->look_up;

    request->n = look_up->n_bookings;
    request->n_holdings = look_up->n_holdings;
    for (size_t i = 0; i < look_up->n_bookings; i++)
        request->booking_ids[i] = look_up->booking_ids[i];
    for (size_t i = 0; i < look_up->n_holdings; i++)
        request->holdings[i] = look_up->holdings[i];
}

static void see_why(struct world *world, const struct slot *slot)
{
    if (!slot->knows_head)
        return;
    if (slot->wants_head)
        SEE(world, SIGHT_HEAD_WANTED);
    else if (slot->contention > 0)
        SEE(world, SIGHT_HEAD_FIRST);
}

static void see(struct world *world, const struct committer *committer,
                enum committer_action action)
{
    for (size_t i = 0; i < committer->n_asked; i++) {
        const struct slot *slot = committer->asked[i];
        const struct ledger_head head = store_head(&world->store, event_of(&slot->event_id));

        if (action == COMMITTER_READ_HEADS)
            see_why(world, slot);
        if (action == COMMITTER_INSERT && head.exists &&
            head.sequence >= committer->entries[i]->key.sequence)
            SEE(world, SIGHT_STALE_HEAD);
    }
}

static void ask(struct replica *replica, int number, enum committer_action action)
{
    static const enum request_kind kinds[] = {[COMMITTER_READ_HEADS] = REQUEST_HEADS,
                                              [COMMITTER_LOOK_UP] = REQUEST_LOOK_UP,
                                              [COMMITTER_INSERT] = REQUEST_INSERT,
                                              [COMMITTER_READ_TOKENS] = REQUEST_TOKENS};
    const struct committer *committer = &replica->committers[number];
    struct request *request =
        network_request(replica->world, replica->number, number, kinds[action]);

    if (!request)
        return;
    see(replica->world, committer, action);
    request->n = committer->n_asked;
    for (size_t i = 0; i < committer->n_asked; i++)
        request->keys[i] = action == COMMITTER_READ_TOKENS
                               ? committer->keys[i]
                               : (struct ledger_key){.event_id = committer->asked[i]->event_id};
    if (action == COMMITTER_INSERT)
        ask_for_insert(request, committer);
    else if (action == COMMITTER_LOOK_UP)
        ask_for_look_up(request, committer);
    replica->is_asking[number] = true;
    network_send(replica->world, request);
}

/* ---- rounds ---- */

static void tell(struct replica *replica, struct ticket_list *answered)
{
    while (answered->first) {
        struct ticket *ticket = answered->first;

        answered->first = ticket->next;
        if (ticket->command.kind == COMMAND_TAKE_OVER)
            incoming_taken_over(replica, ticket);
        else
            clients_answered(replica->world, ticket);
    }
}

static void note_lost_race(const struct batch *batch)
{
    for (size_t i = 0; i < batch->n_lines; i++) {
        if (batch->tickets[i] && batch->tickets[i]->command.kind != COMMAND_TAKE_OVER)
            clients_raced(batch->tickets[i]);
    }
}

static void announce(struct replica *replica, const struct slot *slot)
{
    struct world *world = replica->world;

    /* What never changed its primary has shown nothing late, so the first doubt is one too many. */
    if (slot->step == SLOT_CORRUPT || (slot->is_doubted && world->network.n_deposed == 0))
        world_fail(world, "I2: replica %d takes the ledger of event %d for corrupt",
                   replica->number, event_of(&slot->event_id));
    if (slot->step == SLOT_UNKNOWN && slot->refused_as == LEDGER_TAKEN)
        SEE(world, SIGHT_TAKEN_BY_NOTHING);
    if (slot->step == SLOT_FAILED && slot->is_doubted)
        SEE(world, SIGHT_DOUBTED);
    if (slot->step == SLOT_LOST)
        note_lost_race(slot->batch);
    if (slot->step != SLOT_LANDED)
        return;
    world->sights->n[SIGHT_BATCHES] += slot->batch->n_lines > 1;
    outgoing_landed(replica, &slot->batch->entry);
}

static void release_finished(struct replica *replica, struct committer *committer)
{
    struct world *world = replica->world;
    struct ticket_list answered = {0};
    struct slot *slot;

    while ((slot = committer_take_finished(committer))) {
        enum slot_rest rest;

        announce(replica, slot);
        rest = slot_release(slot, &answered);
        roster_return(&replica->roster, slot, rest, world_now_ms(world),
                      chance_next(&world->agenda.chance));
    }
    tell(replica, &answered);
}

/* Until it has to wait for the database, or is through. */
static void run_round(struct replica *replica, int number)
{
    struct committer *committer = &replica->committers[number];
    struct ticket_list answered = {0};

    while (!replica->is_asking[number]) {
        enum committer_action action = committer_next(committer);

        if (action == COMMITTER_DECIDE) {
            committer_decide(committer, replica_wall_ms(replica), next_token, &answered);
            tell(replica, &answered);
        } else if (action != COMMITTER_DONE) {
            ask(replica, number, action);
        }
        release_finished(replica, committer);
        if (action == COMMITTER_DONE || replica->world->error.code != ERROR_NONE)
            return;
    }
}

bool commits_are_idle(const struct replica *replica)
{
    for (size_t i = 0; i < COMMITTERS; i++) {
        if (replica->committers[i].n_slots > 0)
            return false;
    }
    return true;
}

void commits_give_up(struct replica *replica)
{
    struct ticket_list answered = {0};

    roster_give_up(&replica->roster, ERROR_UNAVAILABLE, &answered);
    tell(replica, &answered);
}

void commits_go_on(struct replica *replica)
{
    if (world_now_ms(replica->world) >= replica->ends_ms)
        return;
    for (int i = 0; i < COMMITTERS; i++) {
        struct ticket_list answered = {0};

        if (replica->is_asking[i] || replica->committers[i].n_slots > 0)
            continue;
        roster_fill(&replica->roster, world_now_ms(replica->world), &replica->committers[i],
                    &answered);
        tell(replica, &answered);
        if (replica->committers[i].n_slots > 0)
            run_round(replica, i);
    }
}

static void take_results(struct committer *committer, const struct request *request)
{
    for (size_t i = 0; i < request->n && request->kind == REQUEST_LOOK_UP; i++)
        committer->look_up.found[i] = request->found[i];
    for (size_t i = 0; i < request->n_holdings; i++)
        committer->look_up.holdings[i] = request->holdings[i];
    for (size_t i = 0; i < committer->n_asked; i++) {
        if (request->kind == REQUEST_HEADS)
            committer->heads[i] = request->heads[i];
        if (request->kind == REQUEST_INSERT)
            committer->outcomes[i] = request->outcomes[i];
        if (request->kind == REQUEST_TOKENS)
            committer->tokens[i] = request->tokens[i];
    }
}

void commits_replied(struct replica *replica, const struct request *request)
{
    struct committer *committer = &replica->committers[request->asker];

    replica->is_asking[request->asker] = false;
    if (request->code == ERROR_NONE)
        take_results(committer, request);
    committer_performed(committer, request->code);
    release_finished(replica, committer);
    run_round(replica, request->asker);
}
