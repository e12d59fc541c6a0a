/*
 * Places that wait for a time, the earliest first: a heap with room for all places from the start. A
 * place waits once at most. One thread at a time.
 */
#ifndef EVENTS_SERVICE_RELAY_TIMERS_H
#define EVENTS_SERVICE_RELAY_TIMERS_H

#include "base/error.h"

#include <stdint.h>

struct relay_timer {
    int64_t due_ms;
    uint32_t place;
};

struct relay_timers {
    struct relay_timer *heap;
    size_t n;
};

MUST_CHECK bool relay_timers_init(struct relay_timers *timers, size_t n_places,
                                  struct error *error);
void relay_timers_clear(struct relay_timers *timers); /* {0} is fine */

void relay_timers_add(struct relay_timers *timers, uint32_t place, int64_t due_ms);
int64_t relay_timers_due_ms(const struct relay_timers *timers); /* INT64_MAX: nothing waits */
uint32_t relay_timers_pop(struct relay_timers *timers);         /* something waits */

#endif
