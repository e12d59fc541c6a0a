#include "base/memory.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static _Atomic long n_allocations;
static _Atomic long left_until_failure;
static _Atomic bool failing;
static _Atomic bool failing_from_then_on;

static bool told_to_fail(void)
{
    long left;

    atomic_fetch_add(&n_allocations, 1);
    if (!atomic_load(&failing))
        return false;
    left = atomic_fetch_sub(&left_until_failure, 1);
    return left == 1 || (left < 1 && atomic_load(&failing_from_then_on));
}

static void *checked(void *pointer, size_t n, size_t size_bytes, struct error *error)
{
    if (!pointer)
        error_set(error, ERROR_MEMORY, "no memory for %zu times %zu bytes", n, size_bytes);
    return pointer;
}

/* No block may be larger than a pointer difference. */
static bool fits(size_t n, size_t size_bytes)
{
    return size_bytes == 0 || n <= PTRDIFF_MAX / size_bytes;
}

void *memory_new(size_t size_bytes, struct error *error)
{
    return memory_array(1, size_bytes, error);
}

void *memory_array(size_t n, size_t size_bytes, struct error *error)
{
    bool empty = n == 0 || size_bytes == 0; /* for which calloc() may answer NULL */
    void *pointer = NULL;

    if (!told_to_fail() && fits(n, size_bytes))
        pointer = empty ? calloc(1, 1) : calloc(n, size_bytes);
    return checked(pointer, n, size_bytes, error);
}

void *memory_resize(void *pointer, size_t n, size_t size_bytes, struct error *error)
{
    bool empty = n == 0 || size_bytes == 0; /* for which realloc() would free */
    void *resized = NULL;

    if (!told_to_fail() && fits(n, size_bytes))
        resized = realloc(pointer, empty ? 1 : n * size_bytes);
    return checked(resized, n, size_bytes, error);
}

void *memory_copy(const void *source, size_t size_bytes, struct error *error)
{
    void *copy = memory_new(size_bytes, error);

    if (copy && size_bytes > 0)
        memcpy(copy, source, size_bytes);
    return copy;
}

char *memory_text(const char *text, struct error *error)
{
    return memory_copy(text, strlen(text) + 1, error);
}

void memory_free(void *pointer)
{
    free(pointer);
}

void memory_freep(void *pointer_to_pointer)
{
    void *pointer;

    memcpy(&pointer, pointer_to_pointer, sizeof(pointer));
    memory_free(pointer);
    memset(pointer_to_pointer, 0, sizeof(pointer));
}

void memory_fail_at(long n, bool sticky)
{
    atomic_store(&left_until_failure, n);
    atomic_store(&failing_from_then_on, sticky);
    atomic_store(&failing, n > 0);
}

long memory_allocations(void)
{
    return atomic_load(&n_allocations);
}
