#include "base/utf8.h"

#include <string.h>

static bool continues(char byte)
{
    return ((unsigned char)byte & 0xC0U) == 0x80;
}

static size_t sequence_length(unsigned char lead)
{
    if (lead < 0x80)
        return 1;
    if (lead >= 0xC0 && lead <= 0xDF)
        return 2;
    if (lead >= 0xE0 && lead <= 0xEF)
        return 3;
    return lead >= 0xF0 && lead <= 0xF7 ? 4 : 0;
}

static bool is_character(uint32_t value, size_t length)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};

    return value >= least[length] && value <= 0x10FFFF && (value < 0xD800 || value > 0xDFFF);
}

size_t utf8_decode(const char *text, size_t size_bytes, uint32_t *character)
{
    unsigned char lead = size_bytes > 0 ? (unsigned char)text[0] : 0xFF;
    size_t length = sequence_length(lead);
    uint32_t value;

    if (length == 0 || length > size_bytes)
        return 0;
    value = length == 1 ? lead : lead & (0x7FU >> length);
    for (size_t i = 1; i < length; i++) {
        if (!continues(text[i]))
            return 0;
        value = value << 6 | ((unsigned char)text[i] & 0x3FU);
    }
    if (!is_character(value, length))
        return 0;
    *character = value;
    return length;
}

bool utf8_valid(const char *text, size_t size_bytes)
{
    uint32_t character = 0;

    for (size_t at = 0; at < size_bytes;) {
        size_t length = utf8_decode(text + at, size_bytes - at, &character);

        if (length == 0 || character == 0)
            return false;
        at += length;
    }
    return true;
}

size_t utf8_length(const char *text)
{
    size_t length = 0;

    for (; *text; text++)
        length += !continues(*text);
    return length;
}

void utf8_cut(char *text)
{
    size_t size_bytes = strlen(text);
    size_t last = size_bytes;
    uint32_t character;

    while (last > 0 && size_bytes - last < 3 && continues(text[last - 1]))
        last--;
    if (last > 0 && utf8_decode(text + last - 1, size_bytes - last + 1, &character) == 0)
        text[last - 1] = '\0';
}
