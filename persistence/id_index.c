#include "persistence/id_index.h"

#include "base/memory.h"
#include "base/random.h"

#include <string.h>

enum {
    FIRST_CAPACITY = 64
};

/* The multiplier of splitmix64's finisher; its upper bits depend on all lower ones. */
static uint64_t mix(uint64_t value)
{
    value ^= value >> 30;
    value *= UINT64_C(0xbf58476d1ce4e5b9);
    return value ^ value >> 27;
}

static uint64_t hash(uint64_t seed, const struct object_id *id)
{
    uint64_t head;
    uint32_t tail;

    memcpy(&head, id->bytes, sizeof(head));
    memcpy(&tail, id->bytes + sizeof(head), sizeof(tail));
    return mix(mix(seed ^ head) ^ tail);
}

/* The slot that holds @id, or the free one where it belongs. There always is a free one. */
static struct id_slot *slot_of(const struct id_index *index, const struct object_id *id)
{
    size_t mask = index->capacity - 1;
    size_t place = (size_t)hash(index->seed, id) & mask;

    while (index->slots[place].used && !object_id_equal(&index->slots[place].id, id))
        place = (place + 1) & mask;
    return &index->slots[place];
}

static bool grow(struct id_index *index, size_t capacity, struct error *error)
{
    struct id_index grown = {.capacity = capacity, .n = index->n, .seed = index->seed};

    grown.slots = memory_array(capacity, sizeof(*grown.slots), error);
    if (!grown.slots)
        return false;
    if (index->capacity == 0)
        grown.seed = random_u64();
    for (size_t i = 0; i < index->capacity; i++) {
        if (index->slots[i].used)
            *slot_of(&grown, &index->slots[i].id) = index->slots[i];
    }
    memory_free(index->slots);
    *index = grown;
    return true;
}

void id_index_clear(struct id_index *index)
{
    memory_free(index->slots);
    *index = (struct id_index){0};
}

bool id_index_reserve(struct id_index *index, size_t n_more, struct error *error)
{
    size_t capacity = index->capacity ? index->capacity : FIRST_CAPACITY;

    /* At most two thirds are used, so that searches stay short. */
    while ((index->n + n_more) * 3 > capacity * 2)
        capacity *= 2;
    return capacity == index->capacity || grow(index, capacity, error);
}

bool id_index_put(struct id_index *index, const struct object_id *id, size_t number,
                  struct error *error)
{
    struct id_slot *slot;

    if (!id_index_reserve(index, 1, error))
        return false;
    slot = slot_of(index, id);
    if (!slot->used)
        index->n++;
    *slot = (struct id_slot){.id = *id, .used = true, .number = number};
    return true;
}

bool id_index_find(const struct id_index *index, const struct object_id *id, size_t *number)
{
    const struct id_slot *slot;

    if (index->n == 0)
        return false;
    slot = slot_of(index, id);
    if (slot->used && number)
        *number = slot->number;
    return slot->used;
}
