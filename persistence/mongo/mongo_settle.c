#include "persistence/mongo/mongo_settle.h"

#include "base/clock.h"

#include <time.h>

bool mongo_settle_again(struct mongo_settle *settle)
{
    static const struct timespec pause = {.tv_nsec = 20L * 1000 * 1000};

    if (settle->began_ms == 0) {
        settle->began_ms = clock_monotonic_ms();
        return true;
    }
    if (clock_monotonic_ms() - settle->began_ms >= settle->limit_ms)
        return false;
    nanosleep(&pause, NULL);
    return true;
}
