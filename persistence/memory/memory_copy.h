/* The booking service's copy of the catalogue, in the memory backend. */
#ifndef EVENTS_PERSISTENCE_MEMORY_COPY_H
#define EVENTS_PERSISTENCE_MEMORY_COPY_H

#include "persistence/copy_store.h"
#include "persistence/memory/memory_shelf.h"

struct memory_copy {
    struct memory_shelf shelf;
};

extern const struct copy_store_ops memory_copy_ops;

void memory_copy_clear(struct memory_copy *copy);

#endif
