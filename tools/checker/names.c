#include "tools/checker/names.h"

#include "base/memory.h"

#include <string.h>

enum {
    FIRST_SLOTS = 1024
};

void names_clear(struct names *names)
{
    list_clear(&names->bytes);
    list_clear(&names->at);
    memory_free(names->slots);
    *names = (struct names){0};
}

uint64_t text_hash(const char *text, size_t size_bytes)
{
    uint64_t hash = 0xcbf29ce484222325U;

    for (size_t i = 0; i < size_bytes; i++)
        hash = (hash ^ (unsigned char)text[i]) * 0x100000001b3U;
    return hash ^ hash >> 32;
}

/* A name as it is kept: a text with its NUL, or a number with its length in front of it. */
struct packed {
    const unsigned char *bytes; /* borrowed */
    size_t size_bytes;
    bool is_text;
};

/* The value of a digit and one more; 0 for what is none. Random digits make branches slow. */
static const unsigned char digit_values[256] = {
    ['0'] = 1, ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,  ['6'] = 7,  ['7'] = 8,
    ['8'] = 9, ['9'] = 10, ['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
};

/* False when @text is no even number of hexadecimal digits, or too many. */
static bool pack_digits(const char *text, size_t length, unsigned char *room)
{
    if (length % 2 != 0 || length > 2 * (size_t)NAMES_PACKED_MAX)
        return false;
    room[0] = (unsigned char)(length / 2);
    for (size_t i = 0; i < length / 2; i++) {
        int high = digit_values[(unsigned char)text[2 * i]];
        int low = digit_values[(unsigned char)text[2 * i + 1]];

        if (high == 0 || low == 0)
            return false;
        room[1 + i] = (unsigned char)((high - 1) * 16 + low - 1);
    }
    return true;
}

static struct packed pack(const char *text, unsigned char *room)
{
    size_t length = strlen(text);

    if (pack_digits(text, length, room))
        return (struct packed){.bytes = room, .size_bytes = 1 + length / 2};
    return (struct packed){
        .bytes = (const unsigned char *)text, .size_bytes = length + 1, .is_text = true};
}

static const unsigned char *kept_at(const struct names *names, uint32_t number)
{
    const uint32_t *at = names->at.items;

    return (const unsigned char *)names->bytes.items + at[number - 1];
}

static struct packed kept(const struct names *names, uint32_t number)
{
    const unsigned char *bytes = kept_at(names, number);

    if (bytes[0] != 0)
        return (struct packed){.bytes = bytes, .size_bytes = 1 + (size_t)bytes[0]};
    return (struct packed){
        .bytes = bytes + 1, .size_bytes = strlen((const char *)bytes + 1) + 1, .is_text = true};
}

const char *names_text(struct names *names, uint32_t number)
{
    static const char digits[] = "0123456789abcdef";
    const unsigned char *bytes = number == 0 ? NULL : kept_at(names, number);
    char *shown;

    if (!bytes)
        return "";
    if (bytes[0] == 0)
        return (const char *)bytes + 1;
    shown = names->shown[names->n_shown++ % NAMES_SHOWN];
    for (size_t i = 0; i < bytes[0]; i++) {
        shown[2 * i] = digits[bytes[1 + i] >> 4];
        shown[2 * i + 1] = digits[bytes[1 + i] & 15];
    }
    shown[2 * (size_t)bytes[0]] = '\0';
    return shown;
}

size_t names_end(const struct names *names)
{
    return names->at.n + 1;
}

static bool is_kept_as(const struct names *names, uint32_t number, const struct packed *packed)
{
    struct packed other = kept(names, number);

    return other.is_text == packed->is_text && other.size_bytes == packed->size_bytes &&
           memcmp(other.bytes, packed->bytes, packed->size_bytes) == 0;
}

/*
 * The slot that holds @packed, or the free one where it belongs. What another slot stands for lies far away in
 * memory: it is looked at only when half of the hash is the same.
 */
static struct name_slot *slot_of(const struct names *names, const struct packed *packed)
{
    uint64_t hash = text_hash((const char *)packed->bytes, packed->size_bytes);
    struct name_slot *slot = &names->slots[hash & (names->n_slots - 1)];
    uint32_t tag = (uint32_t)(hash >> 32);

    while (slot->number != 0 && (slot->tag != tag || !is_kept_as(names, slot->number, packed)))
        slot = slot + 1 < names->slots + names->n_slots ? slot + 1 : names->slots;
    slot->tag = tag;
    return slot;
}

static bool names_grow(struct names *names, struct budget *budget, struct error *error)
{
    size_t n_slots = names->n_slots > 0 ? names->n_slots * 2 : FIRST_SLOTS;
    size_t n_before = names->n_slots;
    struct name_slot *slots = budget_array(budget, n_slots, sizeof(*slots), error);

    if (!slots)
        return false;
    memory_free(names->slots);
    budget_return(budget, budget->taken_bytes - n_before * sizeof(*slots));
    names->slots = slots;
    names->n_slots = n_slots;
    for (uint32_t number = 1; number < names_end(names); number++) {
        struct packed packed = kept(names, number);

        slot_of(names, &packed)->number = number;
    }
    return true;
}

static bool names_keep(struct names *names, const struct packed *packed, struct budget *budget,
                       struct error *error)
{
    size_t n_before = packed->is_text ? 1 : 0;
    size_t at = names->bytes.n;
    unsigned char *room;
    uint32_t *place;

    if (at > UINT32_MAX - packed->size_bytes - 1)
        return error_set(error, ERROR_TOO_LARGE, "the names of the history are longer than 4 GiB");
    room = list_add_many(&names->bytes, n_before + packed->size_bytes, 1, budget, error);
    place = room ? list_add(&names->at, sizeof(*place), budget, error) : NULL;
    if (!place)
        return false;
    memcpy(room + n_before, packed->bytes, packed->size_bytes);
    *place = (uint32_t)at;
    return true;
}

/* Three quarters may be in use. */
static bool is_full(const struct names *names)
{
    return names->at.n * 4 >= names->n_slots * 3;
}

bool names_number(struct names *names, const char *text, struct budget *budget, uint32_t *number,
                  struct error *error)
{
    unsigned char room[1 + NAMES_PACKED_MAX];
    struct packed packed;
    struct name_slot *slot;

    *number = 0;
    if (!text || text[0] == '\0')
        return true;
    if (is_full(names) && !names_grow(names, budget, error))
        return false;
    packed = pack(text, room);
    slot = slot_of(names, &packed);
    if (slot->number == 0) {
        if (!names_keep(names, &packed, budget, error))
            return false;
        slot->number = (uint32_t)names->at.n;
    }
    *number = slot->number;
    return true;
}
