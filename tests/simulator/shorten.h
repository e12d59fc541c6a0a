/*
 * From a failing schedule to the shortest one that is found: rows of the plan are left out, many at
 * first and then one by one, and each time other courses of what is left are tried, as long as the same
 * invariant falls.
 */
#ifndef EVENTS_TESTS_SIMULATOR_SHORTEN_H
#define EVENTS_TESTS_SIMULATOR_SHORTEN_H

#include "tests/simulator/world.h"

/* @plan fails with @error; both become those of the shortest one. Takes some seconds at most. */
void shorten(struct world *world, struct plan *plan, struct error *error);

/* How many rows of @plan are left. */
size_t shorten_rows_left(const struct plan *plan);

#endif
