#include "base/memory.h"
#include "service/relay_flow_state.h"

enum {
    BACKOFF_FIRST_MS = 200 /* the first wait is half of it at least */
};

uint64_t relay_flow_random(struct relay_flow *flow)
{
    uint64_t value = flow->random += 0x9e3779b97f4a7c15;

    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
    value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
    return value ^ (value >> 31);
}

struct backoff relay_flow_backoff(void)
{
    return (struct backoff){.first_ms = BACKOFF_FIRST_MS, .most_ms = RELAY_BACKOFF_MOST_MS};
}

/* ---- lines ---- */

void relay_line_push_last(struct relay_flow *flow, struct relay_line *line, uint32_t place)
{
    flow->entries[place].next = RELAY_NOWHERE;
    if (line->first == RELAY_NOWHERE)
        line->first = place;
    else
        flow->entries[line->last].next = place;
    line->last = place;
}

void relay_line_push_first(struct relay_flow *flow, struct relay_line *line, uint32_t place)
{
    flow->entries[place].next = line->first;
    if (line->first == RELAY_NOWHERE)
        line->last = place;
    line->first = place;
}

uint32_t relay_line_pop_first(struct relay_flow *flow, struct relay_line *line)
{
    uint32_t place = line->first;

    if (place != RELAY_NOWHERE)
        line->first = flow->entries[place].next;
    return place;
}

/* ---- life of the flow ---- */

static bool take_room(struct relay_flow *flow, struct error *error)
{
    size_t n = flow->options.items_max;

    flow->entries = memory_array(n, sizeof(*flow->entries), error);
    return flow->entries && relay_timers_init(&flow->waiting, n, error) &&
           relay_timers_init(&flow->refused, n, error) &&
           relay_table_init(&flow->table, n, relay_flow_random(flow), error) &&
           relay_seen_init(&flow->seen, flow->options.seen_max, relay_flow_random(flow), error);
}

static void release(struct relay_flow *flow)
{
    relay_seen_clear(&flow->seen);
    relay_table_clear(&flow->table);
    relay_timers_clear(&flow->refused);
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
    self->to_send = self->confirmed = (struct relay_line){RELAY_NOWHERE, RELAY_NOWHERE};
    self->mark_backoff = relay_flow_backoff();
    self->sweep_ms =
        now_ms + (int64_t)(relay_flow_random(self) % ((uint64_t)options->sweep_every_ms + 1));
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

bool relay_flow_has(const struct relay_flow *flow, const struct relay_item *item)
{
    return relay_table_find(&flow->table, &item->key) != RELAY_NOWHERE;
}

/* An item alone may have more messages than the ceiling. */
bool relay_flow_has_room(const struct relay_flow *flow, const struct relay_item *item)
{
    return flow->table.n_used < flow->options.items_max &&
           (flow->n_messages == 0 ||
            flow->n_messages + item->n_messages <= flow->options.messages_max);
}

void relay_flow_set_failing(struct relay_flow *flow, struct relay_entry *entry, bool is_failing)
{
    if (entry->is_failing == is_failing)
        return;
    entry->is_failing = is_failing;
    if (is_failing)
        flow->n_failing++;
    else
        flow->n_failing--;
}

void relay_flow_confirm(struct relay_flow *flow, uint32_t place)
{
    relay_flow_set_failing(flow, &flow->entries[place], false);
    flow->entries[place].stage = RELAY_STAGE_CONFIRMED;
    relay_line_push_last(flow, &flow->confirmed, place);
    flow->n_to_mark++;
}

void relay_flow_queue(struct relay_flow *flow, uint32_t place)
{
    struct relay_entry *entry = &flow->entries[place];

    entry->n_sent = entry->n_confirmed = entry->n_failed = 0;
    entry->stage = RELAY_STAGE_QUEUED;
    relay_line_push_last(flow, &flow->to_send, place);
}

/* There is room, and @item is not in hand. */
void relay_flow_take(struct relay_flow *flow, struct relay_item *item, int64_t now_ms)
{
    uint32_t place = relay_table_add(&flow->table, &item->key);

    relay_seen_forget(&flow->seen, &item->key);
    flow->entries[place] =
        (struct relay_entry){.item = item, .taken_ms = now_ms, .backoff = relay_flow_backoff()};
    flow->n_messages += item->n_messages;
    if (item->n_messages > 0)
        relay_flow_queue(flow, place);
    else
        relay_flow_confirm(flow, place);
}

bool relay_flow_hand_over(struct relay_flow *flow, struct relay_item *item, int64_t now_ms)
{
    if (relay_flow_has(flow, item))
        return false;
    if (!relay_flow_has_room(flow, item)) {
        flow->counts.overflowed++;
        relay_seen_note(&flow->seen, item, now_ms);
        return false;
    }
    relay_flow_take(flow, item, now_ms);
    return true;
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

static bool is_unpublished(const struct relay_entry *entry)
{
    return entry->item && entry->stage < RELAY_STAGE_CONFIRMED;
}

static int64_t oldest_committed_ms(const struct relay_flow *flow)
{
    int64_t oldest_ms = relay_seen_oldest_ms(&flow->seen);

    for (size_t i = 0; i < flow->options.items_max; i++) {
        const struct relay_entry *entry = &flow->entries[i];

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
