/*
 * Lists that grow by a quarter, out of a budget they share, so that a history cannot take more memory
 * than its reader was given. One thread.
 */
#ifndef EVENTS_TOOLS_CHECKER_LIST_H
#define EVENTS_TOOLS_CHECKER_LIST_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

struct budget {
    size_t left_bytes;
    size_t taken_bytes; /* now */
    size_t used_bytes;  /* at the most so far */
};

struct list {
    void *items; /* owned */
    size_t n;
    size_t capacity;
};

/* One more item, all zero, valid until the next one. NULL on ERROR_TOO_LARGE and ERROR_MEMORY. */
MUST_CHECK void *list_add(struct list *list, size_t size_bytes, struct budget *budget,
                          struct error *error);
MUST_CHECK void *list_add_many(struct list *list, size_t n, size_t size_bytes,
                               struct budget *budget, struct error *error);
void list_clear(struct list *list);

/* The first @n items stay, and what they do not need goes back into the budget. */
MUST_CHECK bool list_cut(struct list *list, size_t n, size_t size_bytes, struct budget *budget,
                         struct error *error);

/* Zeroed memory out of the budget; free it with memory_free(), and say so with budget_return(). */
MUST_CHECK void *budget_array(struct budget *budget, size_t n, size_t size_bytes,
                              struct error *error);

/* What budget_array() would have to take from @budget is taken; ERROR_TOO_LARGE. */
MUST_CHECK bool budget_take(struct budget *budget, size_t size_bytes, struct error *error);

/* What was taken since @budget->taken_bytes was @taken_bytes has been freed. */
void budget_return(struct budget *budget, size_t taken_bytes);

#endif
