#include "bench/histogram.h"

#include <inttypes.h>

static size_t bucket_of(int64_t value)
{
    const int64_t end = 2 * (int64_t)HISTOGRAM_STEPS;
    int shift = 0;

    while (value >= end) {
        value >>= 1;
        shift++;
    }

    const size_t bucket = (size_t)shift * HISTOGRAM_STEPS + (size_t)value;

    return bucket < HISTOGRAM_BUCKETS ? bucket : HISTOGRAM_BUCKETS - 1;
}

/* The highest value of a bucket, so that a percentile never flatters. */
static int64_t highest_of(size_t bucket)
{
    size_t shift = bucket / HISTOGRAM_STEPS;
    int64_t step = (int64_t)(bucket % HISTOGRAM_STEPS);

    if (shift == 0)
        return step;
    shift--;
    return ((HISTOGRAM_STEPS + step + 1) << shift) - 1;
}

void histogram_add(struct histogram *histogram, int64_t value_us)
{
    histogram->counts[bucket_of(value_us > 0 ? value_us : 0)]++;
    histogram->n++;
    if (value_us > histogram->max_us)
        histogram->max_us = value_us;
}

void histogram_merge(struct histogram *histogram, const struct histogram *other)
{
    for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++)
        histogram->counts[i] += other->counts[i];
    histogram->n += other->n;
    if (other->max_us > histogram->max_us)
        histogram->max_us = other->max_us;
}

int64_t histogram_percentile(const struct histogram *histogram, double part)
{
    const int64_t wanted = (int64_t)((double)(histogram->n - 1) * part) + 1;
    int64_t seen = 0;

    if (histogram->n == 0)
        return 0;
    for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
        seen += histogram->counts[i];
        if (seen >= wanted)
            return highest_of(i) < histogram->max_us ? highest_of(i) : histogram->max_us;
    }
    return histogram->max_us;
}

void histogram_print(const struct histogram *histogram, FILE *file)
{
    fprintf(file,
            "{\"p50\": %" PRId64 ", \"p90\": %" PRId64 ", \"p99\": %" PRId64 ", \"p999\": %" PRId64
            ", \"max\": %" PRId64 "}",
            histogram_percentile(histogram, 0.5), histogram_percentile(histogram, 0.9),
            histogram_percentile(histogram, 0.99), histogram_percentile(histogram, 0.999),
            histogram->max_us);
}
