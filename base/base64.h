/* Base64 with padding (RFC 4648, section 4). Any thread. */
#ifndef EVENTS_BASE_BASE64_H
#define EVENTS_BASE_BASE64_H

#include "base/buffer.h"

void base64_write(const void *bytes, size_t size_bytes, struct buffer *text);

/* Append what @text stands for. ERROR_INVALID when it is not base64; fails also as buffer_ok() does. */
MUST_CHECK bool base64_read(const char *text, struct buffer *bytes, struct error *error);

#endif
