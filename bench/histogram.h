/*
 * Durations in buckets whose width grows with them, so that a percentile is known to one part in 128
 * whatever it is, in a fixed amount of memory. A value; {0} is empty. One thread at a time.
 */
#ifndef EVENTS_BENCH_HISTOGRAM_H
#define EVENTS_BENCH_HISTOGRAM_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum {
    HISTOGRAM_STEPS = 128, /* of each power of two */
    HISTOGRAM_BUCKETS = HISTOGRAM_STEPS * 32
};

struct histogram {
    int64_t counts[HISTOGRAM_BUCKETS];
    int64_t n;
    int64_t max_us;
};

/* @value_us: 0 and up; beyond 2^37 (a day and a half) it counts as that. */
void histogram_add(struct histogram *histogram, int64_t value_us);
void histogram_merge(struct histogram *histogram, const struct histogram *other);

/* The value that a @part of all, 0 to 1, do not exceed; 0 when there are none. */
int64_t histogram_percentile(const struct histogram *histogram, double part);

/* {"p50": 1, "p90": 2, "p99": 3, "p999": 4, "max": 5} in microseconds. */
void histogram_print(const struct histogram *histogram, FILE *file);

#endif
