/* What a load saw: answers by operation and status, latencies, and how they spread over time. */
#ifndef EVENTS_BENCH_LOAD_REPORT_H
#define EVENTS_BENCH_LOAD_REPORT_H

#include "bench/histogram.h"
#include "bench/load/call.h"

enum {
    REPORT_STATUS_MAX = 600,
    REPORT_SECONDS_MAX = 3600 + 60
};

struct operation_report {
    int64_t by_status[REPORT_STATUS_MAX]; /* of an answer that makes no sense: 0 */
    struct histogram latency;
};

struct report {
    int64_t began_us;
    int64_t last_us; /* of the last answer, as began_us */
    struct operation_report operations[N_OPERATIONS];
    int64_t last_of_status_us[REPORT_STATUS_MAX];
    int64_t by_second[REPORT_SECONDS_MAX];
    int64_t n_cut;        /* ended in the middle, outcome unknown */
    int64_t n_refused;    /* no connection came about: not sent */
    int64_t n_unanswered; /* still waiting when the load gave up */
    int64_t n_unsent;     /* arrived, and no connection became free */
};

void report_answer(struct report *report, const struct call *call, int status, int64_t now_us);

/* One JSON object on a line: README.md names its members. */
void report_print(const struct report *report, FILE *file);

#endif
