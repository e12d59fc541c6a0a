/*
 * Bytes that grow up to a ceiling. Once an append fails (ceiling or memory) the buffer is *failed*:
 * later appends do nothing and buffer_ok() says false, so a writer checks once at its end. data is
 * NUL-terminated whenever size_bytes > 0 or capacity > 0. One thread at a time.
 */
#ifndef EVENTS_BASE_BUFFER_H
#define EVENTS_BASE_BUFFER_H

#include "base/cleanup.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buffer {
    char *data; /* owned; NULL while nothing was appended */
    size_t size_bytes;
    size_t capacity_bytes;
    size_t ceiling_bytes;
    enum error_code failed; /* ERROR_NONE, ERROR_TOO_LARGE or ERROR_MEMORY */
};

void buffer_init(struct buffer *buffer, size_t ceiling_bytes);
void buffer_clear(struct buffer *buffer); /* frees; {0} is fine */
void buffer_reset(struct buffer *buffer); /* empties and keeps the memory; no longer failed */

void buffer_append(struct buffer *buffer, const void *data, size_t size_bytes);
void buffer_text(struct buffer *buffer, const char *text);
void buffer_char(struct buffer *buffer, char character);
void buffer_number(struct buffer *buffer, int64_t number);
void buffer_format(struct buffer *buffer, const char *format, ...) PRINTF_LIKE(2, 3);

/* True when every append so far fitted; otherwise sets the code with which the first one failed. */
MUST_CHECK bool buffer_ok(const struct buffer *buffer, struct error *error);

/* Hand the memory over: the caller frees it with memory_free(); the buffer is empty again. */
char *buffer_take(struct buffer *buffer);

#endif
