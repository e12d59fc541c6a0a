/*
 * The least and the most of any range of a list of numbers, in logarithmic time. Inside tools/checker
 * only. Owns its arrays. One thread.
 */
#ifndef EVENTS_TOOLS_CHECKER_RANGES_H
#define EVENTS_TOOLS_CHECKER_RANGES_H

#include "tools/checker/list.h"

#include <stdint.h>

struct ranges {
    size_t n;
    int64_t *least; /* a tree over the numbers, which begin at n */
    int64_t *most;
};

/* Room for @n numbers: fill least[n + i] and most[n + i], then call ranges_close(). */
MUST_CHECK bool ranges_open(struct ranges *ranges, size_t n, struct budget *budget,
                            struct error *error);
void ranges_close(struct ranges *ranges);
void ranges_clear(struct ranges *ranges);

/* Of the numbers @from up to and without @to; INT64_MAX and INT64_MIN of none. */
int64_t ranges_least(const struct ranges *ranges, size_t from, size_t to);
int64_t ranges_most(const struct ranges *ranges, size_t from, size_t to);

#endif
