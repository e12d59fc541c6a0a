/* Walks over all documents of a collection of events or locations, as catalogue and copy both need. */
#ifndef EVENTS_PERSISTENCE_MONGO_SCAN_H
#define EVENTS_PERSISTENCE_MONGO_SCAN_H

#include "persistence/catalogue_scan.h"
#include "persistence/mongo/mongo_database.h"

/* Who is told of each item. */
struct mongo_item_visitor {
    catalogue_item_visit *visit;
    void *context;
};

MUST_CHECK bool mongo_scan(const struct mongo_pool *pool, const char *collection,
                           const struct catalogue_scan *scan,
                           const struct mongo_item_visitor *visitor, struct error *error);

/* Append the condition on `_id` that @scan asks for. Only ids of our kind fit it. */
void mongo_append_scan(bson_t *filter, const struct catalogue_scan *scan);

#endif
