#include "persistence/mongo/mongo_memory.h"

#include "base/log.h"

#include <bson/bson.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum {
    TRIES_MOST = 100,
    PAUSE_MS = 10
};

/* The end is not exit(), which would take apart what threads of ours still use. */
static void wait_or_end(int *n_tries, size_t size_bytes)
{
    const struct timespec pause = {.tv_nsec = PAUSE_MS * 1000000L};

    if (++*n_tries > TRIES_MOST) {
        log_error("ending: no memory for the database's driver", LOG_NUMBER("bytes", size_bytes));
        _exit(EXIT_FAILURE);
    }
    nanosleep(&pause, NULL);
}

static void *take(size_t size_bytes)
{
    void *taken;
    int n_tries = 0;

    while (!(taken = malloc(size_bytes)))
        wait_or_end(&n_tries, size_bytes);
    return taken;
}

static void *take_zeroed(size_t n, size_t size_bytes)
{
    void *taken;
    int n_tries = 0;

    while (!(taken = calloc(n, size_bytes)))
        wait_or_end(&n_tries, n * size_bytes);
    return taken;
}

static void *resize(void *pointer, size_t size_bytes)
{
    void *resized;
    int n_tries = 0;

    while (!(resized = realloc(pointer, size_bytes)))
        wait_or_end(&n_tries, size_bytes);
    return resized;
}

static void *take_aligned(size_t alignment, size_t size_bytes)
{
    void *taken;
    int n_tries = 0;

    while (!(taken = aligned_alloc(alignment, size_bytes)))
        wait_or_end(&n_tries, size_bytes);
    return taken;
}

void mongo_memory_watch(void)
{
    static const bson_mem_vtable_t allocator = {.malloc = take,
                                                .calloc = take_zeroed,
                                                .realloc = resize,
                                                .free = free,
                                                .aligned_alloc = take_aligned};

    bson_mem_set_vtable(&allocator);
}
