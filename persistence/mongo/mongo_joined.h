/*
 * Some events with what is shown beside them, on their way from the database to a visitor: read the events, join
 * their locations and sales, visit one by one. One that cannot be read, or whose location or sale cannot, is left
 * out: what is wrong with it stands in `corrupt`, for it must not keep the others back. One thread at a time.
 */
#ifndef EVENTS_PERSISTENCE_MONGO_JOINED_H
#define EVENTS_PERSISTENCE_MONGO_JOINED_H

#include "persistence/id_index.h"
#include "persistence/mongo/mongo_events.h"

#include <bson/bson.h>

/* So many events are joined at a time: a location may be large, and a page has up to a thousand. */
enum {
    MONGO_JOINED_MAX = 100
};

/* Documents that are shown beside events, as they came: they are small like that. */
struct mongo_beside {
    bson_t **documents; /* owned */
    size_t n_documents;
    struct id_index places;
};

struct mongo_joined {
    struct error *corrupt; /* the caller's; written before _make() */
    size_t n_max;
    struct event *events; /* owned */
    size_t n_events;
    size_t n_found;   /* documents of events, those that are left out as well */
    size_t n_visited; /* events */
    bool has_last;    /* of what was found, the last whose place in the order can be told */
    int64_t last_start_s;
    struct object_id last_id;
    struct mongo_beside locations;
    struct mongo_beside sales;
};

/* Room for @n_max events, at most MONGO_JOINED_MAX; _clear() also after a failure. ERROR_MEMORY. */
MUST_CHECK bool mongo_joined_make(struct mongo_joined *joined, size_t n_max, struct error *error);
void mongo_joined_clear(struct mongo_joined *joined);

/* At most as many as there is room for. */
MUST_CHECK bool mongo_joined_read(struct mongo_joined *joined, struct mongo_cursor *cursor,
                                  struct error *error);
MUST_CHECK bool mongo_joined_join(const struct mongo_pool *pool,
                                  const struct mongo_event_source *source,
                                  struct mongo_joined *joined, struct error *error);

/* Event number @index, unless it is left out now. */
MUST_CHECK bool mongo_joined_visit(struct mongo_joined *joined, size_t index,
                                   const struct mongo_event_visitor *visitor, struct error *error);

/* Add to @view what is known of its event's sale and location; NULL: nothing. ERROR_CORRUPT, ERROR_MEMORY. */
MUST_CHECK bool mongo_view_add(struct event_view *view, const bson_t *sale, const bson_t *location,
                               struct error *error);

#endif
