#include "flow_hand.h"

#include <criterion/criterion.h>

struct relay_flow *flow;
struct relay_item flow_items[FLOW_ITEMS];
struct relay_item *flow_batch[RELAY_MARK_MAX];

struct relay_item *flow_item(int64_t number, size_t n_messages)
{
    struct relay_item *item = &flow_items[number];

    *item = (struct relay_item){
        .key = {.number = number}, .n_messages = n_messages, .committed_ms = 1000 + number};
    return item;
}

static void open_flow(size_t items_max, int64_t now_ms, int every_ms)
{
    const struct relay_flow_options options = {.items_max = items_max,
                                               .messages_max = MESSAGES_MAX,
                                               .seen_max = SEEN_MAX,
                                               .send_every_ms = every_ms,
                                               .mark_every_ms = every_ms,
                                               .sweep_every_ms = EVERY_MS,
                                               .sweep_age_ms = AGE_MS,
                                               .seed = 1};

    cr_assert(relay_flow_new(&options, now_ms, &flow, NULL));
}

void flow_open(size_t items_max, int64_t now_ms)
{
    open_flow(items_max, now_ms, 0);
}

void flow_make_paced(int every_ms)
{
    flow_clear();
    open_flow(ITEMS_MAX, 0, every_ms);
}

void flow_make(void)
{
    flow_open(ITEMS_MAX, 0);
}

void flow_leave(struct relay_item *item)
{
    item->committed_ms = -1;
}

void flow_clear(void)
{
    relay_flow_free(flow, flow_leave);
}

void flow_hand_over(int64_t number, size_t n_messages)
{
    cr_assert(relay_flow_hand_over(flow, flow_item(number, n_messages), 0));
}

struct relay_send flow_send_next(int64_t now_ms)
{
    struct relay_send send;

    cr_assert(relay_flow_next_send(flow, now_ms, &send));
    return send;
}

bool flow_has_send(int64_t now_ms)
{
    struct relay_send send;

    return relay_flow_next_send(flow, now_ms, &send);
}

void flow_publish(int64_t number)
{
    struct relay_send send;

    flow_hand_over(number, 1);
    send = flow_send_next(0);
    relay_flow_done(flow, send.place, true, 0);
}

struct relay_counts flow_counts(void)
{
    return relay_flow_counts(flow, 1000000);
}

/* Offer items @first to @last as a sweep would; returns how many were taken. */
size_t flow_offer(int64_t first, int64_t last, int64_t now_ms)
{
    size_t taken = 0;

    for (int64_t i = first; i <= last; i++)
        taken += relay_flow_offer(flow, flow_item(i, 1), now_ms);
    return taken;
}

/* A sweep that finds items @first to @last. */
size_t flow_sweep(int64_t first, int64_t last, int64_t now_ms)
{
    size_t taken;

    cr_assert_gt(relay_flow_begin_sweep(flow, true, now_ms), 0);
    taken = flow_offer(first, last, now_ms);
    relay_flow_end_sweep(flow, true, now_ms);
    return taken;
}
