/* Marks and sweeps. */
#include "service/relay_flow_state.h"

/* ---- marking ---- */

static int64_t mark_due_ms(const struct relay_flow *flow)
{
    if (flow->n_batch > 0 || flow->n_to_mark == 0)
        return INT64_MAX;
    if (flow->finishing || flow->n_to_mark >= RELAY_MARK_MAX || flow->mark_ms > flow->mark_rest_ms)
        return flow->mark_ms;
    return flow->mark_rest_ms;
}

size_t relay_flow_begin_mark(struct relay_flow *flow, int64_t now_ms,
                             struct relay_item *items[RELAY_MARK_MAX])
{
    if (now_ms < mark_due_ms(flow))
        return 0;
    flow->mark_rest_ms = now_ms + flow->options.mark_every_ms;
    while (flow->n_batch < RELAY_MARK_MAX && flow->confirmed.first != RELAY_NOWHERE) {
        uint32_t place = relay_line_pop_first(flow, &flow->confirmed);

        flow->entries[place].stage = RELAY_STAGE_MARKING;
        flow->batch[flow->n_batch] = place;
        items[flow->n_batch++] = flow->entries[place].item;
    }
    flow->n_to_mark -= flow->n_batch;
    return flow->n_batch;
}

static void forget_batch(struct relay_flow *flow)
{
    for (size_t i = 0; i < flow->n_batch; i++) {
        struct relay_entry *entry = &flow->entries[flow->batch[i]];

        relay_table_remove(&flow->table, flow->batch[i]);
        flow->n_messages -= entry->item->n_messages;
        *entry = (struct relay_entry){0};
    }
    flow->counts.marked += (int64_t)flow->n_batch;
}

static void confirm_batch_again(struct relay_flow *flow)
{
    for (size_t i = flow->n_batch; i > 0; i--) {
        flow->entries[flow->batch[i - 1]].stage = RELAY_STAGE_CONFIRMED;
        relay_line_push_first(flow, &flow->confirmed, flow->batch[i - 1]);
    }
    flow->n_to_mark += flow->n_batch;
}

void relay_flow_end_mark(struct relay_flow *flow, bool marked, int64_t now_ms)
{
    if (marked) {
        forget_batch(flow);
        backoff_reset(&flow->mark_backoff);
    } else {
        confirm_batch_again(flow);
        flow->mark_ms = now_ms + backoff_next_ms(&flow->mark_backoff, relay_flow_random(flow));
    }
    flow->n_batch = 0;
}

/* ---- sweeping ---- */

enum {
    MARKS_WAIT_MS = 1000 /* for a wide sweep at most */
};

/* About sweep_every_ms, so that the sweeps of several replicas drift apart. */
static int64_t sweep_pause_ms(struct relay_flow *flow)
{
    uint64_t every = (uint64_t)flow->options.sweep_every_ms;

    return (int64_t)(every * 3 / 4 + relay_flow_random(flow) % (every / 2 + 1));
}

/* Wide only where it helps: more was there, the broker takes it, and there is room to hold it. */
static size_t choose_limit(const struct relay_flow *flow, bool connected)
{
    size_t room = flow->options.items_max - flow->table.n_used;

    if (!flow->sweep_was_full || !connected || room <= RELAY_SWEEP_LIMIT ||
        flow->n_messages > flow->options.messages_max / 2)
        return RELAY_SWEEP_LIMIT;
    return room < RELAY_SWEEP_LIMIT_WIDE ? room : RELAY_SWEEP_LIMIT_WIDE;
}

size_t relay_flow_begin_sweep(struct relay_flow *flow, bool connected, int64_t now_ms)
{
    if (flow->sweeping || flow->finishing || now_ms < flow->sweep_ms)
        return 0;
    flow->sweeping = true;
    flow->sweep_began_ms = now_ms;
    flow->sweep_limit = choose_limit(flow, connected);
    flow->sweep_lacks_room = false;
    flow->n_offered = 0;
    flow->n_swept = 0;
    relay_seen_begin_sweep(&flow->seen);
    return flow->sweep_limit;
}

void relay_flow_end_sweep(struct relay_flow *flow, bool complete, int64_t now_ms)
{
    flow->sweeping = false;
    flow->sweep_was_full = flow->n_offered >= (complete ? flow->sweep_limit : RELAY_SWEEP_LIMIT);
    relay_seen_end_sweep(&flow->seen, complete && !flow->sweep_was_full);
    flow->sweep_ms = now_ms + sweep_pause_ms(flow);
}

/*
 * Whether what came into hand first has waited to be sent for as long as others would leave it alone, or
 * what a full queue refused waits for its turn.
 */
static bool is_behind(const struct relay_flow *flow, int64_t now_ms)
{
    uint32_t place = flow->to_send.first;

    if (relay_timers_due_ms(&flow->refused) <= now_ms)
        return true;
    return place != RELAY_NOWHERE &&
           now_ms - flow->entries[place].taken_ms >= flow->options.sweep_age_ms;
}

/*
 * Old enough that its committer seems to be gone. While we are behind ourselves it is more likely late
 * as we are, for the same slow broker, and would only be published by everybody: then a few are taken,
 * so that nothing waits for the end of a long rush.
 */
static bool wants(struct relay_flow *flow, const struct relay_item *item, int64_t now_ms)
{
    int64_t seen_ms = relay_seen_note(&flow->seen, item, now_ms);

    if (now_ms - seen_ms < flow->options.sweep_age_ms)
        return false;
    if (!relay_flow_has_room(flow, item)) {
        flow->sweep_lacks_room = true;
        return false;
    }
    return flow->n_swept < RELAY_SWEPT_BEHIND || !is_behind(flow, now_ms);
}

bool relay_flow_offer(struct relay_flow *flow, struct relay_item *item, int64_t now_ms)
{
    flow->n_offered++;
    if (flow->finishing || relay_flow_has(flow, item) || !wants(flow, item, now_ms))
        return false;
    relay_flow_take(flow, item, now_ms);
    flow->n_swept++;
    flow->counts.swept++;
    return true;
}

/* What a narrow sweep has is always looked at, so that it is known to be there. */
bool relay_flow_wants_more(const struct relay_flow *flow, int64_t now_ms)
{
    bool marks_wait = now_ms - flow->sweep_began_ms >= MARKS_WAIT_MS && mark_due_ms(flow) <= now_ms;

    if (flow->finishing)
        return false;
    return flow->n_offered < RELAY_SWEEP_LIMIT || (!flow->sweep_lacks_room && !marks_wait);
}

void relay_flow_finish(struct relay_flow *flow)
{
    flow->finishing = true;
}

int64_t relay_flow_keep_due_ms(const struct relay_flow *flow)
{
    int64_t due_ms = mark_due_ms(flow);

    if (!flow->sweeping && !flow->finishing && flow->sweep_ms < due_ms)
        due_ms = flow->sweep_ms;
    return due_ms;
}
