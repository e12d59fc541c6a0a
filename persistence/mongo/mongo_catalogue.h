/* What the parts of the Mongo catalogue share. */
#ifndef EVENTS_PERSISTENCE_MONGO_CATALOGUE_H
#define EVENTS_PERSISTENCE_MONGO_CATALOGUE_H

#include "persistence/mongo/mongo_database.h"

#define MONGO_EVENTS "events"
#define MONGO_LOCATIONS "locations"
#define MONGO_SALES "sales"

static inline const struct mongo_pool *mongo_catalogue_pool(struct catalogue_store *store,
                                                            enum mongo_use use)
{
    return &CONTAINER_OF(store, struct mongo_database, catalogue)->pools[use];
}

MUST_CHECK bool mongo_outbox_prepare(const struct mongo_pool *pool, struct error *error);
bool mongo_catalogue_unpublished(struct catalogue_store *store, size_t limit, outbox_visit *visit,
                                 void *context, struct error *error);
bool mongo_catalogue_mark(struct catalogue_store *store,
                          const struct outbox_message *const messages[], size_t n_messages,
                          struct error *error);

bool mongo_catalogue_hear_sales(struct catalogue_store *store, struct sale_heard *sales,
                                size_t n_sales, struct error *error);

/*
 * Insert @document, whose `w` holds @token. What is unknown is settled by sending the same document
 * again and reading: ERROR_EXISTS, ERROR_GONE, and after about 1.5 s ERROR_UNKNOWN_OUTCOME.
 */
MUST_CHECK bool mongo_insert_settled(const struct mongo_pool *pool, const char *collection,
                                     const bson_t *document, const struct object_id *token,
                                     struct error *error);

#endif
