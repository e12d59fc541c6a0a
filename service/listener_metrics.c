#include "service/listener_metrics.h"

#include "base/clock.h"
#include "service/delivery_verdict.h"
#include "service/metric_source.h"

#include <math.h>

static double acknowledged(void *listener)
{
    return (double)event_listener_counts(listener).acknowledged;
}

static double retried(void *listener)
{
    return (double)event_listener_counts(listener).retried;
}

static const char *const parked_kinds[] = {
    [PARKED_OTHER] = "other",           [PARKED_MALFORMED] = "malformed",
    [PARKED_UNKNOWN] = "unknown",       [PARKED_TOO_LARGE] = "too-large",
    [PARKED_QUARANTINE] = "quarantine", [N_PARKED_KINDS] = NULL,
};

static void set_parked(struct metric *metric, void *listener)
{
    const struct event_listener_counts counts = event_listener_counts(listener);

    for (size_t kind = 0; kind < N_PARKED_KINDS; kind++)
        metric_set_label(metric, kind, counts.parked_by_kind[kind]);
}

static double recovered(void *listener)
{
    return (double)event_listener_counts(listener).recovered;
}

static double log_cuts(void *listener)
{
    return (double)event_listener_counts(listener).log_cuts;
}

static double connects(void *listener)
{
    return (double)event_listener_counts(listener).connects;
}

static double connected(void *listener)
{
    return event_listener_is_connected(listener) ? 1 : 0;
}

static double heard_age(void *listener)
{
    const int64_t heard_ms = event_listener_counts(listener).last_heard_ms;

    return heard_ms ? (double)(clock_monotonic_ms() - heard_ms) / 1000 : (double)NAN;
}

static struct metric_figure figures[] = {
    {.metric = METRIC_COUNTER("myevents_messages_acknowledged_total",
                              "Messages received and dealt with.", NULL, NULL),
     .read = acknowledged},
    {.metric = METRIC_COUNTER("myevents_messages_retried_total",
                              "Messages kept to be handled again.", NULL, NULL),
     .read = retried},
    {.metric = METRIC_COUNTER("myevents_messages_parked_total", "Messages put into the dead queue.",
                              "kind", parked_kinds),
     .set = set_parked},
    {.metric =
         METRIC_COUNTER("myevents_log_recovered_total",
                        "Messages that only the log had: the sign of a lost binding.", NULL, NULL),
     .read = recovered},
    {.metric =
         METRIC_COUNTER("myevents_log_cut_total",
                        "Times that what was to be read next was gone from the log.", NULL, NULL),
     .read = log_cuts},
    {.metric = METRIC_COUNTER("myevents_listener_connects_total", "Connections made for consuming.",
                              NULL, NULL),
     .read = connects},
    {.metric =
         METRIC_GAUGE("myevents_listener_connected", "1 while the broker can be consumed from."),
     .read = connected},
    {.metric = METRIC_GAUGE("myevents_messages_heard_age_seconds",
                            "Time since the queue last brought a message; NaN before the first."),
     .read = heard_age},
};

static struct metric_source source = METRIC_SOURCE(figures);

void listener_metrics_register(struct event_listener *listener)
{
    metric_register(&metric_log_left_out);
    metric_source_register(&source, listener);
}

void listener_metrics_forget(void)
{
    metric_source_forget(&source);
}
