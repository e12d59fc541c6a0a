#include "service/metric_source.h"

/* Under the lock. */
static void refresh(struct metric_figure *figure)
{
    void *object = figure->source->object;

    if (object && figure->set)
        figure->set(&figure->metric, object);
    else if (object)
        figure->last = figure->read(object);
}

static void refresh_figure(void *context)
{
    struct metric_figure *figure = context;

    pthread_mutex_lock(&figure->source->lock);
    refresh(figure);
    pthread_mutex_unlock(&figure->source->lock);
}

static double read_figure(void *context)
{
    struct metric_figure *figure = context;
    double value;

    pthread_mutex_lock(&figure->source->lock);
    refresh(figure);
    value = figure->last;
    pthread_mutex_unlock(&figure->source->lock);
    return value;
}

static void register_figure(struct metric_figure *figure)
{
    if (figure->set)
        metric_register_refresh(&figure->metric, refresh_figure, figure);
    else
        metric_register_read(&figure->metric, read_figure, figure);
}

void metric_source_register(struct metric_source *source, void *object)
{
    pthread_mutex_lock(&source->lock);
    source->object = object;
    pthread_mutex_unlock(&source->lock);
    for (size_t i = 0; i < source->n_figures; i++) {
        source->figures[i].source = source;
        register_figure(&source->figures[i]);
    }
}

void metric_source_forget(struct metric_source *source)
{
    pthread_mutex_lock(&source->lock);
    for (size_t i = 0; source->object && i < source->n_figures; i++)
        refresh(&source->figures[i]);
    source->object = NULL;
    pthread_mutex_unlock(&source->lock);
}
