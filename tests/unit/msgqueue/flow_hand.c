#include "flow_hand.h"

#include <stdio.h>

struct listener_flow flow;
struct held flow_helds[FLOW_HELDS];
struct held *flow_batch[FLOW_BATCH];
size_t flow_n_batch;

void flow_start(int n_arrived)
{
    listener_flow_init(&flow);
    listener_flow_opened(&flow);
    for (int i = 0; i < n_arrived; i++)
        listener_flow_arrived(&flow, &flow_helds[i], (uint64_t)i + 1, HELD_WAITING);
}

const char *flow_offer(int64_t now_ms)
{
    static char text[64];
    size_t n = 0;

    text[0] = '\0';
    flow_n_batch = listener_flow_offer(&flow, now_ms, flow_batch, FLOW_BATCH);
    for (size_t i = 0; i < flow_n_batch; i++)
        n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%d", n ? " " : "",
                              (int)flow_batch[i]->tag);
    return text;
}

void flow_answer(const char *letters, int64_t now_ms)
{
    enum delivery_verdict verdicts[FLOW_BATCH];

    for (size_t i = 0; i < flow_n_batch; i++) {
        verdicts[i] = letters[i] == 'a'   ? DELIVERY_ACKNOWLEDGE
                      : letters[i] == 'r' ? DELIVERY_RETRY
                                          : DELIVERY_PARK;
    }
    listener_flow_answered(&flow, flow_batch, verdicts, flow_n_batch, now_ms, 0);
}

const char *flow_settle(void)
{
    static char text[64];
    struct settlement settlement;
    size_t n = 0;

    text[0] = '\0';
    while (listener_flow_settle(&flow, &settlement))
        n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%c%d%s", n ? " " : "",
                              settlement.reject ? 'x' : 'a', (int)settlement.tag,
                              settlement.multiple ? "*" : "");
    return text;
}

int flow_n_finished(void)
{
    int n = 0;

    while (listener_flow_finished(&flow))
        n++;
    return n;
}

int64_t flow_wait_ms(int64_t now_ms)
{
    return listener_flow_wait_ms(&flow, now_ms, FLOW_LONG_MS);
}
