#include "http/escape.h"

#include "base/json.h"

static int digit_of(char character)
{
    if (character >= '0' && character <= '9')
        return character - '0';
    if (character >= 'a' && character <= 'f')
        return character - 'a' + 10;
    if (character >= 'A' && character <= 'F')
        return character - 'A' + 10;
    return -1;
}

/* -1 unless two hex digits follow the percent sign at @text, @n bytes before the end. */
static int escape_at(const char *text, size_t n)
{
    int high;
    int low;

    if (n < 3)
        return -1;
    high = digit_of(text[1]);
    low = digit_of(text[2]);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

bool http_decode(const char *text, size_t n, enum http_plus plus, char *decoded, size_t size_bytes)
{
    size_t length = 0;

    for (size_t i = 0; i < n; i++) {
        int byte = (unsigned char)text[i];

        if (length + 1 >= size_bytes)
            return false;
        if (byte == '%') {
            byte = escape_at(text + i, n - i);
            if (byte < 0)
                return false;
            i += 2;
        } else if (byte == '+' && plus == HTTP_PLUS_IS_SPACE) {
            byte = ' ';
        }
        decoded[length++] = (char)byte;
    }
    if (size_bytes == 0)
        return false;
    decoded[length] = '\0';
    return utf8_valid(decoded, length); /* a NUL, which would end the text early, is none */
}
