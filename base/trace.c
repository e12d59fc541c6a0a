#include "base/trace.h"

#include "base/random.h"

#include <stdio.h>
#include <string.h>

enum {
    VERSION_DIGITS = 2,
    ID_DIGITS = TRACE_ID_BYTES * 2,
    SPAN_DIGITS = TRACE_SPAN_BYTES * 2,
    FLAGS_DIGITS = 2,
    ID_AT = VERSION_DIGITS + 1,
    SPAN_AT = ID_AT + ID_DIGITS + 1,
    FLAGS_AT = SPAN_AT + SPAN_DIGITS + 1,
    LENGTH = FLAGS_AT + FLAGS_DIGITS
};

_Static_assert(LENGTH + 1 == TRACE_TEXT_BYTES, "what stands in the header");

static _Thread_local struct trace current;

static bool is_zero(const uint8_t *bytes, size_t size_bytes)
{
    for (size_t i = 0; i < size_bytes; i++) {
        if (bytes[i])
            return false;
    }
    return true;
}

bool trace_is_none(const struct trace *trace)
{
    return is_zero(trace->id, sizeof(trace->id));
}

/* ---- reading ---- */

static int digit_of(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

static bool read_bytes(const char *digits, uint8_t *bytes, size_t size_bytes)
{
    for (size_t i = 0; i < size_bytes; i++) {
        int high = digit_of(digits[2 * i]);
        int low = high < 0 ? -1 : digit_of(digits[2 * i + 1]);

        if (low < 0)
            return false;
        bytes[i] = (uint8_t)(high * 16 + low);
    }
    return true;
}

/* Version 00 ends there; later ones may go on behind a hyphen. */
static bool is_ended(uint8_t version, const char *end)
{
    return *end == '\0' || (version > 0 && *end == '-');
}

bool trace_parse(const char *text, struct trace *trace)
{
    struct trace read = {0};
    uint8_t version = 0;

    if (strnlen(text, LENGTH) < LENGTH || text[ID_AT - 1] != '-' || text[SPAN_AT - 1] != '-' ||
        text[FLAGS_AT - 1] != '-')
        return false;
    if (!read_bytes(text, &version, 1) || version == 0xff ||
        !read_bytes(text + ID_AT, read.id, sizeof(read.id)) ||
        !read_bytes(text + SPAN_AT, read.span, sizeof(read.span)) ||
        !read_bytes(text + FLAGS_AT, &read.flags, 1) || !is_ended(version, text + LENGTH))
        return false;
    if (trace_is_none(&read) || is_zero(read.span, sizeof(read.span)))
        return false;
    read.flags &= TRACE_SAMPLED;
    *trace = read;
    return true;
}

/* ---- making ---- */

/* Random, and never the zeros that stand for none. */
static void draw(uint8_t *bytes, size_t size_bytes)
{
    do
        random_bytes(bytes, size_bytes);
    while (is_zero(bytes, size_bytes));
}

struct trace trace_next(const char *before)
{
    struct trace trace = {.flags = TRACE_SAMPLED};

    if (!before || !trace_parse(before, &trace))
        draw(trace.id, sizeof(trace.id));
    draw(trace.span, sizeof(trace.span));
    return trace;
}

struct trace trace_child(const struct trace *parent)
{
    struct trace trace = *parent;

    if (!trace_is_none(parent))
        draw(trace.span, sizeof(trace.span));
    return trace;
}

/* ---- writing ---- */

static void write_bytes(const uint8_t *bytes, size_t size_bytes, char *digits)
{
    static const char hex[] = "0123456789abcdef";

    for (size_t i = 0; i < size_bytes; i++) {
        digits[2 * i] = hex[bytes[i] >> 4];
        digits[2 * i + 1] = hex[bytes[i] & 15];
    }
}

void trace_format(const struct trace *trace, char text[TRACE_TEXT_BYTES])
{
    text[0] = '\0';
    if (trace_is_none(trace))
        return;
    memset(text, '-', LENGTH);
    text[LENGTH] = '\0';
    write_bytes(&(uint8_t){0}, 1, text);
    write_bytes(trace->id, sizeof(trace->id), text + ID_AT);
    write_bytes(trace->span, sizeof(trace->span), text + SPAN_AT);
    write_bytes(&trace->flags, 1, text + FLAGS_AT);
}

struct trace_id trace_id(const struct trace *trace)
{
    struct trace_id id = {0};

    if (!trace_is_none(trace))
        write_bytes(trace->id, sizeof(trace->id), id.text);
    return id;
}

/* ---- of a thread ---- */

void trace_enter(const struct trace *trace)
{
    current = *trace;
}

void trace_leave(void)
{
    current = (struct trace){0};
}

const struct trace *trace_current(void)
{
    return &current;
}
