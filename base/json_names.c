/*
 * Names are sorted rather than hashed: n log n whatever the sender chooses, and no secret is needed.
 * They are compared as they are meant, so "a" and "\u0041" are the same.
 */
#include "base/json_scan.h"
#include "base/memory.h"
#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

bool json_names_add(struct json_names *names, size_t object, size_t start, struct error *error)
{
    if (names->n_names == names->capacity) {
        size_t capacity = names->capacity > 0 ? names->capacity * 2 : 16;
        void *grown = memory_resize(names->names, capacity, sizeof(*names->names), error);

        if (!grown)
            return false;
        names->names = grown;
        names->capacity = capacity;
    }
    names->names[names->n_names++] = (struct json_name){.object = object, .start = start};
    return true;
}

void json_names_clear(struct json_names *names)
{
    memory_free(names->names);
    *names = (struct json_names){0};
}

static uint32_t hex_value(const char *digits)
{
    char text[5] = {0};

    memcpy(text, digits, 4);
    return (uint32_t)strtoul(text, NULL, 16);
}

/* The character behind a backslash; a pair of surrogates is one character. */
static uint32_t escaped_character(const char **at)
{
    static const char letters[] = "bfnrt";
    static const char meanings[] = "\b\f\n\r\t";
    char letter = *(*at)++;
    const char *found = strchr(letters, letter);
    uint32_t character;

    if (found)
        return (uint32_t)meanings[found - letters];
    if (letter != 'u')
        return (uint32_t)letter;
    character = hex_value(*at);
    *at += 4;
    if (character < 0xD800 || character > 0xDFFF)
        return character;
    character = 0x10000 + ((character - 0xD800) << 10) + (hex_value(*at + 2) - 0xDC00);
    *at += 6;
    return character;
}

/* The next character of a scanned name, lower case; 0 at the quote that ends it. */
static uint32_t next_character(const char **at)
{
    uint32_t character = (unsigned char)**at;

    if (character == '"')
        return 0;
    if (character >= 0x80)
        *at += utf8_decode(*at, 4, &character);
    else
        (*at)++;
    if (character == '\\')
        character = escaped_character(at);
    return character >= 'A' && character <= 'Z' ? character + ('a' - 'A') : character;
}

static int compare_texts(const char *a, const char *b)
{
    uint32_t character_a;
    uint32_t character_b;

    do {
        character_a = next_character(&a);
        character_b = next_character(&b);
    } while (character_a == character_b && character_a != 0);
    return (character_a > character_b) - (character_a < character_b);
}

static int compare_names(const void *a, const void *b, void *context)
{
    const struct json_names *names = context;
    const struct json_name *name_a = a;
    const struct json_name *name_b = b;

    if (name_a->object != name_b->object)
        return name_a->object < name_b->object ? -1 : 1;
    return compare_texts(names->text + name_a->start, names->text + name_b->start);
}

bool json_names_repeated(struct json_names *names, size_t *offset)
{
    if (names->n_names < 2)
        return false;
    qsort_r(names->names, names->n_names, sizeof(*names->names), compare_names, names);
    for (size_t i = 1; i < names->n_names; i++) {
        const struct json_name *before = &names->names[i - 1];
        const struct json_name *name = &names->names[i];

        if (compare_names(before, name, names) == 0) {
            *offset = name->start > before->start ? name->start : before->start;
            return true;
        }
    }
    return false;
}
