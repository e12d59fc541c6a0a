#include "base/random.h"

#include <sodium.h>

_Static_assert((int)HASH_BYTES == crypto_hash_sha256_BYTES, "HASH_BYTES is the size of a SHA-256");

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

void hash_parts(const struct hash_part *parts, size_t n_parts, uint8_t hash[HASH_BYTES])
{
    crypto_hash_sha256_state state;

    crypto_hash_sha256_init(&state);
    for (size_t i = 0; i < n_parts; i++) {
        hash_length(&state, parts[i].size_bytes);
        if (parts[i].size_bytes > 0)
            crypto_hash_sha256_update(&state, parts[i].data, parts[i].size_bytes);
    }
    crypto_hash_sha256_final(&state, hash);
}
