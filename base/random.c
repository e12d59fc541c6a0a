#include "base/random.h"

#include <sodium.h>

_Static_assert((int)HASH_BYTES == crypto_hash_sha256_BYTES, "HASH_BYTES is the size of a SHA-256");
_Static_assert(sizeof(crypto_hash_sha256_state) <= HASH_STATE_BYTES &&
                   _Alignof(crypto_hash_sha256_state) <= _Alignof(struct hash_state),
               "a hash_state has room for the library's");

bool random_init(struct error *error)
{
    if (sodium_init() < 0)
        return error_set(error, ERROR_INTERNAL, "the system gives no random numbers");
    return true;
}

void random_bytes(void *bytes, size_t size_bytes)
{
    randombytes_buf(bytes, size_bytes);
}

uint64_t random_u64(void)
{
    uint64_t number;

    random_bytes(&number, sizeof(number));
    return number;
}

/* Eight bytes, the lowest first, so that every machine hashes alike. */
static void hash_length(crypto_hash_sha256_state *state, uint64_t length)
{
    uint8_t bytes[sizeof(length)];

    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)(length >> (8 * i));
    crypto_hash_sha256_update(state, bytes, sizeof(bytes));
}

static crypto_hash_sha256_state *sha_of(struct hash_state *state)
{
    return (crypto_hash_sha256_state *)(void *)state->bytes;
}

void hash_begin(struct hash_state *state)
{
    crypto_hash_sha256_init(sha_of(state));
}

void hash_add(struct hash_state *state, const void *data, size_t size_bytes)
{
    hash_length(sha_of(state), size_bytes);
    if (size_bytes > 0)
        crypto_hash_sha256_update(sha_of(state), data, size_bytes);
}

void hash_end(struct hash_state *state, uint8_t hash[HASH_BYTES])
{
    crypto_hash_sha256_final(sha_of(state), hash);
}

void hash_parts(const struct hash_part *parts, size_t n_parts, uint8_t hash[HASH_BYTES])
{
    struct hash_state state;

    hash_begin(&state);
    for (size_t i = 0; i < n_parts; i++)
        hash_add(&state, parts[i].data, parts[i].size_bytes);
    hash_end(&state, hash);
}
