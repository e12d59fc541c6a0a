#include "service/relay_table.h"

#include "base/memory.h"

#include <string.h>

static uint64_t mix(uint64_t value)
{
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
    value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
    return value ^ (value >> 31);
}

static uint32_t chain_of(const struct relay_table *table, const struct relay_key *key)
{
    uint64_t head;
    uint32_t tail;
    uint64_t hash;

    memcpy(&head, key->subject.bytes, sizeof(head));
    memcpy(&tail, key->subject.bytes + sizeof(head), sizeof(tail));
    hash = mix(table->salt ^ head);
    hash = mix(hash ^ ((uint64_t)tail << 32 | (uint32_t)key->kind));
    hash = mix(hash ^ (uint64_t)key->number);
    return (uint32_t)hash & table->mask;
}

static bool key_equal(const struct relay_key *a, const struct relay_key *b)
{
    return a->number == b->number && a->kind == b->kind &&
           object_id_equal(&a->subject, &b->subject);
}

static uint32_t power_of_two_from(size_t n)
{
    uint32_t power = 1;

    while (power < n)
        power *= 2;
    return power;
}

static void make_all_free(struct relay_table *table, size_t n_places)
{
    for (size_t i = 0; i < n_places; i++)
        table->next[i] = i + 1 < n_places ? (uint32_t)(i + 1) : RELAY_NOWHERE;
    for (size_t i = 0; i <= table->mask; i++)
        table->chains[i] = RELAY_NOWHERE;
    table->free = 0;
}

bool relay_table_init(struct relay_table *table, size_t n_places, uint64_t salt,
                      struct error *error)
{
    uint32_t n_chains = power_of_two_from(n_places);
    struct relay_table made = {.salt = salt, .mask = n_chains - 1};

    made.keys = memory_array(n_places, sizeof(*made.keys), error);
    made.next = memory_array(n_places, sizeof(*made.next), error);
    made.chains = memory_array(n_chains, sizeof(*made.chains), error);
    if (!made.keys || !made.next || !made.chains) {
        relay_table_clear(&made);
        return false;
    }
    make_all_free(&made, n_places);
    *table = made;
    return true;
}

void relay_table_clear(struct relay_table *table)
{
    memory_free(table->keys);
    memory_free(table->next);
    memory_free(table->chains);
    *table = (struct relay_table){0};
}

uint32_t relay_table_find(const struct relay_table *table, const struct relay_key *key)
{
    uint32_t place = table->chains[chain_of(table, key)];

    while (place != RELAY_NOWHERE && !key_equal(&table->keys[place], key))
        place = table->next[place];
    return place;
}

uint32_t relay_table_add(struct relay_table *table, const struct relay_key *key)
{
    uint32_t chain = chain_of(table, key);
    uint32_t place = table->free;

    if (place == RELAY_NOWHERE)
        return RELAY_NOWHERE;
    table->free = table->next[place];
    table->keys[place] = *key;
    table->next[place] = table->chains[chain];
    table->chains[chain] = place;
    table->n_used++;
    return place;
}

void relay_table_remove(struct relay_table *table, uint32_t place)
{
    uint32_t *link = &table->chains[chain_of(table, &table->keys[place])];

    while (*link != place)
        link = &table->next[*link];
    *link = table->next[place];
    table->next[place] = table->free;
    table->free = place;
    table->n_used--;
}
