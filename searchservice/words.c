#include "searchservice/words.h"

#include "base/utf8.h"

#include <stdio.h>
#include <string.h>

enum {
    LATIN_FIRST = 0xC0, /* the first letter above ASCII */
    LETTER_BYTES = 5
};

/* Latin letters from U+00C0 on without their accents; the two empty ones are × and ÷. */
static const char *const latin[] = {
    "a", "a", "a",  "a",  "a", "a", "ae", "c",  "e",  "e", "e", "e", "i",  "i",  "i", "i", "d", "n",
    "o", "o", "o",  "o",  "o", "",  "o",  "u",  "u",  "u", "u", "y", "th", "ss", "a", "a", "a", "a",
    "a", "a", "ae", "c",  "e", "e", "e",  "e",  "i",  "i", "i", "i", "d",  "n",  "o", "o", "o", "o",
    "o", "",  "o",  "u",  "u", "u", "u",  "y",  "th", "y", "a", "a", "a",  "a",  "a", "a", "c", "c",
    "c", "c", "c",  "c",  "c", "c", "d",  "d",  "d",  "d", "e", "e", "e",  "e",  "e", "e", "e", "e",
    "e", "e", "g",  "g",  "g", "g", "g",  "g",  "g",  "g", "h", "h", "h",  "h",  "i", "i", "i", "i",
    "i", "i", "i",  "i",  "i", "i", "ij", "ij", "j",  "j", "k", "k", "k",  "l",  "l", "l", "l", "l",
    "l", "l", "l",  "l",  "l", "n", "n",  "n",  "n",  "n", "n", "n", "n",  "n",  "o", "o", "o", "o",
    "o", "o", "oe", "oe", "r", "r", "r",  "r",  "r",  "r", "s", "s", "s",  "s",  "s", "s", "s", "s",
    "t", "t", "t",  "t",  "t", "t", "u",  "u",  "u",  "u", "u", "u", "u",  "u",  "u", "u", "u", "u",
    "w", "w", "y",  "y",  "y", "z", "z",  "z",  "z",  "z", "z", "s",
};

/* Capitals and accented letters of Greek and Cyrillic. */
static const struct {
    uint32_t first;
    uint32_t last;
    uint32_t to;
} ranges[] = {
    {0x386, 0x386, 0x3B1}, {0x388, 0x388, 0x3B5}, {0x389, 0x389, 0x3B7}, {0x38A, 0x38A, 0x3B9},
    {0x38C, 0x38C, 0x3BF}, {0x38E, 0x38E, 0x3C5}, {0x38F, 0x38F, 0x3C9}, {0x390, 0x390, 0x3B9},
    {0x391, 0x3A1, 0x3B1}, {0x3A3, 0x3A9, 0x3C3}, {0x3AA, 0x3AA, 0x3B9}, {0x3AB, 0x3AB, 0x3C5},
    {0x3AC, 0x3AC, 0x3B1}, {0x3AD, 0x3AD, 0x3B5}, {0x3AE, 0x3AE, 0x3B7}, {0x3AF, 0x3AF, 0x3B9},
    {0x3B0, 0x3B0, 0x3C5}, {0x3C2, 0x3C2, 0x3C3}, {0x3CA, 0x3CA, 0x3B9}, {0x3CB, 0x3CB, 0x3C5},
    {0x3CC, 0x3CC, 0x3BF}, {0x3CD, 0x3CD, 0x3C5}, {0x3CE, 0x3CE, 0x3C9}, {0x401, 0x401, 0x435},
    {0x400, 0x40F, 0x450}, {0x410, 0x42F, 0x430}, {0x451, 0x451, 0x435},
};

static uint32_t to_lower(uint32_t character)
{
    for (size_t i = 0; i < ARRAY_SIZE(ranges); i++) {
        if (character >= ranges[i].first && character <= ranges[i].last)
            return ranges[i].to + (character - ranges[i].first);
    }
    return character;
}

/* Accents that stand after their letter. */
static bool is_combining(uint32_t character)
{
    return character >= 0x300 && character <= 0x36F;
}

static bool is_separator(uint32_t character)
{
    static const char alphanumeric[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

    if (character < 0x80)
        return !memchr(alphanumeric, (int)character, sizeof(alphanumeric) - 1);
    return character < LATIN_FIRST || character == 0xD7 || character == 0xF7 ||
           (character >= 0x2000 && character <= 0x2BFF) || /* punctuation, arrows, signs */
           (character >= 0x3000 && character <= 0x303F);   /* the same in East Asia */
}

/* The letters that one character stands for, which is written with @size_bytes bytes at @from. */
static void fold(uint32_t character, const char *from, size_t size_bytes,
                 char letters[LETTER_BYTES])
{
    uint32_t lower = to_lower(character);

    snprintf(letters, LETTER_BYTES, "%.*s", (int)size_bytes, from);
    if (character >= 'A' && character <= 'Z') {
        letters[0] = (char)(letters[0] - 'A' + 'a');
    } else if (character >= LATIN_FIRST && character < LATIN_FIRST + ARRAY_SIZE(latin)) {
        snprintf(letters, LETTER_BYTES, "%s", latin[character - LATIN_FIRST]);
    } else if (lower != character) {
        letters[0] = (char)(0xC0 | lower >> 6); /* they all have two bytes in UTF-8 */
        letters[1] = (char)(0x80 | (lower & 0x3F));
    }
}

/* A text that is being split. */
struct split {
    struct buffer *words;
    size_t length; /* of the word under way; 0: none is */
    size_t n_words;
};

static void append(struct split *split, const char *letters)
{
    size_t size_bytes = strlen(letters);

    if (split->length + size_bytes <= WORD_BYTES_MAX)
        buffer_text(split->words, letters);
    else
        split->length = WORD_BYTES_MAX; /* nor anything shorter that follows */
    split->length += size_bytes;
}

static void begin_word(struct split *split, const char *mark)
{
    if (split->words->size_bytes)
        buffer_char(split->words, ' ');
    append(split, mark);
    split->n_words++;
}

size_t words_append(struct buffer *words, const char *mark, const char *text)
{
    const char *end = text + strlen(text);
    struct split split = {.words = words};
    char letters[LETTER_BYTES];
    uint32_t character = 0;
    size_t step;

    for (; (step = utf8_decode(text, (size_t)(end - text), &character)) > 0; text += step) {
        if (is_combining(character))
            continue;
        if (is_separator(character)) {
            split.length = 0;
            continue;
        }
        if (split.length == 0)
            begin_word(&split, mark);
        fold(character, text, step, letters);
        append(&split, letters);
    }
    return split.n_words;
}
