/*
 * Exponential back-off with full jitter: the n-th wait is random between half and all of
 * min(first * 2^n, most). A value without a clock; one thread at a time.
 */
#ifndef EVENTS_BASE_BACKOFF_H
#define EVENTS_BASE_BACKOFF_H

#include <stdint.h>

struct backoff {
    int32_t first_ms;
    int32_t most_ms;
    int32_t attempts;
};

/* How long to wait before the next attempt, in milliseconds; @random is any random number. */
int32_t backoff_next_ms(struct backoff *backoff, uint64_t random);
void backoff_reset(struct backoff *backoff);

#endif
