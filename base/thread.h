/* A thread with a stack of a given size: a limit on the memory of a process counts stacks as a whole, used or not. */
#ifndef EVENTS_BASE_THREAD_H
#define EVENTS_BASE_THREAD_H

#include "base/cleanup.h"
#include "base/error.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

enum {
    THREAD_STACK_OF_SYSTEM = 0,
    THREAD_SMALL_STACK_BYTES = 128 * 1024 /* for who calls no library that may want more */
};

/* For pthread_join(). False with "@what: ..." when the system has no thread or no stack left. */
MUST_CHECK bool thread_start(pthread_t *thread, size_t stack_bytes, void *(*run)(void *),
                             void *context, const char *what, struct error *error);

#endif
