/* How long one call goes on repeating a write whose outcome is unknown. */
#ifndef EVENTS_PERSISTENCE_MONGO_SETTLE_H
#define EVENTS_PERSISTENCE_MONGO_SETTLE_H

#include <stdbool.h>
#include <stdint.h>

/* For a request: a last attempt may wait as long again, and a client has been promised 2 s. */
#define MONGO_SETTLE_REQUEST_MS 600

struct mongo_settle {
    int64_t limit_ms;
    int64_t began_ms; /* monotonic; 0: not begun */
};

/* Whether to try: at once the first time, then after a short pause until the limit is over. */
bool mongo_settle_again(struct mongo_settle *settle);

#endif
