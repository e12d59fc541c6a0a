/*
 * Reading events with what is shown beside them, as catalogue and copy both do: one find for the
 * events, one for their locations, one for their sales; all of it in one question when it is one event.
 */
#ifndef EVENTS_PERSISTENCE_MONGO_EVENTS_H
#define EVENTS_PERSISTENCE_MONGO_EVENTS_H

#include "persistence/mongo/mongo_database.h"

/* Names of collections. */
struct mongo_event_source {
    const char *events;
    const char *locations;
    const char *sales; /* NULL: there are none */
};

struct mongo_event_visitor {
    event_visit *visit;
    void *context;
};

/* Make the indexes that pages of @collection need. */
MUST_CHECK bool mongo_events_prepare(const struct mongo_pool *pool, const char *collection,
                                     struct error *error);

/* Where the copy of the catalogue stands. */
extern const struct mongo_event_source mongo_copy_source;

/* ERROR_NOT_FOUND; ERROR_GONE for a removed one. @head: of its ledger in the same database; NULL: nobody asks. */
MUST_CHECK bool mongo_events_one(const struct mongo_pool *pool,
                                 const struct mongo_event_source *source,
                                 const struct object_id *id, struct event_view *view,
                                 struct ledger_head *head, struct error *error);

/* These, in this order; what is not there or removed is left out. */
MUST_CHECK bool mongo_events_some(const struct mongo_pool *pool,
                                  const struct mongo_event_source *source,
                                  const struct object_id *ids, size_t n_ids,
                                  const struct mongo_event_visitor *visitor, struct error *error);
MUST_CHECK bool mongo_events_page(const struct mongo_pool *pool,
                                  const struct mongo_event_source *source,
                                  const struct event_page *page,
                                  const struct mongo_event_visitor *visitor, struct error *error);

#endif
