/* What relay and emitter count, for the metrics port. One thread. */
#ifndef EVENTS_SERVICE_RELAY_METRICS_H
#define EVENTS_SERVICE_RELAY_METRICS_H

#include "service/relay.h"

void relay_metrics_register(struct relay *relay, struct event_emitter *emitter);

/* Before the relay stops. */
void relay_metrics_forget(void);

#endif
