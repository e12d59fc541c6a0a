/*
 * A load of HTTP requests.
 *
 *     load --target HOST:PORT [--target ...] --events FILE [--mix book:8,refuse:1,read:1,cancel:1]
 *          [--zipf S] [--sold-out EVENT] [--seats N] [--keys] [--connections N] [--seconds S]
 *          [--requests N] [--rate R] [--seed N] [--history FILE]
 *     load --target HOST:PORT --request "GET /path" [--body TEXT] ...
 *
 * FILE holds ids of events, one a line. Without a rate the loop is closed: each connection sends its next
 * request when the last was answered. That hides the waiting of requests that were never sent, so quote
 * rates and latencies together with the number of connections. With a rate it is open: requests arrive
 * evenly, R a second, and a latency counts from the moment at which the request should have been sent,
 * so that waiting for a free connection is part of it. What still waits 5 s after the end counts as
 * unsent.
 *
 * Prints one JSON object (README.md), and writes the calls for `myevents check` into the history.
 */
#include "bench/load/traffic.h"

#include <errno.h>

static void close_file(FILE **file)
{
    if (*file)
        fclose(*file);
}

static bool write_out(FILE **history, struct error *error)
{
    FILE *file = *history;

    *history = NULL;
    if (file && fclose(file) != 0)
        return error_set_errno(error, errno, "writing the history");
    return true;
}

static bool measure(const struct plan *plan, struct error *error)
{
    static struct report report;
    CLEANUP(choice_clear) struct choice choice = {0};
    CLEANUP(close_file) FILE *history = NULL;

    if (plan->history && !(history = fopen(plan->history, "we")))
        return error_set_errno(error, errno, plan->history);
    if (!choice_init(&choice, plan, error) ||
        !traffic_run(plan, &choice, &report, history, error) || !write_out(&history, error))
        return false;
    report_print(&report, stdout);
    return true;
}

int main(int argc, char *argv[])
{
    CLEANUP(plan_clear) struct plan plan = {0};
    struct error error = {0};

    if (!plan_read(&plan, argc, argv, &error)) {
        fprintf(stderr, "load: %s\n", error.text);
        return 2;
    }
    if (!measure(&plan, &error)) {
        fprintf(stderr, "load: %s\n", error.text);
        return 1;
    }
    return 0;
}
