#include "persistence/array.h"

#include "base/memory.h"

enum {
    FIRST_CAPACITY = 16
};

void *array_room(void *items, size_t n, size_t n_more, size_t *capacity, size_t size_bytes,
                 struct error *error)
{
    size_t wanted = *capacity ? *capacity : FIRST_CAPACITY;
    void *moved;

    if (items && *capacity - n >= n_more)
        return items;
    while (wanted - n < n_more)
        wanted *= 2;
    moved = memory_resize(items, wanted, size_bytes, error);
    if (moved)
        *capacity = wanted;
    return moved;
}
