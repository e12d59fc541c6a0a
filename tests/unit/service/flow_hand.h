/* The relay's flow, driven by hand: one flow for each test, and items by number. */
#ifndef EVENTS_TESTS_UNIT_SERVICE_FLOW_HAND_H
#define EVENTS_TESTS_UNIT_SERVICE_FLOW_HAND_H

#include "service/relay_flow.h"

enum {
    ITEMS_MAX = 400,
    MESSAGES_MAX = 10000,
    SEEN_MAX = 8192,
    EVERY_MS = 1000,
    AGE_MS = 3000,
    BACKOFF_MOST_MS = 5000,
    FLOW_ITEMS = 20000
};

extern struct relay_flow *flow;
extern struct relay_item flow_items[FLOW_ITEMS];
extern struct relay_item *flow_batch[RELAY_MARK_MAX];

/* Before and after each test. */
void flow_make(void);
void flow_clear(void);

void flow_open(size_t items_max, int64_t now_ms);
void flow_make_paced(int every_ms); /* in its place: sends and marks gather for so long */
struct relay_item *flow_item(int64_t number, size_t n_messages); /* committed at 1000 + number */
void flow_leave(struct relay_item *item);                        /* its committed_ms is -1 then */

void flow_hand_over(int64_t number, size_t n_messages);
struct relay_send flow_send_next(int64_t now_ms);
bool flow_has_send(int64_t now_ms);
void flow_publish(int64_t number); /* handed over, sent and confirmed */
struct relay_counts flow_counts(void);

/* Offer items @first to @last as a sweep would; returns how many were taken. */
size_t flow_offer(int64_t first, int64_t last, int64_t now_ms);

/* A sweep that finds items @first to @last. */
size_t flow_sweep(int64_t first, int64_t last, int64_t now_ms);

#endif
