#include "base/buffer.h"

#include "base/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
    FIRST_CAPACITY_BYTES = 64
};

void buffer_init(struct buffer *buffer, size_t ceiling_bytes)
{
    *buffer = (struct buffer){.ceiling_bytes = ceiling_bytes};
}

void buffer_clear(struct buffer *buffer)
{
    memory_free(buffer->data);
    buffer_init(buffer, buffer->ceiling_bytes);
}

void buffer_reset(struct buffer *buffer)
{
    buffer->size_bytes = 0;
    buffer->failed = ERROR_NONE;
    if (buffer->data)
        buffer->data[0] = '\0';
}

/* What the ceiling allows; never so much that adding to a size could overflow. */
static size_t most_bytes(const struct buffer *buffer)
{
    return buffer->ceiling_bytes < PTRDIFF_MAX ? buffer->ceiling_bytes : PTRDIFF_MAX;
}

/* Doubling keeps the copying linear; no more is allocated than the ceiling and a NUL need. */
static size_t next_capacity(const struct buffer *buffer, size_t needed_bytes)
{
    size_t doubled = buffer->capacity_bytes * 2;
    size_t most = most_bytes(buffer) + 1;

    if (doubled < FIRST_CAPACITY_BYTES)
        doubled = FIRST_CAPACITY_BYTES;
    if (doubled > most)
        doubled = most;
    return doubled > needed_bytes ? doubled : needed_bytes;
}

static bool fail(struct buffer *buffer, enum error_code code)
{
    buffer->failed = code;
    return false;
}

/* Room for @more_bytes and the NUL behind them. */
static bool reserve(struct buffer *buffer, size_t more_bytes)
{
    size_t needed;
    size_t capacity;
    char *data;

    if (buffer->failed)
        return false;
    if (more_bytes > most_bytes(buffer) - buffer->size_bytes)
        return fail(buffer, ERROR_TOO_LARGE);
    needed = buffer->size_bytes + more_bytes + 1;
    if (needed <= buffer->capacity_bytes)
        return true;
    capacity = next_capacity(buffer, needed);
    data = memory_resize(buffer->data, capacity, 1, NULL);
    if (!data)
        return fail(buffer, ERROR_MEMORY);
    buffer->data = data;
    buffer->capacity_bytes = capacity;
    return true;
}

void buffer_append(struct buffer *buffer, const void *data, size_t size_bytes)
{
    if (size_bytes == 0 || !reserve(buffer, size_bytes))
        return;
    memcpy(buffer->data + buffer->size_bytes, data, size_bytes);
    buffer->size_bytes += size_bytes;
    buffer->data[buffer->size_bytes] = '\0';
}

void buffer_text(struct buffer *buffer, const char *text)
{
    buffer_append(buffer, text, strlen(text));
}

void buffer_char(struct buffer *buffer, char character)
{
    if (!reserve(buffer, 1))
        return;
    buffer->data[buffer->size_bytes++] = character;
    buffer->data[buffer->size_bytes] = '\0';
}

/* By hand, for an answer has several: printf() takes as long as all the rest of it. */
void buffer_number(struct buffer *buffer, int64_t number)
{
    uint64_t rest = number < 0 ? -(uint64_t)number : (uint64_t)number;
    char digits[20];
    size_t first = sizeof(digits);

    do {
        digits[--first] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (number < 0)
        digits[--first] = '-';
    buffer_append(buffer, digits + first, sizeof(digits) - first);
}

void buffer_format(struct buffer *buffer, const char *format, ...)
{
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length <= 0 || !reserve(buffer, (size_t)length))
        return;
    va_start(arguments, format);
    (void)vsnprintf(buffer->data + buffer->size_bytes, (size_t)length + 1, format, arguments);
    va_end(arguments);
    buffer->size_bytes += (size_t)length;
}

bool buffer_ok(const struct buffer *buffer, struct error *error)
{
    if (buffer->failed == ERROR_NONE)
        return true;
    if (buffer->failed == ERROR_MEMORY)
        return error_set(error, ERROR_MEMORY, "no memory for more than %zu bytes",
                         buffer->capacity_bytes);
    return error_set(error, buffer->failed, "more than %zu bytes", buffer->ceiling_bytes);
}

char *buffer_take(struct buffer *buffer)
{
    char *data = buffer->data;

    buffer_init(buffer, buffer->ceiling_bytes);
    return data;
}
