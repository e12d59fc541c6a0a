/*
 * Texts by small numbers: ids, keys and whatever else names something in a history is kept once and
 * compared as a number. 0 stands for "none"; the others are 1, 2, 3 ... Most are long numbers in
 * hexadecimal digits, and are kept in half the room. One thread.
 */
#ifndef EVENTS_TOOLS_CHECKER_NAMES_H
#define EVENTS_TOOLS_CHECKER_NAMES_H

#include "tools/checker/list.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    NAMES_PACKED_MAX = 64, /* bytes of a number in hexadecimal digits */
    NAMES_SHOWN = 8
};

struct name_slot {
    uint32_t number; /* 0: it is free */
    uint32_t tag;    /* the upper half of the hash */
};

struct names {
    struct list bytes;       /* of unsigned char: the length of a number and it, or 0 and a text */
    struct list at;          /* of uint32_t: where each begins */
    struct name_slot *slots; /* owned; open addressing */
    size_t n_slots;          /* a power of two, or 0 */
    char shown[NAMES_SHOWN][2 * NAMES_PACKED_MAX + 1];
    unsigned n_shown;
};

void names_clear(struct names *names);

/* The number of @text, new or known. NULL and "" are 0. ERROR_TOO_LARGE, ERROR_MEMORY. */
MUST_CHECK bool names_number(struct names *names, const char *text, struct budget *budget,
                             uint32_t *number, struct error *error);

/* Borrowed until the next number is made, or NAMES_SHOWN more are shown; "" for 0. */
const char *names_text(struct names *names, uint32_t number);

/* Numbers are below this. */
size_t names_end(const struct names *names);

/* FNV-1a of a text, for what only has to be told apart. */
uint64_t text_hash(const char *text, size_t size_bytes);

#endif
