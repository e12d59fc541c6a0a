#include "base/json_scan.h"

#include "base/utf8.h"

#include <string.h>

/* Without recursion: the brackets that are open are a stack of their own, as deep as allowed. */
struct scan {
    const char *text;
    size_t size_bytes;
    size_t at;
    struct {
        char closer;
        size_t object;
    } open[JSON_DEPTH_MAX];
    size_t depth;
    size_t n_objects;
    struct json_names names;
    struct error *error;
};

static bool fault_at(struct scan *scan, size_t at, const char *what)
{
    return error_set(scan->error, ERROR_INVALID, "at byte %zu: %s", at, what);
}

static bool fault(struct scan *scan, const char *what)
{
    return fault_at(scan, scan->at, what);
}

/* A NUL is the end as well as a byte that may stand nowhere. */
static char peek(const struct scan *scan)
{
    return scan->at < scan->size_bytes ? scan->text[scan->at] : '\0';
}

static void skip_space(struct scan *scan)
{
    while (peek(scan) == ' ' || peek(scan) == '\t' || peek(scan) == '\n' || peek(scan) == '\r')
        scan->at++;
}

static bool word(struct scan *scan, const char *expected)
{
    size_t length = strlen(expected);

    if (scan->size_bytes - scan->at < length ||
        memcmp(scan->text + scan->at, expected, length) != 0)
        return fault(scan, "a value was expected");
    scan->at += length;
    return true;
}

static bool number(struct scan *scan)
{
    const char *text = scan->text + scan->at;
    size_t length = json_number_length(text, scan->size_bytes - scan->at);
    const char *what = length > 0 ? json_number_fault(text, length) : "a value was expected";

    if (what)
        return fault(scan, what);
    scan->at += length;
    return true;
}

static int hex_digit(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    if (digit >= 'a' && digit <= 'f')
        return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F')
        return digit - 'A' + 10;
    return -1;
}

/* The "uXXXX" of an escape. */
static bool unicode_escape(struct scan *scan, unsigned *unit)
{
    *unit = 0;
    if (peek(scan) != 'u')
        return fault(scan, "a lone surrogate");
    scan->at++;
    for (int i = 0; i < 4; i++, scan->at++) {
        int value = hex_digit(peek(scan));

        if (value < 0)
            return fault(scan, "\\u needs four hex digits");
        *unit = *unit * 16 + (unsigned)value;
    }
    return true;
}

static bool unicode(struct scan *scan)
{
    size_t start = scan->at;
    unsigned unit;

    if (!unicode_escape(scan, &unit))
        return false;
    if (unit == 0)
        return fault_at(scan, start, "\\u0000 is not allowed");
    if (unit < 0xD800 || unit > 0xDFFF)
        return true;
    if (unit > 0xDBFF || peek(scan) != '\\')
        return fault_at(scan, start, "a lone surrogate");
    scan->at++;
    if (!unicode_escape(scan, &unit))
        return false;
    return (unit >= 0xDC00 && unit <= 0xDFFF) || fault_at(scan, start, "a lone surrogate");
}

/* What follows a backslash. */
static bool escape(struct scan *scan)
{
    char letter = peek(scan);

    if (letter == 'u')
        return unicode(scan);
    if (letter == '\0' || !strchr("\"\\/bfnrt", letter))
        return fault(scan, "an unknown escape");
    scan->at++;
    return true;
}

static bool text_character(struct scan *scan)
{
    uint32_t character;
    size_t length = utf8_decode(scan->text + scan->at, scan->size_bytes - scan->at, &character);

    if (scan->at == scan->size_bytes)
        return fault(scan, "a text does not end");
    if (length == 0)
        return fault(scan, "not UTF-8");
    if (character < 0x20)
        return fault(scan, "a control character in a text");
    scan->at += length;
    return character != '\\' || escape(scan);
}

/* Of ASCII, what stands for itself. */
static bool is_plain(unsigned char byte)
{
    return byte >= ' ' && byte < 0x80 && byte != '"' && byte != '\\';
}

/* Nearly all there is. */
static void skip_plain(struct scan *scan)
{
    size_t at = scan->at;

    while (at < scan->size_bytes && is_plain((unsigned char)scan->text[at]))
        at++;
    scan->at = at;
}

static bool text(struct scan *scan)
{
    scan->at++;
    for (skip_plain(scan); peek(scan) != '"'; skip_plain(scan))
        if (!text_character(scan))
            return false;
    scan->at++;
    return true;
}

/* A member's name and the colon. */
static bool name(struct scan *scan)
{
    skip_space(scan);
    if (peek(scan) != '"')
        return fault(scan, "a member's name was expected");
    if (!json_names_add(&scan->names, scan->open[scan->depth - 1].object, scan->at + 1,
                        scan->error) ||
        !text(scan))
        return false;
    skip_space(scan);
    if (peek(scan) != ':')
        return fault(scan, "a colon was expected");
    scan->at++;
    return true;
}

/* An opening bracket, and the first name of an object; *@more when a value must follow. */
static bool container(struct scan *scan, char closer, bool *more)
{
    if (scan->depth == JSON_DEPTH_MAX)
        return fault(scan, "nested too deeply");
    scan->open[scan->depth].closer = closer;
    scan->open[scan->depth].object = scan->n_objects++;
    scan->depth++;
    scan->at++;
    skip_space(scan);
    *more = peek(scan) != closer;
    return !*more || closer == ']' || name(scan);
}

/* A whole value, or of a container its beginning. */
static bool value(struct scan *scan, bool *more)
{
    skip_space(scan);
    *more = false;
    switch (peek(scan)) {
    case '{':
        return container(scan, '}', more);
    case '[':
        return container(scan, ']', more);
    case '"':
        return text(scan);
    case 't':
        return word(scan, "true");
    case 'f':
        return word(scan, "false");
    case 'n':
        return word(scan, "null");
    default:
        return number(scan);
    }
}

/* After a value: closing brackets, up to a comma (*@more) or the end of the document. */
static bool after_value(struct scan *scan, bool *more)
{
    skip_space(scan);
    while (scan->depth > 0 && peek(scan) == scan->open[scan->depth - 1].closer) {
        scan->depth--;
        scan->at++;
        skip_space(scan);
    }
    *more = scan->depth > 0;
    if (!*more)
        return scan->at == scan->size_bytes || fault(scan, "something follows the value");
    if (peek(scan) != ',')
        return fault(scan, "a comma or a closing bracket was expected");
    scan->at++;
    return scan->open[scan->depth - 1].closer == ']' || name(scan);
}

static bool document(struct scan *scan)
{
    bool more = true;

    while (more)
        if (!value(scan, &more) || (!more && !after_value(scan, &more)))
            return false;
    return true;
}

bool json_scan(const char *text, size_t size_bytes, struct error *error)
{
    struct scan scan = {
        .text = text, .size_bytes = size_bytes, .names = {.text = text}, .error = error};
    size_t offset;
    bool good = document(&scan);

    if (good && json_names_repeated(&scan.names, &offset))
        good = fault_at(&scan, offset, "a member stands twice in its object");
    json_names_clear(&scan.names);
    return good;
}
