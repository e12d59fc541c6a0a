/* Random bytes and hashes over libsodium. Any thread, after random_init(). */
#ifndef EVENTS_BASE_RANDOM_H
#define EVENTS_BASE_RANDOM_H

#include "base/cleanup.h"
#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

enum {
    HASH_BYTES = 32
};

/* Once, first thing in main (and in tests that need it); safe to repeat. */
MUST_CHECK bool random_init(struct error *error);

void random_bytes(void *bytes, size_t size_bytes);
uint64_t random_u64(void);

/* SHA-256 of the parts, each preceded by its length so that no two lists of parts hash alike. */
struct hash_part {
    const void *data;
    size_t size_bytes;
};
void hash_parts(const struct hash_part *parts, size_t n_parts, uint8_t hash[HASH_BYTES]);

/* The same hash for parts that come one after another: begin, add each, end. Owns nothing. */
enum {
    HASH_STATE_BYTES = 128
};
struct hash_state {
    _Alignas(8) uint8_t bytes[HASH_STATE_BYTES];
};
void hash_begin(struct hash_state *state);
void hash_add(struct hash_state *state, const void *data, size_t size_bytes);
void hash_end(struct hash_state *state, uint8_t hash[HASH_BYTES]);

#endif
