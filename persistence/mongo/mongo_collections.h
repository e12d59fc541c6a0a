/* Whole collections: made, told apart, renamed, dropped. */
#ifndef EVENTS_PERSISTENCE_MONGO_COLLECTIONS_H
#define EVENTS_PERSISTENCE_MONGO_COLLECTIONS_H

#include "persistence/mongo/mongo_database.h"

/* Making one that is there is nothing. */
MUST_CHECK bool mongo_collection_make(const struct mongo_pool *pool, const char *name,
                                      struct error *error);

/*
 * A number that stands for these very collections: the server gives each a new mark when it is made,
 * and lets it keep that when it is renamed. 0 when one of them is not there.
 */
MUST_CHECK bool mongo_collections_generation(const struct mongo_pool *pool,
                                             const char *const names[], size_t n_names,
                                             uint64_t *generation, struct error *error);

/* Drop all whose names begin with @prefix, a constant of ours without special characters. */
MUST_CHECK bool mongo_collections_drop(const struct mongo_pool *pool, const char *prefix,
                                       struct error *error);

/* In the place of @target, which is dropped. ERROR_CONFLICT: there is no collection called @name. */
MUST_CHECK bool mongo_collection_replace(const struct mongo_pool *pool, const char *name,
                                         const char *target, struct error *error);

#endif
