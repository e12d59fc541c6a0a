/* What the listener counts, for the metrics port. One thread. */
#ifndef EVENTS_SERVICE_LISTENER_METRICS_H
#define EVENTS_SERVICE_LISTENER_METRICS_H

#include "msgqueue/event_listener.h"

void listener_metrics_register(struct event_listener *listener);

/* Before the listener ends. */
void listener_metrics_forget(void);

#endif
