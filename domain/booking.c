#include "domain/booking.h"

#include "base/cleanup.h"
#include "base/random.h"

#include <string.h>

enum {
    PREFIX_BYTES = 4,
    DERIVED_BYTES = 8
};

/* Numbers go into hashes and ids most significant byte first, on every machine. */
static void put_number(uint64_t number, uint8_t bytes[static DERIVED_BYTES])
{
    for (size_t i = DERIVED_BYTES; i > 0; i--) {
        bytes[i - 1] = (uint8_t)(number & 0xff);
        number >>= 8;
    }
}

static uint64_t get_number(const uint8_t bytes[static DERIVED_BYTES])
{
    uint64_t number = 0;

    for (size_t i = 0; i < DERIVED_BYTES; i++)
        number = number << 8 | bytes[i];
    return number;
}

static uint64_t number_of_parts(const struct hash_part *parts, size_t n_parts)
{
    uint8_t hash[HASH_BYTES];

    hash_parts(parts, n_parts, hash);
    return get_number(hash);
}

struct object_id booking_id_of(const struct object_id *event_id, uint64_t derived)
{
    static const char use[] = "booking";
    const struct hash_part parts[] = {{use, sizeof(use) - 1}, {event_id->bytes, OBJECT_ID_BYTES}};
    uint8_t hash[HASH_BYTES];
    struct object_id id;

    hash_parts(parts, ARRAY_SIZE(parts), hash);
    memcpy(id.bytes, hash, PREFIX_BYTES);
    put_number(derived, id.bytes + PREFIX_BYTES);
    return id;
}

uint64_t booking_id_derived(const struct object_id *booking_id)
{
    return get_number(booking_id->bytes + PREFIX_BYTES);
}

struct object_id booking_id_make(const struct object_id *event_id, const struct object_id *user_id,
                                 const char *route, const char *key)
{
    const struct hash_part parts[] = {{user_id->bytes, OBJECT_ID_BYTES},
                                      {route, strlen(route)},
                                      {event_id->bytes, OBJECT_ID_BYTES},
                                      {key, key ? strlen(key) : 0}};

    return booking_id_of(event_id, key ? number_of_parts(parts, ARRAY_SIZE(parts)) : random_u64());
}

uint64_t booking_fingerprint(int32_t seats, const struct object_id *user_id)
{
    uint8_t number[DERIVED_BYTES];
    const struct hash_part parts[] = {{number, sizeof(number)}, {user_id->bytes, OBJECT_ID_BYTES}};

    put_number((uint64_t)seats, number);
    return number_of_parts(parts, ARRAY_SIZE(parts));
}
