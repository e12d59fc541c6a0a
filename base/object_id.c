#include "base/object_id.h"

#include "base/random.h"

#include <string.h>

static const struct object_id none;

struct object_id object_id_random(void)
{
    struct object_id id = none;

    while (object_id_is_none(&id))
        random_bytes(id.bytes, sizeof(id.bytes));
    return id;
}

static int digit_value(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    if (digit >= 'a' && digit <= 'f')
        return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F')
        return digit - 'A' + 10;
    return -1;
}

bool object_id_parse(const char *text, struct object_id *id)
{
    return object_id_parse_n(text, strnlen(text, OBJECT_ID_HEX_BYTES), id);
}

bool object_id_parse_n(const char *text, size_t length, struct object_id *id)
{
    struct object_id parsed;

    if (length != OBJECT_ID_HEX_BYTES - 1)
        return false;
    for (size_t i = 0; i < OBJECT_ID_BYTES; i++) {
        int high = digit_value(text[2 * i]);
        int low = digit_value(text[2 * i + 1]);

        if (high < 0 || low < 0)
            return false;
        parsed.bytes[i] = (uint8_t)(high * 16 + low);
    }
    *id = parsed;
    return true;
}

struct object_id_hex object_id_hex(const struct object_id *id)
{
    static const char digits[] = "0123456789abcdef";
    struct object_id_hex hex = {0};

    for (size_t i = 0; i < OBJECT_ID_BYTES; i++) {
        hex.text[2 * i] = digits[id->bytes[i] >> 4];
        hex.text[2 * i + 1] = digits[id->bytes[i] & 0x0F];
    }
    return hex;
}

bool object_id_equal(const struct object_id *a, const struct object_id *b)
{
    return object_id_compare(a, b) == 0;
}

int object_id_compare(const struct object_id *a, const struct object_id *b)
{
    return memcmp(a->bytes, b->bytes, OBJECT_ID_BYTES);
}

bool object_id_is_none(const struct object_id *id)
{
    return object_id_equal(id, &none);
}
