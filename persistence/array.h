/* Arrays that grow by doubling, for lists whose length only the database knows. */
#ifndef EVENTS_PERSISTENCE_ARRAY_H
#define EVENTS_PERSISTENCE_ARRAY_H

#include "base/error.h"

#include <stddef.h>

/*
 * @items, which has room for *@capacity and holds @n, with room for at least @n_more more; moved
 * when it had to grow. NULL on ERROR_MEMORY: then @items is as it was. Start with NULL and 0.
 */
MUST_CHECK void *array_room(void *items, size_t n, size_t n_more, size_t *capacity,
                            size_t size_bytes, struct error *error);

#endif
