/* The index of words, in the memory backend. */
#ifndef EVENTS_PERSISTENCE_MEMORY_SEARCH_H
#define EVENTS_PERSISTENCE_MEMORY_SEARCH_H

#include "persistence/id_index.h"
#include "persistence/search_store.h"

struct memory_found {
    struct search_entry entry;
    char *words; /* owned; NULL: removed */
};

struct memory_search {
    struct memory_found *found; /* owned */
    size_t n_found;
    size_t capacity;
    struct id_index index;
};

extern const struct search_store_ops memory_search_ops;

void memory_search_clear(struct memory_search *search);

#endif
