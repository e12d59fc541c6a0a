/*
 * What comes next, drawn from a seed: the same seed, the same draws in the same order. Which
 * request gets which draw depends on the moments at which connections become free. One thread at a time.
 */
#ifndef EVENTS_BENCH_LOAD_CHOICE_H
#define EVENTS_BENCH_LOAD_CHOICE_H

#include "bench/load/plan.h"

struct choice {
    uint64_t state;
    const struct plan *plan; /* borrowed */
    int total;               /* of all shares */
    double *below;           /* owned: of each event, the heat of it and all before it, 0 to 1 */
};

/* ERROR_MEMORY. choice_clear() in any case. */
MUST_CHECK bool choice_init(struct choice *choice, const struct plan *plan, struct error *error);
void choice_clear(struct choice *choice);

uint64_t choice_number(struct choice *choice);
enum operation choice_operation(struct choice *choice);

/* An index into the events of the plan; the n-th one has the heat 1 / n^zipf. */
size_t choice_event(struct choice *choice);

#endif
