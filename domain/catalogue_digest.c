#include "domain/catalogue_digest.h"

#include "base/random.h"

#include <string.h>

static void add_member(void *context, const char *name, const char *text)
{
    struct hash_state *state = context;

    hash_add(state, name, strlen(name));
    hash_add(state, text, strlen(text));
}

uint64_t catalogue_item_hash(const struct catalogue_item *item)
{
    const char *kind = catalogue_kind_name(item->kind);
    struct hash_state state;
    uint8_t hash[HASH_BYTES];
    uint64_t number = 0;

    hash_begin(&state);
    hash_add(&state, kind, strlen(kind));
    hash_add(&state, item->id.bytes, sizeof(item->id.bytes));
    catalogue_item_members(item, add_member, &state);
    hash_end(&state, hash);
    for (size_t i = 0; i < sizeof(number); i++)
        number = number << 8 | hash[i];
    return number;
}

void catalogue_digest_add(struct catalogue_digest *digest, const struct catalogue_item *item)
{
    digest->sum += catalogue_item_hash(item);
    digest->n_items++;
    digest->n_removed += item->removed ? 1 : 0;
    digest->n_flawed += item->flaw[0] ? 1 : 0;
}

bool catalogue_digest_equal(const struct catalogue_digest *a, const struct catalogue_digest *b)
{
    return a->sum == b->sum && a->n_items == b->n_items;
}

int64_t catalogue_digest_short(const struct catalogue_digest *digest)
{
    return (int64_t)(digest->sum & UINT64_C(0xffffffffffff));
}
