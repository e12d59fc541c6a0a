#include "bench/load/report.h"

#include <inttypes.h>

void report_answer(struct report *report, const struct call *call, int status, int64_t now_us)
{
    struct operation_report *operation = &report->operations[call->operation];
    const int known = status > 0 && status < REPORT_STATUS_MAX ? status : 0;
    const int64_t second = (now_us - report->began_us) / 1000000;

    operation->by_status[known]++;
    histogram_add(&operation->latency, now_us - call->due_us);
    report->last_of_status_us[known] = now_us;
    report->last_us = now_us;
    if (second < REPORT_SECONDS_MAX)
        report->by_second[second]++;
}

static void print_statuses(const int64_t by_status[REPORT_STATUS_MAX], FILE *file)
{
    const char *comma = "";

    for (int i = 0; i < REPORT_STATUS_MAX; i++) {
        if (!by_status[i])
            continue;
        fprintf(file, "%s\"%d\": %" PRId64, comma, i, by_status[i]);
        comma = ", ";
    }
}

static void print_operation(const struct operation_report *operation, FILE *file)
{
    fprintf(file, "\"answered\": %" PRId64 ", \"status\": {", operation->latency.n);
    print_statuses(operation->by_status, file);
    fputs("}, \"latency_us\": ", file);
    histogram_print(&operation->latency, file);
}

static void add_up(const struct report *report, struct operation_report *sum)
{
    for (int i = 0; i < N_OPERATIONS; i++) {
        for (int status = 0; status < REPORT_STATUS_MAX; status++)
            sum->by_status[status] += report->operations[i].by_status[status];
        histogram_merge(&sum->latency, &report->operations[i].latency);
    }
}

static void print_operations(const struct report *report, FILE *file)
{
    const char *comma = "";

    for (int i = 0; i < N_OPERATIONS; i++) {
        if (!report->operations[i].latency.n)
            continue;
        fprintf(file, "%s\"%s\": {", comma, operation_name((enum operation)i));
        print_operation(&report->operations[i], file);
        fputc('}', file);
        comma = ", ";
    }
}

static void print_moments(const struct report *report, FILE *file)
{
    const char *comma = "";

    for (int i = 0; i < REPORT_STATUS_MAX; i++) {
        if (!report->last_of_status_us[i])
            continue;
        fprintf(file, "%s\"%d\": %.3f", comma, i,
                (double)(report->last_of_status_us[i] - report->began_us) / 1e6);
        comma = ", ";
    }
}

static void print_seconds(const struct report *report, int64_t n, FILE *file)
{
    for (int64_t i = 0; i < n && i < REPORT_SECONDS_MAX; i++)
        fprintf(file, "%s%" PRId64, i ? ", " : "", report->by_second[i]);
}

void report_print(const struct report *report, FILE *file)
{
    static struct operation_report sum;
    const double seconds = (double)(report->last_us - report->began_us) / 1e6;

    add_up(report, &sum);
    fprintf(file, "{\"seconds\": %.3f, \"per_second\": %.0f, ", seconds,
            seconds > 0 ? (double)sum.latency.n / seconds : 0);
    print_operation(&sum, file);
    fprintf(file,
            ", \"cut\": %" PRId64 ", \"refused\": %" PRId64 ", \"unanswered\": %" PRId64
            ", \"unsent\": %" PRId64 ", \"operations\": {",
            report->n_cut, report->n_refused, report->n_unanswered, report->n_unsent);
    print_operations(report, file);
    fputs("}, \"last_s\": {", file);
    print_moments(report, file);
    fputs("}, \"by_second\": [", file);
    print_seconds(report, (int64_t)seconds + 1, file);
    fputs("]}\n", file);
}
