/*
 * Finds the line of a batch that stands for an id: a hash table with chains, small enough for the stack.
 * Clients can choose ids, but a batch bounds what colliding ones cost. One thread at a time.
 */
#ifndef EVENTS_LEDGER_BATCH_INDEX_H
#define EVENTS_LEDGER_BATCH_INDEX_H

#include "persistence/ledger_entry.h"

enum {
    BATCH_INDEX_CHAINS = 256
};

/* Starts as {0}. */
struct batch_index {
    uint16_t first[BATCH_INDEX_CHAINS];            /* line + 1 of each chain; 0: empty */
    uint16_t next[LEDGER_BATCH_MAX];               /* by line, the same */
    const struct object_id *ids[LEDGER_BATCH_MAX]; /* by line; borrowed */
};

/* @id stands for @line, which was not put before; @id lives as long as the index. */
void batch_index_put(struct batch_index *index, const struct object_id *id, size_t line);

/* @line is written when the id is there. */
bool batch_index_find(const struct batch_index *index, const struct object_id *id, size_t *line);

#endif
