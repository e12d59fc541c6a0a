/* What happens to the flow of a listener, written down shortly. */
#ifndef EVENTS_TESTS_UNIT_MSGQUEUE_FLOW_HAND_H
#define EVENTS_TESTS_UNIT_MSGQUEUE_FLOW_HAND_H

#include "msgqueue/listener_flow.h"

enum {
    FLOW_HELDS = 5,
    FLOW_BATCH = 8,
    FLOW_LONG_MS = 60000 /* longer than any back-off */
};

extern struct listener_flow flow;

/* Deliveries that live as long as the test, so that nothing has to be freed; [i] has the tag i + 1. */
extern struct held flow_helds[FLOW_HELDS];

/* Those that were offered last. */
extern struct held *flow_batch[FLOW_BATCH];
extern size_t flow_n_batch;

void flow_start(int n_arrived);

const char *flow_offer(int64_t now_ms); /* "1 2": tags offered at @now_ms */
void flow_answer(const char *letters,
                 int64_t now_ms); /* one letter for each of the batch: a, r, p */
const char *flow_settle(void);    /* "a3* x4": acknowledge (* up to) or reject */
int flow_n_finished(void);
int64_t flow_wait_ms(int64_t now_ms); /* until something is to be done; FLOW_LONG_MS: nothing is */

#endif
