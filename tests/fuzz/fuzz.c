#include "tests/fuzz/fuzz.h"

#include "base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

void fuzz_failed(const char *file, int line, const char *condition)
{
    fprintf(stderr, "%s:%d: must hold: %s\n", file, line, condition);
    abort();
}

void fuzz_must_be_refusal(const struct error *error)
{
    MUST(error->code != ERROR_NONE && error->code != ERROR_MEMORY && error->code != ERROR_INTERNAL);
    MUST(error->text[0] && strnlen(error->text, sizeof(error->text)) < sizeof(error->text));
    MUST(error->n_details <= ERROR_DETAILS_MAX && error->n_members <= ERROR_MEMBERS_MAX);
}

struct fuzz_input fuzz_input(const uint8_t *data, size_t size)
{
    return (struct fuzz_input){.at = size ? (const char *)data : "", .left_bytes = size};
}

const char *fuzz_take(struct fuzz_input *input, size_t n_bytes, size_t *got_bytes)
{
    const char *taken = input->at;

    *got_bytes = n_bytes < input->left_bytes ? n_bytes : input->left_bytes;
    input->at += *got_bytes;
    input->left_bytes -= *got_bytes;
    return taken;
}

static char *text_of(const char *bytes, size_t n_bytes)
{
    char *text = memory_new(n_bytes + 1, NULL);

    MUST(text);
    memcpy(text, bytes, n_bytes);
    return text;
}

char *fuzz_line(struct fuzz_input *input)
{
    const char *end = memchr(input->at, '\n', input->left_bytes);
    size_t n_bytes;
    const char *line =
        fuzz_take(input, end ? (size_t)(end - input->at) : input->left_bytes, &n_bytes);
    size_t skipped;

    (void)fuzz_take(input, end ? 1 : 0, &skipped);
    return text_of(line, n_bytes);
}

char *fuzz_rest(struct fuzz_input *input)
{
    size_t n_bytes;
    const char *rest = fuzz_take(input, SIZE_MAX, &n_bytes);

    return text_of(rest, n_bytes);
}

const char *fuzz_file(const void *data, size_t size)
{
    static char path[40];
    static int descriptor = -1;

    if (descriptor < 0)
        descriptor = memfd_create("fuzz", MFD_CLOEXEC);
    MUST(descriptor >= 0 && ftruncate(descriptor, 0) == 0);
    MUST(pwrite(descriptor, data, size, 0) == (ssize_t)size);
    snprintf(path, sizeof(path), "/proc/self/fd/%d", descriptor);
    return path;
}
