#include "msgqueue/listener_flow.h"

enum {
    HOLD_FIRST_MS = 100,
    HOLD_MOST_MS = 5000
};

static void append(struct held_list *list, struct held *held)
{
    held->next = NULL;
    if (list->last)
        list->last->next = held;
    else
        list->first = held;
    list->last = held;
}

static struct held *take_first(struct held_list *list)
{
    struct held *held = list->first;

    if (!held)
        return NULL;
    list->first = held->next;
    if (!list->first)
        list->last = NULL;
    return held;
}

static struct held *find(const struct held_list *list, enum held_state state)
{
    struct held *held = list->first;

    while (held && held->state != state)
        held = held->next;
    return held;
}

static void take_out(struct held_list *list, struct held *held)
{
    struct held *before = NULL;

    for (struct held *each = list->first; each != held; each = each->next)
        before = each;
    if (before)
        before->next = held->next;
    else
        list->first = held->next;
    if (list->last == held)
        list->last = before;
}

void listener_flow_init(struct listener_flow *flow)
{
    const struct backoff backoff = {.first_ms = HOLD_FIRST_MS, .most_ms = HOLD_MOST_MS};

    *flow = (struct listener_flow){.offer_backoff = backoff, .park_backoff = backoff};
}

static bool is_out(const struct held *held)
{
    return held->state == HELD_NOTING || held->state == HELD_OFFERED || held->state == HELD_PARKING;
}

/* What is out stays out until its answer comes, and is recognised by its generation then. */
void listener_flow_lost(struct listener_flow *flow)
{
    struct held *held;

    while ((held = take_first(&flow->in_hand))) {
        if (!is_out(held))
            append(&flow->finished, held);
    }
    flow->generation++;
    flow->offer_at_ms = 0;
    flow->park_at_ms = 0;
}

void listener_flow_opened(struct listener_flow *flow)
{
    listener_flow_lost(flow);
    flow->stopped = false;
}

void listener_flow_stop(struct listener_flow *flow)
{
    flow->stopped = true;
}

void listener_flow_arrived(struct listener_flow *flow, struct held *held, uint64_t tag,
                           enum held_state state)
{
    held->tag = tag;
    held->state = state;
    held->generation = flow->generation;
    append(&flow->in_hand, held);
}

static bool may_offer(const struct listener_flow *flow, int64_t now_ms)
{
    return !flow->stopped && !flow->n_offered && now_ms >= flow->offer_at_ms;
}

static bool must_be_noted(const struct held *held)
{
    return held->is_suspect && !held->is_noted;
}

struct held *listener_flow_note(struct listener_flow *flow, int64_t now_ms)
{
    struct held *next = find(&flow->in_hand, HELD_WAITING);

    if (!next || !must_be_noted(next) || !may_offer(flow, now_ms))
        return NULL;
    next->state = HELD_NOTING;
    return next;
}

/* Whether nothing is gained by letting more come: so many are waiting, or a suspect ends the batch. */
static bool is_full(const struct held *held, size_t n_max)
{
    size_t n = 0;

    for (; held && n < n_max; held = held->next) {
        if (held->state != HELD_WAITING)
            continue;
        if (held->is_suspect)
            return true;
        n++;
    }
    return n == n_max;
}

size_t listener_flow_offer(struct listener_flow *flow, int64_t now_ms, struct held **offered,
                           size_t n_max)
{
    struct held *held = find(&flow->in_hand, HELD_WAITING);
    bool is_alone = held && held->is_suspect;
    size_t most = is_alone ? 1 : n_max;
    size_t n = 0;

    if (!held || must_be_noted(held) || !may_offer(flow, now_ms))
        return 0;
    if (now_ms < flow->batch_at_ms && !is_full(held, most))
        return 0;
    for (; held && n < most; held = held->next) {
        if (held->state != HELD_WAITING)
            continue;
        if (held->is_suspect && !is_alone)
            break;
        held->state = HELD_OFFERED;
        offered[n++] = held;
    }
    flow->n_offered = (int)n;
    flow->batch_at_ms = now_ms + flow->pace_ms;
    return n;
}

static enum held_state state_to_park(const struct listener_flow *flow)
{
    return flow->leaves_out ? HELD_DONE : HELD_TO_PARK;
}

static enum held_state state_after(const struct listener_flow *flow, enum delivery_verdict verdict)
{
    switch (verdict) {
    case DELIVERY_ACKNOWLEDGE:
        return HELD_DONE;
    case DELIVERY_PARK:
        return state_to_park(flow);
    case DELIVERY_RETRY:
        break;
    }
    return HELD_WAITING;
}

/* True when @held is still ours to decide about. */
static bool came_back(struct listener_flow *flow, struct held *held, enum held_state state)
{
    held->state = state;
    if (held->generation == flow->generation)
        return true;
    append(&flow->finished, held);
    return false;
}

static void hold_back(struct listener_flow *flow, int64_t now_ms, uint64_t random)
{
    flow->offer_at_ms = now_ms + backoff_next_ms(&flow->offer_backoff, random);
}

void listener_flow_noted(struct listener_flow *flow, struct held *held, int n_noted, int64_t now_ms,
                         uint64_t random)
{
    held->is_noted = n_noted > 0;
    held->is_quarantined = n_noted > DEATHS_MAX;
    if (came_back(flow, held, held->is_quarantined ? state_to_park(flow) : HELD_WAITING) &&
        !held->is_noted)
        hold_back(flow, now_ms, random);
}

/* What a log leaves out still waits in the queue, where its attempts count. */
bool listener_flow_forgets(const struct listener_flow *flow, const struct held *held)
{
    bool is_settled = held->state == HELD_DONE || held->state == HELD_TO_REJECT;

    return held->is_noted && is_settled && !(held->is_quarantined && flow->leaves_out);
}

void listener_flow_answered(struct listener_flow *flow, struct held *const *offered,
                            const enum delivery_verdict *verdicts, size_t n, int64_t now_ms,
                            uint64_t random)
{
    bool retry = false;

    for (size_t i = 0; i < n; i++) {
        if (came_back(flow, offered[i], state_after(flow, verdicts[i])))
            retry |= offered[i]->state == HELD_WAITING;
    }
    flow->n_offered -= (int)n;
    if (retry)
        hold_back(flow, now_ms, random);
    else
        backoff_reset(&flow->offer_backoff);
}

struct held *listener_flow_park(struct listener_flow *flow, int64_t now_ms)
{
    struct held *held = find(&flow->in_hand, HELD_TO_PARK);

    if (!held || flow->stopped || now_ms < flow->park_at_ms)
        return NULL;
    held->state = HELD_PARKING;
    return held;
}

void listener_flow_parked(struct listener_flow *flow, struct held *held, enum parking_end end,
                          int64_t now_ms, uint64_t random)
{
    switch (end) {
    case PARKING_CONFIRMED:
        (void)came_back(flow, held, HELD_DONE);
        backoff_reset(&flow->park_backoff);
        return;
    case PARKING_IMPOSSIBLE:
        (void)came_back(flow, held, HELD_TO_REJECT);
        return;
    case PARKING_FAILED:
        if (came_back(flow, held, HELD_TO_PARK))
            flow->park_at_ms = now_ms + backoff_next_ms(&flow->park_backoff, random);
        return;
    }
}

static void settle_one(struct listener_flow *flow, struct held *held, bool reject,
                       struct settlement *settlement)
{
    take_out(&flow->in_hand, held);
    append(&flow->finished, held);
    *settlement = (struct settlement){.tag = held->tag, .reject = reject, .n = 1};
}

/* Whatever is done at the front takes one acknowledgement: the broker knows of nothing before it. */
static void settle_front(struct listener_flow *flow, struct settlement *settlement)
{
    *settlement = (struct settlement){0};
    while (flow->in_hand.first && flow->in_hand.first->state == HELD_DONE) {
        struct held *held = take_first(&flow->in_hand);

        settlement->tag = held->tag;
        settlement->n++;
        append(&flow->finished, held);
    }
    settlement->multiple = settlement->n > 1;
}

bool listener_flow_settle(struct listener_flow *flow, struct settlement *settlement)
{
    struct held *rejected = find(&flow->in_hand, HELD_TO_REJECT);
    struct held *done;

    if (rejected) {
        settle_one(flow, rejected, true, settlement);
        return true;
    }
    done = find(&flow->in_hand, HELD_DONE);
    if (!done)
        return false;
    if (done == flow->in_hand.first)
        settle_front(flow, settlement);
    else
        settle_one(flow, done, false, settlement);
    return true;
}

struct held *listener_flow_finished(struct listener_flow *flow)
{
    return take_first(&flow->finished);
}

static int64_t until(int64_t at_ms, int64_t now_ms)
{
    return at_ms > now_ms ? at_ms - now_ms : 0;
}

static int64_t lesser(int64_t a_ms, int64_t b_ms)
{
    return a_ms < b_ms ? a_ms : b_ms;
}

static int64_t next_offer_ms(const struct listener_flow *flow, const struct held *waiting)
{
    if (flow->offer_at_ms > flow->batch_at_ms || is_full(waiting, SIZE_MAX))
        return flow->offer_at_ms;
    return flow->batch_at_ms;
}

int64_t listener_flow_wait_ms(const struct listener_flow *flow, int64_t now_ms, int64_t otherwise)
{
    const struct held *waiting = find(&flow->in_hand, HELD_WAITING);
    int64_t wait_ms = otherwise;

    if (flow->stopped)
        return otherwise;
    if (waiting)
        wait_ms = lesser(wait_ms, until(next_offer_ms(flow, waiting), now_ms));
    if (find(&flow->in_hand, HELD_TO_PARK))
        wait_ms = lesser(wait_ms, until(flow->park_at_ms, now_ms));
    return wait_ms;
}

bool listener_flow_is_empty(const struct listener_flow *flow)
{
    return !flow->in_hand.first;
}
