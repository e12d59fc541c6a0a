#include "service/relay_timers.h"

#include "base/memory.h"

bool relay_timers_init(struct relay_timers *timers, size_t n_places, struct error *error)
{
    struct relay_timer *heap = memory_array(n_places, sizeof(*heap), error);

    if (!heap)
        return false;
    *timers = (struct relay_timers){.heap = heap};
    return true;
}

void relay_timers_clear(struct relay_timers *timers)
{
    memory_free(timers->heap);
    *timers = (struct relay_timers){0};
}

static void swap(struct relay_timers *timers, size_t a, size_t b)
{
    struct relay_timer timer = timers->heap[a];

    timers->heap[a] = timers->heap[b];
    timers->heap[b] = timer;
}

static bool is_earlier(const struct relay_timers *timers, size_t a, size_t b)
{
    return timers->heap[a].due_ms < timers->heap[b].due_ms;
}

void relay_timers_add(struct relay_timers *timers, uint32_t place, int64_t due_ms)
{
    size_t at = timers->n++;

    timers->heap[at] = (struct relay_timer){.due_ms = due_ms, .place = place};
    for (; at > 0 && is_earlier(timers, at, (at - 1) / 2); at = (at - 1) / 2)
        swap(timers, at, (at - 1) / 2);
}

int64_t relay_timers_due_ms(const struct relay_timers *timers)
{
    return timers->n > 0 ? timers->heap[0].due_ms : INT64_MAX;
}

uint32_t relay_timers_pop(struct relay_timers *timers)
{
    uint32_t place = timers->heap[0].place;
    size_t at = 0;

    timers->heap[0] = timers->heap[--timers->n];
    for (;;) {
        size_t child = 2 * at + 1;

        if (child + 1 < timers->n && is_earlier(timers, child + 1, child))
            child++;
        if (child >= timers->n || !is_earlier(timers, child, at))
            return place;
        swap(timers, child, at);
        at = child;
    }
}
