#include "service/relay_metrics.h"

#include "service/metric_source.h"

static double published(void *relay)
{
    return (double)relay_counts(relay).published;
}

static double marked(void *relay)
{
    return (double)relay_counts(relay).marked;
}

static double swept(void *relay)
{
    return (double)relay_counts(relay).swept;
}

static double overflowed(void *relay)
{
    return (double)relay_counts(relay).overflowed;
}

static double in_hand(void *relay)
{
    return (double)relay_counts(relay).in_hand;
}

static double oldest_seconds(void *relay)
{
    return (double)relay_counts(relay).oldest_ms / 1000;
}

static double returned(void *emitter)
{
    return (double)event_emitter_counts(emitter).returned;
}

static double refused(void *emitter)
{
    return (double)event_emitter_counts(emitter).refused;
}

static double blocked_seconds(void *emitter)
{
    return (double)event_emitter_counts(emitter).blocked_ms / 1000;
}

static double failed(void *emitter)
{
    return (double)event_emitter_counts(emitter).failed;
}

static double connects(void *emitter)
{
    return (double)event_emitter_counts(emitter).connects;
}

static double connected(void *emitter)
{
    return event_emitter_is_connected(emitter) ? 1 : 0;
}

static struct metric_figure relay_figures[] = {
    {.metric =
         METRIC_COUNTER("myevents_messages_published_total",
                        "Messages that the broker has confirmed, repeats included.", NULL, NULL),
     .read = published},
    {.metric = METRIC_COUNTER("myevents_outbox_marked_total",
                              "Changes whose messages were marked as published.", NULL, NULL),
     .read = marked},
    {.metric = METRIC_COUNTER("myevents_outbox_swept_total",
                              "Changes published because a sweep found them.", NULL, NULL),
     .read = swept},
    {.metric =
         METRIC_COUNTER("myevents_outbox_overflowed_total",
                        "Changes left to the sweep because too many were in hand.", NULL, NULL),
     .read = overflowed},
    {.metric =
         METRIC_GAUGE("myevents_outbox_in_hand", "Changes that wait to be published or marked."),
     .read = in_hand},
    {.metric = METRIC_GAUGE("myevents_outbox_oldest_seconds",
                            "Age of the oldest change known to have unpublished messages."),
     .read = oldest_seconds},
};

static struct metric_figure emitter_figures[] = {
    {.metric = METRIC_COUNTER("myevents_messages_returned_total",
                              "Messages that the broker returned as unroutable.", NULL, NULL),
     .read = returned},
    {.metric = METRIC_COUNTER("myevents_messages_refused_total",
                              "Messages that a full queue refused.", NULL, NULL),
     .read = refused},
    {.metric = METRIC_COUNTER("myevents_messages_failed_total",
                              "Messages overdue or on a connection that was lost.", NULL, NULL),
     .read = failed},
    {.metric =
         METRIC_GAUGE("myevents_emitter_blocked_seconds",
                      "How long the broker has refused to be published to; 0 while it does not."),
     .read = blocked_seconds},
    {.metric = METRIC_COUNTER("myevents_emitter_connects_total", "Connections made for publishing.",
                              NULL, NULL),
     .read = connects},
    {.metric =
         METRIC_GAUGE("myevents_emitter_connected", "1 while the broker can be published to."),
     .read = connected},
};

static struct metric_source relay_source = METRIC_SOURCE(relay_figures);
static struct metric_source emitter_source = METRIC_SOURCE(emitter_figures);

void relay_metrics_register(struct relay *relay, struct event_emitter *emitter)
{
    metric_source_register(&relay_source, relay);
    metric_source_register(&emitter_source, emitter);
}

void relay_metrics_forget(void)
{
    metric_source_forget(&relay_source);
    metric_source_forget(&emitter_source);
}
