/* What the explorer looks at: rows, from the smallest to the largest. */
#ifndef EVENTS_TESTS_SIMULATOR_EXPLORE_BOUNDS_H
#define EVENTS_TESTS_SIMULATOR_EXPLORE_BOUNDS_H

#include "tests/simulator/explore/field.h"

extern const struct bounds bounds_each_time[];
extern const size_t n_bounds_each_time;

/* Minutes. */
extern const struct bounds bounds_full[];
extern const size_t n_bounds_full;

#endif
