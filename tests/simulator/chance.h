/* A stream of random numbers from a seed: equal on every machine, and quick. A value. */
#ifndef EVENTS_TESTS_SIMULATOR_CHANCE_H
#define EVENTS_TESTS_SIMULATOR_CHANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct chance {
    uint64_t state; /* any number begins a stream */
};

static inline uint64_t chance_next(struct chance *chance)
{
    uint64_t value = chance->state += UINT64_C(0x9e3779b97f4a7c15);

    value = (value ^ value >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    value = (value ^ value >> 27) * UINT64_C(0x94d049bb133111eb);
    return value ^ value >> 31;
}

/* 0 to @n - 1. */
static inline int chance_below(struct chance *chance, int n)
{
    return (int)((chance_next(chance) >> 32) * (uint64_t)n >> 32);
}

static inline bool chance_of(struct chance *chance, int percent)
{
    return chance_below(chance, 100) < percent;
}

/* A hash to tell texts apart, continued from another one or from 0. */
static inline uint64_t hash_of(const char *text, size_t size_bytes, uint64_t hash)
{
    hash ^= UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < size_bytes; i++)
        hash = (hash ^ (unsigned char)text[i]) * UINT64_C(0x100000001b3);
    return hash;
}

#endif
