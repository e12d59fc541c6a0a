#include "schedule_world.h"

#include "base/memory.h"
#include "persistence/memory_faults.h"

#include <string.h>

/* ---- chance ---- */

static uint64_t next_random(uint64_t *state)
{
    uint64_t value = *state += UINT64_C(0x9e3779b97f4a7c15);

    value = (value ^ value >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    value = (value ^ value >> 27) * UINT64_C(0x94d049bb133111eb);
    return value ^ value >> 31;
}

static int pick(struct schedule *self, int n)
{
    return (int)(next_random(&self->random) % (uint64_t)n);
}

static bool chance(struct schedule *self, int percent)
{
    return pick(self, 100) < percent;
}

/* Unlike all the rest a counter of the whole process, so that no two tokens are equal. */
static struct object_id next_token(void)
{
    static uint64_t n_tokens;
    struct object_id token = {.bytes = {3}};

    n_tokens++;
    memcpy(token.bytes + 4, &n_tokens, sizeof(n_tokens));
    return token;
}

/* ---- ids ---- */

static struct object_id user_id(int user)
{
    return (struct object_id){.bytes = {2, [11] = (uint8_t)(user + 1)}};
}

static struct object_id booking_id(size_t event, int kind, int number)
{
    return (struct object_id){
        .bytes = {4, (uint8_t)(event + 1), (uint8_t)kind, [11] = (uint8_t)number}};
}

/* ---- commands ---- */

static void make_booking(struct schedule *self, struct sim_call *call)
{
    struct command *command = &call->command;
    int user = pick(self, USERS + 1);

    command->kind = COMMAND_BOOK;
    command->keyed = chance(self, 50);
    command->booking_id = command->keyed ? booking_id(call->event, 1, pick(self, KEYS))
                                         : booking_id(call->event, 2, (int)self->n_calls);
    if (user < USERS)
        command->user_id = user_id(user);
    command->seats = 1 + pick(self, 3);
    if (command->keyed && chance(self, 80))
        command->seats = 1 + command->booking_id.bytes[11] % 2; /* mostly the same order again */
    command->fingerprint = (uint64_t)command->seats;
}

static void make_cancellation(struct schedule *self, struct sim_call *call)
{
    const struct sim_call *other = &self->calls[pick(self, (int)self->n_calls)];

    call->command.kind = COMMAND_CANCEL;
    call->command.booking_id = other->command.booking_id;
    if (object_id_is_none(&call->command.booking_id) || chance(self, 30))
        call->command.booking_id = booking_id(call->event, 1, pick(self, KEYS));
}

static void make_version(struct schedule *self, struct sim_call *call)
{
    int64_t version = self->versions[call->event];

    call->command.kind = COMMAND_TAKE_OVER;
    if (chance(self, 80))
        version = ++self->versions[call->event];
    call->command.state = (struct ledger_state){.event_version = version,
                                                .capacity = 2 + pick(self, 8),
                                                .closed = chance(self, 10),
                                                .removed = chance(self, 3)};
    if (chance(self, 10))
        call->command.state.capacity = CAPACITY_UNKNOWN;
}

/* None as long as the event has no ledger; nothing else keeps this read from being answered. */
static int64_t count_entries(struct schedule *self, size_t event)
{
    const struct object_id id = schedule_event(event);
    struct ledger_head head = {0};

    return ledger_store_head(schedule_store(self, 0), &id, &head, NULL) ? head.sequence + 1 : 0;
}

static void arrive(struct schedule *self)
{
    struct sim_call *call = &self->calls[self->n_calls];
    struct slot *slot;
    int kind = pick(self, 100);

    call->replica = (size_t)pick(self, REPLICAS);
    call->event = (size_t)pick(self, EVENTS);
    call->entries_before = count_entries(self, call->event);
    slot = &self->replicas[call->replica].slots[call->event];
    if (slot->is_corrupt)
        return;
    if (self->n_calls < EVENTS || kind < 12)
        make_version(self, call);
    else if (kind < 75)
        make_booking(self, call);
    else
        make_cancellation(self, call);
    self->n_calls++;
    call->ticket.command = call->command;
    slot_put(slot, &call->ticket);
}

static struct sim_call *call_of(struct ticket *ticket)
{
    return CONTAINER_OF(ticket, struct sim_call, ticket);
}

static void hear(struct schedule *self, struct ticket_list *answered)
{
    while (answered->first) {
        struct sim_call *call = call_of(answered->first);

        answered->first = answered->first->next;
        call->fate = FATE_ANSWERED;
        call->entries_after = count_entries(self, call->event);
    }
}

static void leave(struct schedule *self)
{
    struct sim_call *call = &self->calls[pick(self, (int)self->n_calls)];
    enum ticket_place place;

    if (call->fate != FATE_OPEN)
        return;
    place = ticket_leave(&call->ticket);
    call->fate = place == TICKET_SENT ? FATE_UNKNOWN : FATE_NEVER;
    self->sights->left_sent += place == TICKET_SENT;
    self->sights->left_unsent += place != TICKET_SENT;
    memset(&call->ticket, 0xEE, sizeof(call->ticket)); /* nobody may look at it any more */
}

/* ---- replicas ---- */

static void count(struct schedule *self, const struct committer_counts *counts)
{
    self->sights->lost_races += counts->lost_races;
    self->sights->resends += counts->resends;
    self->sights->own_found += counts->own_found;
    self->sights->corrupt += counts->corrupt;
}

static void begin_life(struct replica *replica)
{
    replica->committer = (struct committer){.seats_per_user = SEATS_PER_USER};
    for (size_t i = 0; i < EVENTS; i++) {
        const struct object_id id = schedule_event(i);

        slot_init(&replica->slots[i], &id);
    }
}

static void end_life(struct schedule *self, struct replica *replica)
{
    count(self, &replica->committer.counts);
    committer_clear(&replica->committer);
    for (size_t i = 0; i < EVENTS; i++)
        slot_clear(&replica->slots[i]);
}

static void crash(struct schedule *self)
{
    size_t replica = (size_t)pick(self, REPLICAS);

    for (size_t i = 0; i < self->n_calls; i++) {
        struct sim_call *call = &self->calls[i];

        if (call->fate == FATE_OPEN && call->replica == replica)
            call->fate = call->ticket.place == TICKET_SENT ? FATE_UNKNOWN : FATE_NEVER;
    }
    end_life(self, &self->replicas[replica]);
    begin_life(&self->replicas[replica]);
    self->sights->crashes++;
}

static void begin_round(struct schedule *self, struct replica *replica)
{
    struct ticket_list answered = {0};
    size_t first = (size_t)pick(self, EVENTS);

    for (size_t i = 0; i < EVENTS; i++) {
        size_t event = (first + i) % EVENTS;
        struct slot *slot = &replica->slots[event];

        if (!committer_has_room_for(&replica->committer, slot) || chance(self, 30))
            continue;
        if (slot_take(slot, &answered))
            committer_add(&replica->committer, slot);
    }
    hear(self, &answered);
}

static void plan_fault(struct schedule *self, struct replica *replica, enum committer_action action)
{
    static const enum memory_fault faults[] = {MEMORY_FAULT_LOSE, MEMORY_FAULT_LOSE_REPLY,
                                               MEMORY_FAULT_LATE, MEMORY_FAULT_REPEAT,
                                               MEMORY_FAULT_AWAY, MEMORY_FAULT_FALSE_TAKEN};
    static const char *const reads[] = {[COMMITTER_READ_HEADS] = "ledger.heads",
                                        [COMMITTER_LOOK_UP] = "ledger.look_up",
                                        [COMMITTER_READ_TOKENS] = "ledger.tokens"};

    if (action == COMMITTER_INSERT && chance(self, 40))
        memory_faults_plan(replica->database, "ledger.insert",
                           faults[pick(self, (int)ARRAY_SIZE(faults))]);
    else if (action != COMMITTER_INSERT && chance(self, 10))
        memory_faults_plan(replica->database, reads[action], MEMORY_FAULT_AWAY);
}

static void step(struct schedule *self)
{
    struct replica *replica = &self->replicas[pick(self, REPLICAS)];
    struct ticket_list answered = {0};
    enum committer_action action;
    struct slot *slot;

    if (replica->committer.n_slots == 0)
        begin_round(self, replica);
    action = committer_next(&replica->committer);
    if (action == COMMITTER_DECIDE) {
        committer_decide(&replica->committer, self->now_ms, next_token, &answered);
    } else if (action != COMMITTER_DONE) {
        if (!self->is_quiet)
            plan_fault(self, replica, action);
        committer_perform(&replica->committer, database_ledger(replica->database));
    }
    while ((slot = committer_take_finished(&replica->committer)))
        slot_release(slot, &answered);
    hear(self, &answered);
}

static bool has_open_calls(const struct schedule *self)
{
    for (size_t i = 0; i < self->n_calls; i++) {
        if (self->calls[i].fate == FATE_OPEN)
            return true;
    }
    return false;
}

static void live(struct schedule *self)
{
    for (int i = 0; i < STEPS_MAX; i++) {
        int what = pick(self, 1000);

        self->now_ms += pick(self, 3);
        if (what < 150 && self->n_calls < CALLS_MAX)
            arrive(self);
        else if (what < 170 && self->n_calls > 0)
            leave(self);
        else if (what < 175)
            crash(self);
        else if (what < 215)
            memory_faults_settle(self->replicas[0].database);
        else
            step(self);
    }
}

/* The faults end: everything must be answered. */
static bool drain(struct schedule *self, struct error *error)
{
    self->is_quiet = true;
    for (int i = 0; i < DRAIN_STEPS_MAX && has_open_calls(self); i++) {
        if (chance(self, 2))
            memory_faults_settle(self->replicas[0].database);
        step(self);
    }
    memory_faults_settle(self->replicas[0].database);
    return !has_open_calls(self) ||
           error_set(error, ERROR_UNAVAILABLE, "not everything was answered in the end");
}

/* ---- a run ---- */

static bool begin(struct schedule *self, uint64_t seed, struct error *error)
{
    const struct database_options options = {.backend = "memory", .url = "schedule", .name = "x"};

    self->random = seed;
    self->audit.seats_per_user = SEATS_PER_USER;
    for (size_t i = 0; i < REPLICAS; i++) {
        if (!database_open(&options, &self->replicas[i].database, error))
            return false;
        begin_life(&self->replicas[i]);
    }
    return true;
}

static void end(struct schedule *self)
{
    for (size_t i = 0; i < REPLICAS; i++) {
        end_life(self, &self->replicas[i]);
        database_free(self->replicas[i].database);
    }
    audit_clear(&self->audit);
}

bool schedule_run(uint64_t seed, struct schedule_sights *sights, struct error *error)
{
    struct schedule *self = memory_new(sizeof(*self), error);
    bool ok;

    if (!self)
        return false;
    self->sights = sights;
    ok = begin(self, seed, error);
    if (ok) {
        live(self);
        ok = drain(self, error) && schedule_judge(self, error);
    }
    end(self);
    memory_free(self);
    return ok;
}
