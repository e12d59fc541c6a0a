/* Attempts in the memory backend. */
#ifndef EVENTS_PERSISTENCE_MEMORY_ATTEMPT_H
#define EVENTS_PERSISTENCE_MEMORY_ATTEMPT_H

#include "persistence/attempt_store.h"

#include <stddef.h>

struct memory_attempt {
    char name[ATTEMPT_NAME_BYTES];
    struct object_id by[ATTEMPTS_MAX];
    int n_by;
};

struct memory_attempts {
    struct memory_attempt *attempts; /* owned */
    size_t n_attempts;
    size_t capacity;
};

extern const struct attempt_store_ops memory_attempt_ops;

void memory_attempts_clear(struct memory_attempts *attempts);

#endif
