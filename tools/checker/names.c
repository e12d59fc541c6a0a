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

const char *names_text(const struct names *names, uint32_t number)
{
    const size_t *at = names->at.items;

    return number == 0 ? "" : (const char *)names->bytes.items + at[number - 1];
}

size_t names_end(const struct names *names)
{
    return names->at.n + 1;
}

/* The slot that holds @text, or the free one where it belongs. */
static uint32_t *slot_of(const struct names *names, const char *text)
{
    size_t i = text_hash(text, strlen(text)) & (names->n_slots - 1);

    while (names->slots[i] != 0 && strcmp(names_text(names, names->slots[i]), text) != 0)
        i = (i + 1) & (names->n_slots - 1);
    return &names->slots[i];
}

static bool names_grow(struct names *names, struct budget *budget, struct error *error)
{
    size_t n_slots = names->n_slots > 0 ? names->n_slots * 2 : FIRST_SLOTS;
    uint32_t *slots = budget_array(budget, n_slots, sizeof(*slots), error);

    if (!slots)
        return false;
    memory_free(names->slots);
    names->slots = slots;
    names->n_slots = n_slots;
    for (uint32_t number = 1; number < names_end(names); number++)
        *slot_of(names, names_text(names, number)) = number;
    return true;
}

static bool names_keep(struct names *names, const char *text, struct budget *budget,
                       struct error *error)
{
    size_t size_bytes = strlen(text) + 1;
    size_t at = names->bytes.n;
    char *kept = list_add_many(&names->bytes, size_bytes, 1, budget, error);
    size_t *place = kept ? list_add(&names->at, sizeof(*place), budget, error) : NULL;

    if (!place)
        return false;
    memcpy(kept, text, size_bytes);
    *place = at;
    return true;
}

bool names_number(struct names *names, const char *text, struct budget *budget, uint32_t *number,
                  struct error *error)
{
    uint32_t *slot;

    *number = 0;
    if (!text || text[0] == '\0')
        return true;
    if (names->at.n * 2 >= names->n_slots && !names_grow(names, budget, error))
        return false;
    slot = slot_of(names, text);
    if (*slot == 0) {
        if (!names_keep(names, text, budget, error))
            return false;
        *slot = (uint32_t)names->at.n;
    }
    *number = *slot;
    return true;
}
