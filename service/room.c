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

/* 1 or more. */
static int threads_in(int64_t bytes, int64_t reserved_bytes, int threads)
{
    const int64_t fit = (bytes - reserved_bytes) / ROOM_THREAD_BYTES;

    if (fit < 1)
        return 1;
    return fit < threads ? (int)fit : threads;
}

struct room room_for(const struct room_limits *limits, int threads, int queue)
{
    threads = threads_in(limits->data_bytes, ROOM_RESERVED_DATA_BYTES, threads);
    threads = threads_in(limits->address_bytes, ROOM_RESERVED_ADDRESS_BYTES, threads);
    while (threads > 1 && files_of(threads, queue) > limits->files)
        threads--;
    return (struct room){.threads = threads, .queue = smaller(threads, queue)};
}
