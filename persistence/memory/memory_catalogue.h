/* The catalogue of the memory backend. */
#ifndef EVENTS_PERSISTENCE_MEMORY_CATALOGUE_H
#define EVENTS_PERSISTENCE_MEMORY_CATALOGUE_H

#include "persistence/catalogue_store.h"
#include "persistence/memory/memory_shelf.h"

struct memory_sale {
    struct object_id event_id;
    int64_t entry;
    int64_t seats_sold;
};

struct memory_catalogue {
    struct memory_shelf shelf;

    struct outbox_message *outbox; /* owned; not yet confirmed, in the order they were stored */
    size_t n_outbox;
    size_t outbox_capacity;

    struct memory_sale *sales; /* owned */
    size_t n_sales;
    size_t sales_capacity;
    struct id_index sales_index;
};

extern const struct catalogue_store_ops memory_catalogue_ops;

void memory_catalogue_clear(struct memory_catalogue *catalogue);

#endif
