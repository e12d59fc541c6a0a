#include "base/random.h"

#include <pthread.h>
#include <sodium.h>
#include <string.h>

_Static_assert((int)HASH_BYTES == crypto_hash_sha256_BYTES, "HASH_BYTES is the size of a SHA-256");
_Static_assert(sizeof(crypto_hash_sha256_state) <= HASH_STATE_BYTES &&
                   _Alignof(crypto_hash_sha256_state) <= _Alignof(struct hash_state),
               "a hash_state has room for the library's");

/* Each thread draws many at a time, for a request wants a few four times: each would be a system call. */
enum {
    DRAWN_BYTES = 256
};

static _Thread_local struct {
    uint8_t bytes[DRAWN_BYTES];
    size_t n_left; /* at the front; what was given away is zero */
} drawn;

/* In the child of a fork(), which would give away the same as its parent. */
static void forget_drawn(void)
{
    drawn.n_left = 0;
}

static void watch_forks(void)
{
    (void)pthread_atfork(NULL, NULL, forget_drawn);
}

bool random_init(struct error *error)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    if (sodium_init() < 0)
        return error_set(error, ERROR_INTERNAL, "the system gives no random numbers");
    (void)pthread_once(&once, watch_forks);
    return true;
}

void random_bytes(void *bytes, size_t size_bytes)
{
    if (size_bytes > DRAWN_BYTES / 8) {
        randombytes_buf(bytes, size_bytes);
        return;
    }
    if (drawn.n_left < size_bytes) {
        randombytes_buf(drawn.bytes, DRAWN_BYTES);
        drawn.n_left = DRAWN_BYTES;
    }
    drawn.n_left -= size_bytes;
    memcpy(bytes, drawn.bytes + drawn.n_left, size_bytes);
    memset(drawn.bytes + drawn.n_left, 0, size_bytes);
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
