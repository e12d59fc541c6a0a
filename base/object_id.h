/*
 * The twelve-byte id of everything stored (the layout MongoDB calls ObjectId; we read no time out of
 * it). A value. An id of twelve zero bytes is "none".
 */
#ifndef EVENTS_BASE_OBJECT_ID_H
#define EVENTS_BASE_OBJECT_ID_H

#include "base/cleanup.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    OBJECT_ID_BYTES = 12,
    OBJECT_ID_HEX_BYTES = 25
};

struct object_id {
    uint8_t bytes[OBJECT_ID_BYTES];
};

/* 24 lower-case hex digits and a NUL; a struct so that it can be returned and passed to %s. */
struct object_id_hex {
    char text[OBJECT_ID_HEX_BYTES];
};

struct object_id object_id_random(void); /* never "none"; any thread */

/* True for exactly 24 hex digits of either case; @id is written on success only. */
MUST_CHECK bool object_id_parse(const char *text, struct object_id *id);
MUST_CHECK bool object_id_parse_n(const char *text, size_t length, struct object_id *id);

struct object_id_hex object_id_hex(const struct object_id *id);
bool object_id_equal(const struct object_id *a, const struct object_id *b);
int object_id_compare(const struct object_id *a, const struct object_id *b); /* as memcmp */
bool object_id_is_none(const struct object_id *id);

#endif
