/*
 * Counters, gauges and histograms in the Prometheus text format (version 0.0.4).
 *
 * A metric is a static row; its values are atomics, so changing one takes no lock and never waits.
 * A label set is one of a fixed list chosen before the metric is registered ("a value of reason"), so
 * nothing grows at run time. Register before use, from one thread; everything else: any thread.
 *
 *     static const char *const reasons[] = {"sold-out", "closed", NULL};
 *     static struct metric rejected = METRIC_COUNTER("myevents_bookings_rejected_total",
 *                                                    "Bookings refused.", "reason", reasons);
 *     metric_add_label(&rejected, 0, 1);
 */
#ifndef EVENTS_BASE_METRICS_H
#define EVENTS_BASE_METRICS_H

#include "base/buffer.h"

#include <stdatomic.h>
#include <stdint.h>

enum {
    METRIC_VALUES_MAX = 64,
    METRICS_MAX = 128,
    METRIC_BUCKETS_MAX = 16,
    METRIC_LABELS_MAX = 3
};

enum metric_kind {
    METRIC_KIND_COUNTER,
    METRIC_KIND_GAUGE,
    METRIC_KIND_HISTOGRAM
};

struct metric_label {
    const char *name;
    const char *value;
};

/* What a histogram has counted under one label set. */
struct metric_series {
    struct metric_label labels[METRIC_LABELS_MAX];   /* fewer: the rest without names */
    _Atomic int64_t buckets[METRIC_BUCKETS_MAX + 1]; /* count per bucket, last +Inf */
    _Atomic int64_t sum_millionths;
};

struct metric {
    enum metric_kind kind;
    const char *name;
    const char *help;
    const char *label;              /* NULL: no label */
    const char *const *labels;      /* NULL-terminated values of the label */
    const double *bounds;           /* histogram: upper bounds, ascending, ended by 0 */
    double (*read)(void *context);  /* gauge computed when scraped; NULL: stored value */
    void (*refresh)(void *context); /* called when scraped, to set the values; NULL: not needed */
    void *context;
    _Atomic int64_t values[METRIC_VALUES_MAX]; /* by label; [0] without one */
    struct metric_series own;                  /* histogram without labels */
    struct metric_series *series; /* histogram with labels: borrowed; shown once counted */
    size_t n_series;
};

#define METRIC_COUNTER(name_, help_, label_, labels_)                                              \
    {                                                                                              \
        .kind = METRIC_KIND_COUNTER, .name = (name_), .help = (help_), .label = (label_),          \
        .labels = (labels_)                                                                        \
    }
#define METRIC_GAUGE(name_, help_)                                                                 \
    {                                                                                              \
        .kind = METRIC_KIND_GAUGE, .name = (name_), .help = (help_)                                \
    }
#define METRIC_HISTOGRAM(name_, help_, bounds_)                                                    \
    {                                                                                              \
        .kind = METRIC_KIND_HISTOGRAM, .name = (name_), .help = (help_), .bounds = (bounds_)       \
    }

/* Registering the same metric twice is fine; more than METRICS_MAX is our own mistake (assert). */
void metric_register(struct metric *metric);
void metric_register_read(struct metric *metric, double (*read)(void *context), void *context);
void metric_register_refresh(struct metric *metric, void (*refresh)(void *context), void *context);
void metric_forget_all(void); /* tests */

void metric_add(struct metric *metric, int64_t n);
void metric_add_label(struct metric *metric, size_t label, int64_t n);
void metric_set(struct metric *metric, int64_t value);
void metric_set_label(struct metric *metric, size_t label, int64_t value);
void metric_observe(struct metric *metric, double value);
void metric_observe_series(struct metric *metric, size_t series, double value);

/* Everything registered, as text. */
void metrics_write(struct buffer *buffer);

#endif
