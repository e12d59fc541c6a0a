/* Walks over a whole shelf: copies, so that they can be visited without the lock. */
#ifndef EVENTS_PERSISTENCE_MEMORY_SCAN_H
#define EVENTS_PERSISTENCE_MEMORY_SCAN_H

#include "persistence/catalogue_scan.h"
#include "persistence/memory/memory_shelf.h"

struct memory_items {
    struct catalogue_item *items; /* owned */
    size_t n_items;
};

/* Under the lock of the shelf. memory_items_clear() also after a failure. */
MUST_CHECK bool memory_shelf_scan(const struct memory_shelf *shelf,
                                  const struct catalogue_scan *scan, struct memory_items *items,
                                  struct error *error);
MUST_CHECK bool memory_items_visit(const struct memory_items *items, catalogue_item_visit *visit,
                                   void *context, struct error *error);
void memory_items_clear(struct memory_items *items);

#endif
