/*
 * Allocation that can be told to fail. Everything of ours that allocates comes through here; memory
 * is zeroed. Any thread. In tests memory_fail_at(n) makes the n-th allocation from now fail (and
 * every one after it when @sticky), so that each error path can be walked.
 */
#ifndef EVENTS_BASE_MEMORY_H
#define EVENTS_BASE_MEMORY_H

#include "base/cleanup.h"
#include "base/error.h"

#include <stddef.h>

/* NULL and ERROR_MEMORY when there is none. The caller frees with memory_free(). */
void *memory_new(size_t size_bytes, struct error *error) MUST_CHECK;
void *memory_array(size_t n, size_t size_bytes, struct error *error) MUST_CHECK;

/*
 * Grow or shrink; the old block stays valid and owned by the caller when NULL comes back. What is
 * gained is not zeroed.
 */
void *memory_resize(void *pointer, size_t n, size_t size_bytes, struct error *error) MUST_CHECK;

/* A copy of @size_bytes bytes, or of a text, owned by the caller. */
void *memory_copy(const void *source, size_t size_bytes, struct error *error) MUST_CHECK;
char *memory_text(const char *text, struct error *error) MUST_CHECK;

void memory_free(void *pointer);

/* For CLEANUP on any pointer variable of type char * or void *. */
void memory_freep(void *pointer_to_pointer);

/* Tests only: 0 switches the failing off. */
void memory_fail_at(long n, bool sticky);

/* Allocations so far in this process, to choose n from. */
long memory_allocations(void);

#endif
