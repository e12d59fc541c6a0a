/* What the system knows of this process, under the names that Prometheus' clients have agreed on. */
#ifndef EVENTS_SERVICE_PROCESS_METRICS_H
#define EVENTS_SERVICE_PROCESS_METRICS_H

/* One thread, at start: the time of the first call is shown as that of the start. */
void process_metrics_register(void);

#endif
