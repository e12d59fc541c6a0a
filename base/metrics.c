#include "base/metrics.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stddef.h>
#include <string.h>

/* A row is written before the count that shows it to a scraping thread. */
static struct metric *rows[METRICS_MAX];
static _Atomic size_t n_rows;

static size_t n_labels(const struct metric *metric)
{
    size_t n = 0;

    while (metric->label && metric->labels[n])
        n++;
    return n;
}

static size_t n_bounds(const struct metric *metric)
{
    size_t n = 0;

    while (metric->bounds && metric->bounds[n] != 0)
        n++;
    return n;
}

void metric_register(struct metric *metric)
{
    size_t n = atomic_load(&n_rows);

    assert(n_labels(metric) <= METRIC_VALUES_MAX && n_bounds(metric) <= METRIC_BUCKETS_MAX);
    for (size_t i = 0; i < n; i++) {
        if (rows[i] == metric)
            return;
        assert(strcmp(rows[i]->name, metric->name) != 0);
    }
    assert(n < METRICS_MAX);
    rows[n] = metric;
    atomic_store(&n_rows, n + 1);
}

void metric_register_read(struct metric *metric, double (*read)(void *context), void *context)
{
    metric->read = read;
    metric->context = context;
    metric_register(metric);
}

void metric_register_refresh(struct metric *metric, void (*refresh)(void *context), void *context)
{
    metric->refresh = refresh;
    metric->context = context;
    metric_register(metric);
}

void metric_forget_all(void)
{
    atomic_store(&n_rows, 0);
}

void metric_add(struct metric *metric, int64_t n)
{
    metric_add_label(metric, 0, n);
}

void metric_add_label(struct metric *metric, size_t label, int64_t n)
{
    assert(label < METRIC_VALUES_MAX);
    atomic_fetch_add_explicit(&metric->values[label], n, memory_order_relaxed);
}

void metric_set(struct metric *metric, int64_t value)
{
    metric_set_label(metric, 0, value);
}

void metric_set_label(struct metric *metric, size_t label, int64_t value)
{
    assert(label < METRIC_VALUES_MAX);
    atomic_store_explicit(&metric->values[label], value, memory_order_relaxed);
}

static void observe(struct metric_series *series, const double *bounds, double value)
{
    const double most = 1e12; /* its millionths still leave room in 64 bits */
    size_t bucket = 0;

    if (isnan(value))
        return;
    while (bounds[bucket] != 0 && value > bounds[bucket])
        bucket++;
    if (value > most)
        value = most;
    if (value < -most)
        value = -most;
    atomic_fetch_add_explicit(&series->buckets[bucket], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&series->sum_millionths, (int64_t)(value * 1e6),
                              memory_order_relaxed);
}

void metric_observe(struct metric *metric, double value)
{
    observe(&metric->own, metric->bounds, value);
}

void metric_observe_series(struct metric *metric, size_t series, double value)
{
    assert(series < metric->n_series);
    observe(&metric->series[series], metric->bounds, value);
}

/* Quotes are escaped in the value of a label only. */
static void write_escaped(struct buffer *buffer, const char *text, bool is_label)
{
    for (; *text; text++) {
        if (*text == '\n') {
            buffer_text(buffer, "\\n");
            continue;
        }
        if (*text == '\\' || (is_label && *text == '"'))
            buffer_char(buffer, '\\');
        buffer_char(buffer, *text);
    }
}

static void write_number(struct buffer *buffer, double number)
{
    if (isnan(number))
        buffer_text(buffer, "NaN"); /* printf may give it a sign */
    else if (isinf(number))
        buffer_text(buffer, number > 0 ? "+Inf" : "-Inf");
    else
        buffer_format(buffer, "%.15g", number);
}

static void write_head(struct buffer *buffer, const struct metric *metric)
{
    static const char *const kinds[] = {"counter", "gauge", "histogram"};

    buffer_format(buffer, "# HELP %s ", metric->name);
    write_escaped(buffer, metric->help, false);
    buffer_format(buffer, "\n# TYPE %s %s\n", metric->name, kinds[metric->kind]);
}

static int64_t load(const _Atomic int64_t *value)
{
    return atomic_load_explicit(value, memory_order_relaxed);
}

static void write_values(struct buffer *buffer, const struct metric *metric)
{
    size_t n = n_labels(metric);

    for (size_t i = 0; i < n; i++) {
        buffer_format(buffer, "%s{%s=\"", metric->name, metric->label);
        write_escaped(buffer, metric->labels[i], true);
        buffer_format(buffer, "\"} %" PRId64 "\n", load(&metric->values[i]));
    }
    if (!metric->label)
        buffer_format(buffer, "%s %" PRId64 "\n", metric->name, load(&metric->values[0]));
}

static void write_read(struct buffer *buffer, const struct metric *metric)
{
    buffer_format(buffer, "%s ", metric->name);
    write_number(buffer, metric->read(metric->context));
    buffer_char(buffer, '\n');
}

static bool has_label(const struct metric_series *series, size_t i)
{
    return i < METRIC_LABELS_MAX && series->labels[i].name;
}

static void write_labels(struct buffer *buffer, const struct metric_series *series)
{
    for (size_t i = 0; has_label(series, i); i++) {
        buffer_format(buffer, "%s%s=\"", i > 0 ? "," : "", series->labels[i].name);
        write_escaped(buffer, series->labels[i].value, true);
        buffer_char(buffer, '"');
    }
}

static void write_start(struct buffer *buffer, const struct metric *metric, const char *suffix,
                        const struct metric_series *series)
{
    buffer_format(buffer, "%s%s", metric->name, suffix);
    if (has_label(series, 0)) {
        buffer_char(buffer, '{');
        write_labels(buffer, series);
        buffer_char(buffer, '}');
    }
    buffer_char(buffer, ' ');
}

static void write_bucket(struct buffer *buffer, const struct metric *metric,
                         const struct metric_series *series, double bound, int64_t count)
{
    buffer_format(buffer, "%s_bucket{", metric->name);
    write_labels(buffer, series);
    buffer_text(buffer, has_label(series, 0) ? ",le=\"" : "le=\"");
    write_number(buffer, bound);
    buffer_format(buffer, "\"} %" PRId64 "\n", count);
}

/* The count is the last bucket of the same reading, so that the two always agree. */
static void write_series(struct buffer *buffer, const struct metric *metric,
                         const struct metric_series *series)
{
    size_t n = n_bounds(metric);
    int64_t count = 0;

    for (size_t i = 0; i <= n; i++) {
        count += load(&series->buckets[i]);
        write_bucket(buffer, metric, series, i < n ? metric->bounds[i] : (double)INFINITY, count);
    }
    write_start(buffer, metric, "_sum", series);
    write_number(buffer, (double)load(&series->sum_millionths) / 1e6);
    buffer_char(buffer, '\n');
    write_start(buffer, metric, "_count", series);
    buffer_format(buffer, "%" PRId64 "\n", count);
}

static bool is_empty(const struct metric *metric, const struct metric_series *series)
{
    for (size_t i = 0; i <= n_bounds(metric); i++) {
        if (load(&series->buckets[i]) != 0)
            return false;
    }
    return true;
}

static void write_histogram(struct buffer *buffer, const struct metric *metric)
{
    if (!metric->series)
        write_series(buffer, metric, &metric->own);
    for (size_t i = 0; i < metric->n_series; i++) {
        if (!is_empty(metric, &metric->series[i]))
            write_series(buffer, metric, &metric->series[i]);
    }
}

void metrics_write(struct buffer *buffer)
{
    size_t n = atomic_load(&n_rows);

    for (size_t i = 0; i < n; i++) {
        const struct metric *metric = rows[i];

        if (metric->refresh)
            metric->refresh(metric->context);
        write_head(buffer, metric);
        if (metric->kind == METRIC_KIND_HISTOGRAM)
            write_histogram(buffer, metric);
        else if (metric->read)
            write_read(buffer, metric);
        else
            write_values(buffer, metric);
    }
}
