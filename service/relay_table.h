/*
 * From a key to a place in arrays of the caller: a hash made once, with all the room it will ever have,
 * so that the relay allocates nothing while it works. One thread at a time.
 */
#ifndef EVENTS_SERVICE_RELAY_TABLE_H
#define EVENTS_SERVICE_RELAY_TABLE_H

#include "service/relay.h"

#define RELAY_NOWHERE UINT32_MAX

struct relay_table {
    struct relay_key *keys; /* by place */
    uint32_t *next;         /* by place: the next of the same chain, or the next free one */
    uint32_t *chains;       /* by hash: the first of the chain */
    uint64_t salt;          /* ids come from outside: nobody shall choose them for one chain */
    uint32_t mask;          /* number of chains, a power of two, less one */
    uint32_t free;          /* the first free place */
    size_t n_used;
};

/* Places 0 to @n_places - 1. */
MUST_CHECK bool relay_table_init(struct relay_table *table, size_t n_places, uint64_t salt,
                                 struct error *error);
void relay_table_clear(struct relay_table *table); /* {0} is fine */

/* The place of @key, or RELAY_NOWHERE. */
uint32_t relay_table_find(const struct relay_table *table, const struct relay_key *key);

/* A place for @key, which has none yet; RELAY_NOWHERE when all are taken. */
uint32_t relay_table_add(struct relay_table *table, const struct relay_key *key);

void relay_table_remove(struct relay_table *table, uint32_t place);

#endif
