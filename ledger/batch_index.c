#include "ledger/batch_index.h"

#include <assert.h>
#include <string.h>

/* Ids of one event share their first bytes, so the last ones count. */
static size_t chain_of(const struct object_id *id)
{
    uint64_t tail;

    memcpy(&tail, id->bytes + OBJECT_ID_BYTES - sizeof(tail), sizeof(tail));
    return (size_t)((tail * UINT64_C(0x9e3779b97f4a7c15)) >> 56) % BATCH_INDEX_CHAINS;
}

void batch_index_put(struct batch_index *index, const struct object_id *id, size_t line)
{
    uint16_t *first = &index->first[chain_of(id)];

    assert(line < LEDGER_BATCH_MAX);
    index->ids[line] = id;
    index->next[line] = *first;
    *first = (uint16_t)(line + 1);
}

bool batch_index_find(const struct batch_index *index, const struct object_id *id, size_t *line)
{
    for (size_t i = index->first[chain_of(id)]; i > 0; i = index->next[i - 1]) {
        if (object_id_equal(index->ids[i - 1], id)) {
            *line = i - 1;
            return true;
        }
    }
    return false;
}
