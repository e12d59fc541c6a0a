/* The copy of the catalogue: the one in use, or a draft that will take its place. */
#ifndef EVENTS_PERSISTENCE_MONGO_COPY_H
#define EVENTS_PERSISTENCE_MONGO_COPY_H

#include "persistence/mongo/mongo_database.h"

#define MONGO_COPIED_PREFIX "copied_"
#define MONGO_COPIED_EVENTS MONGO_COPIED_PREFIX "events"
#define MONGO_COPIED_LOCATIONS MONGO_COPIED_PREFIX "locations"

/* The names are borrowed. */
void mongo_copy_init(struct mongo_copy *copy, const struct mongo_pool *pools, const char *events,
                     const char *locations);

bool mongo_draft_open(struct database *database, struct copy_draft **draft, struct error *error);

#endif
