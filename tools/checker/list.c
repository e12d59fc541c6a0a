#include "tools/checker/list.h"

#include "base/memory.h"

#include <string.h>

enum {
    FIRST_CAPACITY = 16
};

bool budget_take(struct budget *budget, size_t size_bytes, struct error *error)
{
    if (size_bytes > budget->left_bytes)
        return error_set(error, ERROR_TOO_LARGE,
                         "the history needs more memory than it was given: %zu MiB are in use",
                         budget->taken_bytes >> 20);
    budget->left_bytes -= size_bytes;
    budget->taken_bytes += size_bytes;
    if (budget->taken_bytes > budget->used_bytes)
        budget->used_bytes = budget->taken_bytes;
    return true;
}

void budget_return(struct budget *budget, size_t taken_bytes)
{
    budget->left_bytes += budget->taken_bytes - taken_bytes;
    budget->taken_bytes = taken_bytes;
}

void *budget_array(struct budget *budget, size_t n, size_t size_bytes, struct error *error)
{
    if (!budget_take(budget, n * size_bytes, error))
        return NULL;
    return memory_array(n > 0 ? n : 1, size_bytes, error);
}

static bool list_grow(struct list *list, size_t n_least, size_t size_bytes, struct budget *budget,
                      struct error *error)
{
    size_t capacity = list->capacity > 0 ? list->capacity + list->capacity / 4 : FIRST_CAPACITY;
    void *items;

    if (capacity < n_least)
        capacity = n_least;
    if (!budget_take(budget, (capacity - list->capacity) * size_bytes, error))
        return false;
    items = memory_resize(list->items, capacity, size_bytes, error);
    if (!items)
        return false;
    list->items = items;
    list->capacity = capacity;
    return true;
}

void *list_add_many(struct list *list, size_t n, size_t size_bytes, struct budget *budget,
                    struct error *error)
{
    char *items;

    if (list->n + n > list->capacity && !list_grow(list, list->n + n, size_bytes, budget, error))
        return NULL;
    items = (char *)list->items + list->n * size_bytes;
    list->n += n;
    memset(items, 0, n * size_bytes);
    return items;
}

void *list_add(struct list *list, size_t size_bytes, struct budget *budget, struct error *error)
{
    return list_add_many(list, 1, size_bytes, budget, error);
}

bool list_cut(struct list *list, size_t n, size_t size_bytes, struct budget *budget,
              struct error *error)
{
    void *items = n > 0 ? memory_resize(list->items, n, size_bytes, error) : NULL;

    if (n > 0 && !items)
        return false;
    if (n == 0)
        memory_free(list->items);
    budget_return(budget, budget->taken_bytes - (list->capacity - n) * size_bytes);
    *list = (struct list){.items = items, .n = n, .capacity = n};
    return true;
}

void list_clear(struct list *list)
{
    memory_free(list->items);
    *list = (struct list){0};
}
