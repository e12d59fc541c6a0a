/* The lines of a file, one after the other, without a copy of the whole. One thread. */
#ifndef EVENTS_TOOLS_CHECKER_LINES_H
#define EVENTS_TOOLS_CHECKER_LINES_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    LINE_BYTES_MAX = 32 * 1024 * 1024 /* with its end; as much as `dead drop` writes */
};

/* Wait until there is something to read. False and @error end the reading. */
typedef bool lines_wait(void *context, struct error *error);

struct lines {
    int descriptor; /* owned, unless it is standard input */
    char *data;     /* owned */
    size_t n_bytes; /* in data */
    size_t at;      /* of data; what is before was handed out */
    size_t capacity;
    bool at_end;
    uint32_t number;  /* of the line handed out last; the first is 1 */
    lines_wait *wait; /* called before each read by whoever has other things to do; NULL: not */
    void *context;
};

/* "-" is standard input. ERROR_INVALID: it cannot be opened. */
MUST_CHECK bool lines_open(struct lines *lines, const char *path, struct error *error);
void lines_close(struct lines *lines); /* {0} is fine */

/*
 * The next line, without its end, until the next call; @text is NULL behind the last one. It comes as soon
 * as its end was written.
 * ERROR_TOO_LARGE, ERROR_MEMORY, ERROR_UNAVAILABLE when the file cannot be read.
 */
MUST_CHECK bool lines_next(struct lines *lines, const char **text, size_t *size_bytes,
                           struct error *error);

#endif
