/*
 * Figures that are read from an object when they are scraped, though the object ends before the metrics
 * port does. Then each keeps its last value, so that no counter falls. Registering and forgetting: one
 * thread at a time; reading: any thread.
 */
#ifndef EVENTS_SERVICE_METRIC_SOURCE_H
#define EVENTS_SERVICE_METRIC_SOURCE_H

#include "base/metrics.h"

#include <pthread.h>
#include <stddef.h>

struct metric_source;

/* A row: what it is called and how it is read or its labels are set; the rest starts as zero. */
struct metric_figure {
    struct metric metric;
    double (*read)(void *object);
    void (*set)(struct metric *metric, void *object); /* NULL: it is read */
    struct metric_source *source;
    double last;
};

struct metric_source {
    pthread_mutex_t lock;
    void *object; /* NULL: gone */
    struct metric_figure *figures;
    size_t n_figures;
};

#define METRIC_SOURCE(figures_)                                                                    \
    {                                                                                              \
        .lock = PTHREAD_MUTEX_INITIALIZER, .figures = (figures_),                                  \
        .n_figures = ARRAY_SIZE(figures_)                                                          \
    }

/* Read the figures from @object from now on. */
void metric_source_register(struct metric_source *source, void *object);

/* Before the object ends; waits for a reading under way. */
void metric_source_forget(struct metric_source *source);

#endif
