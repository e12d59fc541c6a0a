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

struct memory_keyed {
    enum outbox_kind kind;
    struct catalogue_key key;
    struct object_id id;
};

struct memory_catalogue {
    struct memory_shelf shelf;

    struct memory_keyed *keyed; /* owned */
    size_t n_keyed;
    size_t keyed_capacity;

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

/* Room for a message, and the copy of it, made before the document: both get in or neither. */
MUST_CHECK bool memory_catalogue_prepare_message(struct memory_catalogue *catalogue,
                                                 const struct outbox_message *message,
                                                 struct outbox_message *copy, struct error *error);

bool memory_catalogue_scan(struct catalogue_store *store, const struct catalogue_scan *scan,
                           catalogue_item_visit *visit, void *context, struct error *error);

bool memory_catalogue_change_event(struct catalogue_store *store, const struct event *event,
                                   const struct outbox_message *message, struct error *error);
bool memory_catalogue_change_location(struct catalogue_store *store,
                                      const struct location *location,
                                      const struct outbox_message *message, struct error *error);
bool memory_catalogue_remove(struct catalogue_store *store, const struct outbox_message *message,
                             struct error *error);

#endif
