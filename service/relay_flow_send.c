/* What goes to the emitter, and what comes of it. */
#include "service/relay_flow_state.h"

#include <assert.h>

enum {
    BUSY_RETRY_MS = 50,
    REFUSED_PAUSE_MS = 20, /* for each message of an item that is tried again */
    FREE_PER_CONFIRMED = 2 /* so they double with every round */
};

static void wait_for_another_attempt(struct relay_flow *flow, uint32_t place, int64_t now_ms)
{
    struct relay_entry *entry = &flow->entries[place];

    entry->stage = RELAY_STAGE_WAITING;
    relay_timers_add(entry->is_refused ? &flow->refused : &flow->waiting, place,
                     now_ms + backoff_next_ms(&entry->backoff, relay_flow_random(flow)));
}

/* All that will be sent of this attempt has been sent; go on when all outcomes are known. */
static void settle(struct relay_flow *flow, uint32_t place, int64_t now_ms)
{
    const struct relay_entry *entry = &flow->entries[place];

    if (entry->n_confirmed + entry->n_failed < entry->n_sent)
        return;
    if (entry->n_failed > 0) {
        wait_for_another_attempt(flow, place, now_ms);
        return;
    }
    if (entry->is_refused)
        flow->n_free += FREE_PER_CONFIRMED;
    relay_flow_confirm(flow, place);
}

static int64_t refused_due_ms(const struct relay_flow *flow)
{
    int64_t due_ms = relay_timers_due_ms(&flow->refused);

    return flow->n_free > 0 || due_ms > flow->retry_ms ? due_ms : flow->retry_ms;
}

/*
 * A message that one full queue refuses goes into all other queues and the log each time. So while
 * nothing is confirmed, all that was refused shares one slow pace, however much it is.
 */
static void queue_refused(struct relay_flow *flow, uint32_t place, int64_t now_ms)
{
    int64_t pause_ms = (int64_t)flow->entries[place].item->n_messages * REFUSED_PAUSE_MS;

    if (flow->n_free > 0)
        flow->n_free--;
    else
        flow->retry_ms =
            now_ms + (pause_ms < RELAY_BACKOFF_MOST_MS ? pause_ms : RELAY_BACKOFF_MOST_MS);
    relay_flow_queue(flow, place);
}

static void queue_what_has_waited(struct relay_flow *flow, int64_t now_ms)
{
    while (relay_timers_due_ms(&flow->waiting) <= now_ms)
        relay_flow_queue(flow, relay_timers_pop(&flow->waiting));
    while (refused_due_ms(flow) <= now_ms)
        queue_refused(flow, relay_timers_pop(&flow->refused), now_ms);
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
        relay_line_pop_first(flow, &flow->to_send);
        flow->entries[place].stage = RELAY_STAGE_SENDING;
        settle(flow, place, now_ms);
        place = flow->to_send.first;
    }
}

static int64_t next_run_ms(const struct relay_flow *flow)
{
    return flow->is_sending || flow->finishing ? 0 : flow->send_rest_ms;
}

static bool may_send(struct relay_flow *flow, int64_t now_ms)
{
    if (is_blocked(flow, now_ms) || now_ms < next_run_ms(flow))
        return false;
    if (flow->to_send.first == RELAY_NOWHERE) {
        flow->is_sending = false;
        return false;
    }
    if (!flow->is_sending)
        flow->send_rest_ms = now_ms + flow->options.send_every_ms;
    flow->is_sending = true;
    return true;
}

bool relay_flow_next_send(struct relay_flow *flow, int64_t now_ms, struct relay_send *send)
{
    struct relay_entry *entry;
    uint32_t place;

    queue_what_has_waited(flow, now_ms);
    drop_failed_attempts(flow, now_ms);
    if (!may_send(flow, now_ms))
        return false;
    place = flow->to_send.first;
    entry = &flow->entries[place];
    *send = (struct relay_send){.item = entry->item, .index = entry->n_sent, .place = place};
    entry->n_sent++;
    flow->n_out++;
    if (entry->n_sent == entry->item->n_messages) {
        relay_line_pop_first(flow, &flow->to_send);
        entry->stage = RELAY_STAGE_SENDING;
    }
    return true;
}

void relay_flow_busy(struct relay_flow *flow, const struct relay_send *send, int64_t now_ms)
{
    struct relay_entry *entry = &flow->entries[send->place];

    entry->n_sent--;
    flow->n_out--;
    if (entry->stage == RELAY_STAGE_SENDING) {
        entry->stage = RELAY_STAGE_QUEUED;
        relay_line_push_first(flow, &flow->to_send, send->place);
    }
    /* Half, so that the sender does not wake for each message; by time when the others fill it. */
    flow->blocked = true;
    flow->resume_at = flow->n_out / 2;
    flow->resume_ms = flow->n_out > 0 ? INT64_MAX : now_ms + BUSY_RETRY_MS;
}

void relay_flow_done(struct relay_flow *flow, uint32_t place, bool confirmed, int64_t now_ms)
{
    struct relay_entry *entry = &flow->entries[place];

    assert(entry->item && entry->n_confirmed + entry->n_failed < entry->n_sent);
    if (confirmed) {
        entry->n_confirmed++;
        flow->counts.published++;
    } else {
        entry->n_failed++;
        relay_flow_set_failing(flow, entry, true);
    }
    flow->n_out--;
    if (flow->n_out <= flow->resume_at)
        flow->blocked = false;
    if (entry->stage == RELAY_STAGE_SENDING)
        settle(flow, place, now_ms);
}

void relay_flow_refused(struct relay_flow *flow, uint32_t place, int64_t now_ms)
{
    flow->n_free = 0;
    flow->entries[place].is_refused = true;
    relay_flow_done(flow, place, false, now_ms);
}

int64_t relay_flow_send_due_ms(const struct relay_flow *flow)
{
    int64_t queued_ms = flow->blocked ? flow->resume_ms : next_run_ms(flow);
    int64_t waiting_ms = relay_timers_due_ms(&flow->waiting);
    int64_t refused_ms = refused_due_ms(flow);

    if (refused_ms < waiting_ms)
        waiting_ms = refused_ms;
    if (flow->to_send.first == RELAY_NOWHERE || waiting_ms < queued_ms)
        return waiting_ms;
    return queued_ms;
}
