#include "tools/checker/lines.h"

#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum {
    FIRST_BYTES = 256 * 1024
};

bool lines_open(struct lines *lines, const char *path, struct error *error)
{
    *lines = (struct lines){0};
    if (strcmp(path, "-") == 0)
        lines->descriptor = STDIN_FILENO;
    else
        lines->descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (lines->descriptor < 0)
        return error_set(error, ERROR_INVALID, "%s: %s", path, strerror(errno));
    return true;
}

void lines_close(struct lines *lines)
{
    if (lines->descriptor > STDIN_FILENO)
        (void)close(lines->descriptor);
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
        return error_set(error, ERROR_TOO_LARGE, "a line of more than %d bytes", LINE_BYTES_MAX);
    data = memory_resize(lines->data, capacity, 1, error);
    if (!data)
        return false;
    lines->data = data;
    lines->capacity = capacity;
    return true;
}

static bool read_more(struct lines *lines, struct error *error)
{
    ssize_t n;

    if (!make_room(lines, error) || (lines->wait && !lines->wait(lines->context, error)))
        return false;
    n = read(lines->descriptor, lines->data + lines->n_bytes, lines->capacity - lines->n_bytes);
    if (n < 0)
        return error_set(error, ERROR_UNAVAILABLE, "the file cannot be read: %s", strerror(errno));
    lines->n_bytes += (size_t)n;
    lines->at_end = n == 0;
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
