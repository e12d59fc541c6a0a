#include "tools/checker/lines.h"

#include "base/memory.h"

#include <errno.h>
#include <string.h>

enum {
    FIRST_BYTES = 256 * 1024
};

bool lines_open(struct lines *lines, const char *path, struct error *error)
{
    *lines = (struct lines){0};
    if (strcmp(path, "-") == 0)
        lines->file = stdin;
    else
        lines->file = fopen(path, "re");
    if (!lines->file)
        return error_set(error, ERROR_INVALID, "%s: %s", path, strerror(errno));
    return true;
}

void lines_close(struct lines *lines)
{
    if (lines->file && lines->file != stdin)
        (void)fclose(lines->file);
    memory_free(lines->data);
    *lines = (struct lines){0};
}

static bool make_room(struct lines *lines, struct error *error)
{
    size_t capacity = lines->capacity > 0 ? lines->capacity * 2 : FIRST_BYTES;
    char *data;

    if (lines->at > 0) {
        lines->n_bytes -= lines->at;
        memmove(lines->data, lines->data + lines->at, lines->n_bytes);
        lines->at = 0;
    }
    if (lines->n_bytes < lines->capacity)
        return true;
    if (capacity > LINE_BYTES_MAX)
        return error_set(error, ERROR_TOO_LARGE, "a line of more than %d bytes",
                         LINE_BYTES_MAX / 2);
    data = memory_resize(lines->data, capacity, 1, error);
    if (!data)
        return false;
    lines->data = data;
    lines->capacity = capacity;
    return true;
}

static bool read_more(struct lines *lines, struct error *error)
{
    size_t n;

    if (!make_room(lines, error))
        return false;
    n = fread(lines->data + lines->n_bytes, 1, lines->capacity - lines->n_bytes, lines->file);
    lines->n_bytes += n;
    lines->at_end = n == 0;
    if (n == 0 && ferror(lines->file))
        return error_set(error, ERROR_UNAVAILABLE, "the file cannot be read: %s", strerror(errno));
    return true;
}

bool lines_next(struct lines *lines, const char **text, size_t *size_bytes, struct error *error)
{
    const char *end = NULL;

    *text = NULL;
    while (!end && !lines->at_end) {
        if (lines->n_bytes > lines->at)
            end = memchr(lines->data + lines->at, '\n', lines->n_bytes - lines->at);
        if (!end && !read_more(lines, error))
            return false;
    }
    if (!end && lines->at == lines->n_bytes)
        return true;
    *text = lines->data + lines->at;
    *size_bytes = (end ? (size_t)(end - *text) : lines->n_bytes - lines->at);
    lines->at += *size_bytes + (end ? 1 : 0);
    lines->number++;
    return true;
}
