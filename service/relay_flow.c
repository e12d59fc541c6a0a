#include "service/relay_flow.h"

#include "base/backoff.h"
#include "base/memory.h"
#include "service/relay_seen.h"
#include "service/relay_table.h"
#include "service/relay_timers.h"

#include <assert.h>

enum {
    BACKOFF_FIRST_MS = 200, /* the first wait is half of it at least */
    BACKOFF_MOST_MS = 5000,
    BUSY_RETRY_MS = 50
};

enum stage {
    STAGE_QUEUED,  /* in the line to be sent, perhaps with some messages out already */
    STAGE_SENDING, /* no more messages to send; some have no outcome yet */
    STAGE_WAITING,
    STAGE_CONFIRMED,
    STAGE_MARKING
};

struct entry {
    struct relay_item *item; /* owned; NULL: the place is free */
    size_t n_sent;           /* messages of this attempt */
    size_t n_confirmed;
    size_t n_failed;
    bool is_failing; /* some message failed, in this attempt or the one before */
    struct backoff backoff;
    uint32_t next; /* in a line */
    enum stage stage;
};

/* Places, first in, first out. */
struct line {
    uint32_t first;
    uint32_t last;
};

struct relay_flow {
    struct relay_flow_options options;
    uint64_t random;
    struct relay_table table;
    struct entry *entries; /* by place */
    struct relay_seen seen;

    struct line to_send;
    struct line confirmed;
    struct relay_timers waiting;

    size_t n_messages; /* of all items in hand */
    size_t n_failing;  /* items */
    size_t n_out;      /* messages with the emitter */
    bool blocked;      /* the emitter is full: until n_out falls to resume_at, or resume_ms */
    size_t resume_at;
    int64_t resume_ms;

    uint32_t batch[RELAY_MARK_MAX]; /* places that are being marked */
    size_t n_batch;
    struct backoff mark_backoff;
    int64_t mark_ms; /* not before */

    bool sweeping;
    bool sweep_was_full;
    bool finishing;
    size_t sweep_limit;
    size_t n_offered; /* in this sweep */
    int64_t sweep_ms; /* not before */

    struct relay_counts counts;
};

static uint64_t next_random(struct relay_flow *flow)
{
    uint64_t value = flow->random += 0x9e3779b97f4a7c15;

    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
    value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
    return value ^ (value >> 31);
}

static struct backoff fresh_backoff(void)
{
    return (struct backoff){.first_ms = BACKOFF_FIRST_MS, .most_ms = BACKOFF_MOST_MS};
}

/* ---- lines ---- */

static void push_last(struct relay_flow *flow, struct line *line, uint32_t place)
{
    flow->entries[place].next = RELAY_NOWHERE;
    if (line->first == RELAY_NOWHERE)
        line->first = place;
    else
        flow->entries[line->last].next = place;
    line->last = place;
}

static void push_first(struct relay_flow *flow, struct line *line, uint32_t place)
{
    flow->entries[place].next = line->first;
    if (line->first == RELAY_NOWHERE)
        line->last = place;
    line->first = place;
}

static uint32_t pop_first(struct relay_flow *flow, struct line *line)
{
    uint32_t place = line->first;

    if (place != RELAY_NOWHERE)
        line->first = flow->entries[place].next;
    return place;
}

/* ---- life of the flow ---- */

/* About sweep_every_ms, so that the sweeps of several replicas drift apart. */
static int64_t sweep_pause_ms(struct relay_flow *flow)
{
    uint64_t every = (uint64_t)flow->options.sweep_every_ms;

    return (int64_t)(every * 3 / 4 + next_random(flow) % (every / 2 + 1));
}

static bool take_room(struct relay_flow *flow, struct error *error)
{
    size_t n = flow->options.items_max;

    flow->entries = memory_array(n, sizeof(*flow->entries), error);
    return flow->entries && relay_timers_init(&flow->waiting, n, error) &&
           relay_table_init(&flow->table, n, next_random(flow), error) &&
           relay_seen_init(&flow->seen, flow->options.seen_max, next_random(flow), error);
}

static void release(struct relay_flow *flow)
{
    relay_seen_clear(&flow->seen);
    relay_table_clear(&flow->table);
    relay_timers_clear(&flow->waiting);
    memory_free(flow->entries);
    memory_free(flow);
}

bool relay_flow_new(const struct relay_flow_options *options, int64_t now_ms,
                    struct relay_flow **flow, struct error *error)
{
    struct relay_flow *self = memory_new(sizeof(*self), error);

    if (!self)
        return false;
    self->options = *options;
    self->random = options->seed;
    if (!take_room(self, error)) {
        release(self);
        return false;
    }
    self->to_send = self->confirmed = (struct line){RELAY_NOWHERE, RELAY_NOWHERE};
    self->mark_backoff = fresh_backoff();
    self->sweep_ms =
        now_ms + (int64_t)(next_random(self) % ((uint64_t)options->sweep_every_ms + 1));
    *flow = self;
    return true;
}

void relay_flow_free(struct relay_flow *flow, void (*free_item)(struct relay_item *item))
{
    if (!flow)
        return;
    for (size_t i = 0; i < flow->options.items_max; i++) {
        if (flow->entries[i].item)
            free_item(flow->entries[i].item);
    }
    release(flow);
}

/* ---- items come in ---- */

static bool in_hand(const struct relay_flow *flow, const struct relay_item *item)
{
    return relay_table_find(&flow->table, &item->key) != RELAY_NOWHERE;
}

/* An item alone may have more messages than the ceiling. */
static bool has_room(const struct relay_flow *flow, const struct relay_item *item)
{
    return flow->table.n_used < flow->options.items_max &&
           (flow->n_messages == 0 ||
            flow->n_messages + item->n_messages <= flow->options.messages_max);
}

static void set_failing(struct relay_flow *flow, struct entry *entry, bool is_failing)
{
    if (entry->is_failing == is_failing)
        return;
    entry->is_failing = is_failing;
    if (is_failing)
        flow->n_failing++;
    else
        flow->n_failing--;
}

static void confirm(struct relay_flow *flow, uint32_t place)
{
    set_failing(flow, &flow->entries[place], false);
    flow->entries[place].stage = STAGE_CONFIRMED;
    push_last(flow, &flow->confirmed, place);
}

static void queue(struct relay_flow *flow, uint32_t place)
{
    struct entry *entry = &flow->entries[place];

    entry->n_sent = entry->n_confirmed = entry->n_failed = 0;
    entry->stage = STAGE_QUEUED;
    push_last(flow, &flow->to_send, place);
}

/* There is room, and @item is not in hand. */
static void take(struct relay_flow *flow, struct relay_item *item)
{
    uint32_t place = relay_table_add(&flow->table, &item->key);

    relay_seen_forget(&flow->seen, &item->key);
    flow->entries[place] = (struct entry){.item = item, .backoff = fresh_backoff()};
    flow->n_messages += item->n_messages;
    if (item->n_messages > 0)
        queue(flow, place);
    else
        confirm(flow, place);
}

bool relay_flow_hand_over(struct relay_flow *flow, struct relay_item *item, int64_t now_ms)
{
    if (in_hand(flow, item))
        return false;
    if (!has_room(flow, item)) {
        flow->counts.overflowed++;
        relay_seen_note(&flow->seen, item, now_ms);
        return false;
    }
    take(flow, item);
    return true;
}

/* ---- sending ---- */

static void wait_for_another_attempt(struct relay_flow *flow, uint32_t place, int64_t now_ms)
{
    struct entry *entry = &flow->entries[place];

    entry->stage = STAGE_WAITING;
    relay_timers_add(&flow->waiting, place,
                     now_ms + backoff_next_ms(&entry->backoff, next_random(flow)));
}

/* All that will be sent of this attempt has been sent; go on when all outcomes are known. */
static void settle(struct relay_flow *flow, uint32_t place, int64_t now_ms)
{
    const struct entry *entry = &flow->entries[place];

    if (entry->n_confirmed + entry->n_failed < entry->n_sent)
        return;
    if (entry->n_failed > 0)
        wait_for_another_attempt(flow, place, now_ms);
    else
        confirm(flow, place);
}

static void queue_what_has_waited(struct relay_flow *flow, int64_t now_ms)
{
    while (relay_timers_due_ms(&flow->waiting) <= now_ms)
        queue(flow, relay_timers_pop(&flow->waiting));
}

static bool is_blocked(struct relay_flow *flow, int64_t now_ms)
{
    if (flow->blocked && now_ms >= flow->resume_ms)
        flow->blocked = false;
    return flow->blocked;
}

/* The rest of an attempt that has failed already is not worth sending. */
static void drop_failed_attempts(struct relay_flow *flow, int64_t now_ms)
{
    uint32_t place = flow->to_send.first;

    while (place != RELAY_NOWHERE && flow->entries[place].n_failed > 0) {
        pop_first(flow, &flow->to_send);
        flow->entries[place].stage = STAGE_SENDING;
        settle(flow, place, now_ms);
        place = flow->to_send.first;
    }
}

bool relay_flow_next_send(struct relay_flow *flow, int64_t now_ms, struct relay_send *send)
{
    struct entry *entry;
    uint32_t place;

    queue_what_has_waited(flow, now_ms);
    drop_failed_attempts(flow, now_ms);
    place = flow->to_send.first;
    if (is_blocked(flow, now_ms) || place == RELAY_NOWHERE)
        return false;

    entry = &flow->entries[place];
    *send = (struct relay_send){.item = entry->item, .index = entry->n_sent, .place = place};
    entry->n_sent++;
    flow->n_out++;
    if (entry->n_sent == entry->item->n_messages) {
        pop_first(flow, &flow->to_send);
        entry->stage = STAGE_SENDING;
    }
    return true;
}

void relay_flow_busy(struct relay_flow *flow, const struct relay_send *send, int64_t now_ms)
{
    struct entry *entry = &flow->entries[send->place];

    entry->n_sent--;
    flow->n_out--;
    if (entry->stage == STAGE_SENDING) {
        entry->stage = STAGE_QUEUED;
        push_first(flow, &flow->to_send, send->place);
    }
    /* Half, so that the sender does not wake for each message; by time when the others fill it. */
    flow->blocked = true;
    flow->resume_at = flow->n_out / 2;
    flow->resume_ms = flow->n_out > 0 ? INT64_MAX : now_ms + BUSY_RETRY_MS;
}

void relay_flow_done(struct relay_flow *flow, uint32_t place, bool confirmed, int64_t now_ms)
{
    struct entry *entry = &flow->entries[place];

    assert(entry->item && entry->n_confirmed + entry->n_failed < entry->n_sent);
    if (confirmed) {
        entry->n_confirmed++;
        flow->counts.published++;
    } else {
        entry->n_failed++;
        set_failing(flow, entry, true);
    }
    flow->n_out--;
    if (flow->n_out <= flow->resume_at)
        flow->blocked = false;
    if (entry->stage == STAGE_SENDING)
        settle(flow, place, now_ms);
}

int64_t relay_flow_send_due_ms(const struct relay_flow *flow)
{
    int64_t queued_ms = flow->blocked ? flow->resume_ms : 0;
    int64_t waiting_ms = relay_timers_due_ms(&flow->waiting);

    if (flow->to_send.first == RELAY_NOWHERE || waiting_ms < queued_ms)
        return waiting_ms;
    return queued_ms;
}

/* ---- marking ---- */

size_t relay_flow_begin_mark(struct relay_flow *flow, int64_t now_ms,
                             struct relay_item *items[RELAY_MARK_MAX])
{
    if (flow->n_batch > 0 || now_ms < flow->mark_ms)
        return 0;
    while (flow->n_batch < RELAY_MARK_MAX && flow->confirmed.first != RELAY_NOWHERE) {
        uint32_t place = pop_first(flow, &flow->confirmed);

        flow->entries[place].stage = STAGE_MARKING;
        flow->batch[flow->n_batch] = place;
        items[flow->n_batch++] = flow->entries[place].item;
    }
    return flow->n_batch;
}

static void forget_batch(struct relay_flow *flow)
{
    for (size_t i = 0; i < flow->n_batch; i++) {
        struct entry *entry = &flow->entries[flow->batch[i]];

        relay_table_remove(&flow->table, flow->batch[i]);
        flow->n_messages -= entry->item->n_messages;
        *entry = (struct entry){0};
    }
    flow->counts.marked += (int64_t)flow->n_batch;
}

static void confirm_batch_again(struct relay_flow *flow)
{
    for (size_t i = flow->n_batch; i > 0; i--) {
        flow->entries[flow->batch[i - 1]].stage = STAGE_CONFIRMED;
        push_first(flow, &flow->confirmed, flow->batch[i - 1]);
    }
}

void relay_flow_end_mark(struct relay_flow *flow, bool marked, int64_t now_ms)
{
    if (marked) {
        forget_batch(flow);
        backoff_reset(&flow->mark_backoff);
    } else {
        confirm_batch_again(flow);
        flow->mark_ms = now_ms + backoff_next_ms(&flow->mark_backoff, next_random(flow));
    }
    flow->n_batch = 0;
}

/* ---- sweeping ---- */

/* Wide only where it helps: more was there, the broker takes it, and there is room to hold it. */
static size_t choose_limit(const struct relay_flow *flow, bool connected)
{
    size_t room = flow->options.items_max - flow->table.n_used;

    if (!flow->sweep_was_full || !connected || room <= RELAY_SWEEP_LIMIT)
        return RELAY_SWEEP_LIMIT;
    return room < RELAY_SWEEP_LIMIT_WIDE ? room : RELAY_SWEEP_LIMIT_WIDE;
}

size_t relay_flow_begin_sweep(struct relay_flow *flow, bool connected, int64_t now_ms)
{
    if (flow->sweeping || flow->finishing || now_ms < flow->sweep_ms)
        return 0;
    flow->sweeping = true;
    flow->sweep_limit = choose_limit(flow, connected);
    flow->n_offered = 0;
    relay_seen_begin_sweep(&flow->seen);
    return flow->sweep_limit;
}

void relay_flow_end_sweep(struct relay_flow *flow, bool complete, int64_t now_ms)
{
    flow->sweeping = false;
    flow->sweep_was_full = flow->n_offered >= flow->sweep_limit;
    relay_seen_end_sweep(&flow->seen, complete && !flow->sweep_was_full);
    flow->sweep_ms = now_ms + sweep_pause_ms(flow);
}

bool relay_flow_offer(struct relay_flow *flow, struct relay_item *item, int64_t now_ms)
{
    flow->n_offered++;
    if (flow->finishing || in_hand(flow, item))
        return false;
    if (now_ms - relay_seen_note(&flow->seen, item, now_ms) < flow->options.sweep_age_ms ||
        !has_room(flow, item))
        return false;
    take(flow, item);
    flow->counts.swept++;
    return true;
}

void relay_flow_finish(struct relay_flow *flow)
{
    flow->finishing = true;
}

int64_t relay_flow_keep_due_ms(const struct relay_flow *flow)
{
    int64_t due_ms = INT64_MAX;

    if (!flow->sweeping && !flow->finishing)
        due_ms = flow->sweep_ms;
    if (flow->n_batch == 0 && flow->confirmed.first != RELAY_NOWHERE && flow->mark_ms < due_ms)
        due_ms = flow->mark_ms;
    return due_ms;
}

/* ---- figures ---- */

bool relay_flow_is_failing(const struct relay_flow *flow)
{
    return flow->n_failing > 0;
}

bool relay_flow_is_empty(const struct relay_flow *flow)
{
    return flow->table.n_used == 0;
}

static bool is_unpublished(const struct entry *entry)
{
    return entry->item && entry->stage < STAGE_CONFIRMED;
}

static int64_t oldest_committed_ms(const struct relay_flow *flow)
{
    int64_t oldest_ms = relay_seen_oldest_ms(&flow->seen);

    for (size_t i = 0; i < flow->options.items_max; i++) {
        const struct entry *entry = &flow->entries[i];

        if (is_unpublished(entry) && entry->item->committed_ms < oldest_ms)
            oldest_ms = entry->item->committed_ms;
    }
    return oldest_ms;
}

struct relay_counts relay_flow_counts(const struct relay_flow *flow, int64_t wall_ms)
{
    struct relay_counts counts = flow->counts;
    int64_t oldest_ms = oldest_committed_ms(flow);

    counts.in_hand = (int64_t)flow->table.n_used;
    if (oldest_ms != INT64_MAX)
        counts.oldest_ms = wall_ms > oldest_ms ? wall_ms - oldest_ms : 1;
    return counts;
}
