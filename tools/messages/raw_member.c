/* Every text is valid here, so each step only looks at what tells where a value ends. */
#include "tools/messages/raw_member.h"

#include <string.h>
#include <strings.h>

static const char *skip_space(const char *at)
{
    return at + strspn(at, " \t\r\n");
}

static const char *skip_text(const char *at)
{
    for (at++; *at != '"'; at++)
        at += *at == '\\';
    return at + 1;
}

static const char *skip_container(const char *at)
{
    int depth = 0;

    do {
        if (*at == '"') {
            at = skip_text(at);
            continue;
        }
        depth += (*at == '{' || *at == '[') - (*at == '}' || *at == ']');
        at++;
    } while (depth > 0);
    return at;
}

static const char *skip_value(const char *at)
{
    if (*at == '"')
        return skip_text(at);
    if (*at == '{' || *at == '[')
        return skip_container(at);
    return at + strcspn(at, ",}] \t\r\n");
}

static bool is_called(const char *key, const char *end, const char *name)
{
    size_t n = (size_t)(end - key) - 2;

    return n == strlen(name) && strncasecmp(key + 1, name, n) == 0;
}

bool raw_member(const char *text, const char *name, const char **value, size_t *size_bytes)
{
    const char *at = skip_space(skip_space(text) + 1);

    while (*at == '"') {
        const char *key = at;
        const char *key_end = skip_text(key);
        const char *start = skip_space(skip_space(key_end) + 1);

        at = skip_value(start);
        if (is_called(key, key_end, name)) {
            *value = start;
            *size_bytes = (size_t)(at - start);
            return true;
        }
        at = skip_space(at);
        at = skip_space(at + (*at == ','));
    }
    return false;
}
