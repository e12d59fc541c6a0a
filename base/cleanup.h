/* Scope cleanup and a few compiler attributes used everywhere. */
#ifndef EVENTS_BASE_CLEANUP_H
#define EVENTS_BASE_CLEANUP_H

#include <stddef.h>

/* Call @function with the address of the variable on every way out of its scope. */
#define CLEANUP(function) __attribute__((cleanup(function)))

/* The result says whether it worked; ignoring it is a mistake. */
#define MUST_CHECK __attribute__((warn_unused_result))

#define PRINTF_LIKE(format_index, first_index)                                                     \
    __attribute__((format(printf, format_index, first_index)))

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

/* The struct of @type whose @member is at @pointer. */
#define CONTAINER_OF(pointer, type, member)                                                        \
    ((type *)(void *)((char *)(pointer)-offsetof(type, member)))

/* Define `name_freep(type **)` for use with CLEANUP: frees what is left and clears the pointer. */
#define DEFINE_FREEP(name, type)                                                                   \
    static inline void name##p(type **pointer)                                                     \
    {                                                                                              \
        name(*pointer);                                                                            \
        *pointer = NULL;                                                                           \
    }

#endif
