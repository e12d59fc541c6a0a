#include "msgqueue/memory/topic.h"

#include <stddef.h>
#include <string.h>

static size_t word_length(const char *text)
{
    return strcspn(text, ".");
}

/* Behind the first word and its dot; NULL when it was the last one. */
static const char *next_word(const char *text)
{
    size_t length = word_length(text);

    return text[length] ? text + length + 1 : NULL;
}

static bool is_word(const char *text, char character)
{
    return text[0] == character && (text[1] == '.' || text[1] == '\0');
}

static bool same_word(const char *pattern, const char *key)
{
    size_t length = word_length(key);

    return is_word(pattern, '*') ||
           (word_length(pattern) == length && memcmp(pattern, key, length) == 0);
}

/* NULL stands for no words left. */
static bool match(const char *pattern, const char *key)
{
    while (pattern && !is_word(pattern, '#')) {
        if (!key || !same_word(pattern, key))
            return false;
        pattern = next_word(pattern);
        key = next_word(key);
    }
    if (!pattern)
        return !key;
    for (pattern = next_word(pattern); key; key = next_word(key)) {
        if (match(pattern, key))
            return true;
    }
    return match(pattern, NULL);
}

bool topic_matches(const char *pattern, const char *key)
{
    return match(pattern, *key ? key : NULL);
}
