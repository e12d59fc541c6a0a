/*
 * Requests over so many kept-alive connections, by one thread with epoll, so that it takes little
 * from the programs it measures. A connection is made when a request needs it, and made again after
 * the server has closed it; the request waits for that.
 */
#ifndef EVENTS_BENCH_LOAD_TRAFFIC_H
#define EVENTS_BENCH_LOAD_TRAFFIC_H

#include "bench/load/choice.h"
#include "bench/load/report.h"

/*
 * Run the plan to its end: its seconds or requests are over and every answer is in, or none has come
 * for 10 s (what is under way then counts as unanswered). @history may be NULL. ERROR_MEMORY,
 * ERROR_INTERNAL for a system call that should not fail.
 */
MUST_CHECK bool traffic_run(const struct plan *plan, struct choice *choice, struct report *report,
                            FILE *history, struct error *error);

#endif
