#include "base/base64.h"

#include <sodium.h>
#include <string.h>

enum {
    PART_BYTES = 48,
    PART_TEXT = 64 /* the same as text */
};

void base64_write(const void *bytes, size_t size_bytes, struct buffer *text)
{
    const unsigned char *rest = bytes;
    char part[PART_TEXT + 1];

    while (size_bytes) {
        size_t n = size_bytes < PART_BYTES ? size_bytes : PART_BYTES;

        sodium_bin2base64(part, sizeof(part), rest, n, sodium_base64_VARIANT_ORIGINAL);
        buffer_text(text, part);
        rest += n;
        size_bytes -= n;
    }
}

/* The library takes bytes above ASCII for the last letter of its alphabet. */
static bool is_ascii(const char *text)
{
    while (*text > 0)
        text++;
    return *text == '\0';
}

bool base64_read(const char *text, struct buffer *bytes, struct error *error)
{
    size_t left = strlen(text);
    unsigned char part[PART_BYTES];

    if (!is_ascii(text))
        return error_set(error, ERROR_INVALID, "is no base64");
    while (left) {
        size_t n = left < PART_TEXT ? left : PART_TEXT;
        size_t n_bytes = 0;

        if (sodium_base642bin(part, sizeof(part), text, n, NULL, &n_bytes, NULL,
                              sodium_base64_VARIANT_ORIGINAL) != 0 ||
            (left > n && n_bytes < PART_BYTES))
            return error_set(error, ERROR_INVALID, "is no base64");
        buffer_append(bytes, part, n_bytes);
        text += n;
        left -= n;
    }
    return buffer_ok(bytes, error);
}
