/*
 * What the targets share. A target is a file with one function that feeds its input to parsers, as libFuzzer makes
 * it up and as replay.c finds it in corpus/<target>/, and ends the process where one of them breaks the word of its
 * header: an out-parameter written on failure, an error without a text, a value beyond its bounds, something
 * written that does not read back. One thread.
 */
#ifndef EVENTS_TESTS_FUZZ_FUZZ_H
#define EVENTS_TESTS_FUZZ_FUZZ_H

#include "base/buffer.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Unlike assert() in every build. */
#define MUST(condition) ((condition) ? (void)0 : fuzz_failed(__FILE__, __LINE__, #condition))
_Noreturn void fuzz_failed(const char *file, int line, const char *condition);

/* @error is what a refusal leaves: a code and a text. */
void fuzz_must_be_refusal(const struct error *error);

/* Input that is cut up from its front. */
struct fuzz_input {
    const char *at;
    size_t left_bytes;
};

struct fuzz_input fuzz_input(const uint8_t *data, size_t size);

/* @n_bytes of it, or what is left; written to @got_bytes. */
const char *fuzz_take(struct fuzz_input *input, size_t n_bytes, size_t *got_bytes);

/*
 * The next line, without its end; what is left when there is no other. As long as it is, so that a
 * sanitizer sees every byte that is read behind its NUL. memory_free().
 */
char *fuzz_line(struct fuzz_input *input);
char *fuzz_rest(struct fuzz_input *input);

/* A path under which these bytes can be read as a file, until the next call. */
const char *fuzz_file(const void *data, size_t size);

#endif
