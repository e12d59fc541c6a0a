#include "service/room.h"

#include "base/cleanup.h"

/* The connections to the database that threads hold at once are no more than this, whatever their number. */
enum {
    POOL_MOST = 100
};

static int smaller(int a, int b)
{
    return a < b ? a : b;
}

static int64_t files_of(int threads, int queue)
{
    return (int64_t)ROOM_RESERVED + threads + smaller(threads, POOL_MOST) + smaller(threads, queue);
}

struct room room_for(int64_t files_max, int threads, int queue)
{
    while (threads > 1 && files_of(threads, queue) > files_max)
        threads--;
    return (struct room){.threads = threads, .queue = smaller(threads, queue)};
}
