#include "base/backoff.h"

enum {
    DOUBLINGS_MAX = 31
}; /* more would leave 64 bits, and any wait is at its most by then */

int32_t backoff_next_ms(struct backoff *backoff, uint64_t random)
{
    int64_t whole = (int64_t)backoff->first_ms * ((int64_t)1 << backoff->attempts);
    int64_t half;

    if (backoff->attempts < DOUBLINGS_MAX)
        backoff->attempts++;
    if (whole > backoff->most_ms)
        whole = backoff->most_ms;
    half = whole / 2;
    return (int32_t)(half + (int64_t)(random % (uint64_t)(whole - half + 1)));
}

void backoff_reset(struct backoff *backoff)
{
    backoff->attempts = 0;
}
