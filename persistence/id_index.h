/*
 * From ids to numbers, such as places in an array: a hash table with open addressing. Its hash is
 * seeded at random, so a client that chooses ids cannot choose collisions. One thread at a time.
 */
#ifndef EVENTS_PERSISTENCE_ID_INDEX_H
#define EVENTS_PERSISTENCE_ID_INDEX_H

#include "base/error.h"
#include "base/object_id.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct id_slot {
    struct object_id id;
    bool used;
    size_t number;
};

struct id_index {
    struct id_slot *slots; /* owned */
    size_t n;
    size_t capacity; /* a power of two, or 0 */
    uint64_t seed;
};

void id_index_clear(struct id_index *index);

/* After this, @n_more puts of new ids cannot fail. ERROR_MEMORY. */
MUST_CHECK bool id_index_reserve(struct id_index *index, size_t n_more, struct error *error);

/* Replaces the number of an id that is there. ERROR_MEMORY, unless there was room. */
MUST_CHECK bool id_index_put(struct id_index *index, const struct object_id *id, size_t number,
                             struct error *error);

/* False when @id is not there; @number may be NULL. */
bool id_index_find(const struct id_index *index, const struct object_id *id, size_t *number);

#endif
