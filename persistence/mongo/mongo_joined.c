#include "persistence/mongo/mongo_joined.h"

#include "base/memory.h"
#include "persistence/mongo/mongo_documents.h"
#include "persistence/mongo/mongo_members.h"

static void beside_clear(struct mongo_beside *beside)
{
    for (size_t i = 0; i < beside->n_documents; i++)
        bson_destroy(beside->documents[i]);
    memory_free(beside->documents);
    id_index_clear(&beside->places);
}

void mongo_joined_clear(struct mongo_joined *joined)
{
    memory_free(joined->events);
    beside_clear(&joined->locations);
    beside_clear(&joined->sales);
}

bool mongo_joined_make(struct mongo_joined *joined, size_t n_max, struct error *error)
{
    joined->n_max = n_max;
    joined->events = memory_array(n_max, sizeof(*joined->events), error);
    joined->locations.documents = memory_array(n_max, sizeof(bson_t *), error);
    joined->sales.documents = memory_array(n_max, sizeof(bson_t *), error);
    return joined->events && joined->locations.documents && joined->sales.documents;
}

static void note_place(struct mongo_joined *joined, const bson_t *document)
{
    struct object_id id;
    bson_iter_t start;

    if (!mongo_document_id(document, &id, NULL) ||
        !bson_iter_init_find(&start, document, "start") || !BSON_ITER_HOLDS_INT(&start))
        return;
    joined->has_last = true;
    joined->last_start_s = bson_iter_as_int64(&start);
    joined->last_id = id;
}

bool mongo_joined_read(struct mongo_joined *joined, struct mongo_cursor *cursor,
                       struct error *error)
{
    const bson_t *document;

    while (joined->n_found < joined->n_max && mongo_cursor_next(cursor, &document)) {
        joined->n_found++;
        note_place(joined, document);
        if (mongo_event_read(document, &joined->events[joined->n_events], joined->corrupt))
            joined->n_events++;
    }
    return mongo_cursor_check(cursor, error);
}

static bool keep(struct mongo_beside *beside, const bson_t *document, struct error *error)
{
    struct object_id id;

    if (!mongo_document_id(document, &id, error))
        return false;
    if (mongo_document_is_bare(document))
        return true;
    if (!id_index_put(&beside->places, &id, beside->n_documents, error))
        return false;
    beside->documents[beside->n_documents++] = bson_copy(document);
    return true;
}

static bool find_all(const struct mongo_pool *pool, const char *collection,
                     const struct object_id *ids, size_t n_ids, struct mongo_beside *beside,
                     struct error *error)
{
    CLEANUP(bson_destroy) bson_t filter = BSON_INITIALIZER;
    CLEANUP(mongo_cursor_close) struct mongo_cursor cursor = {0};
    const bson_t *document;

    if (!collection || n_ids == 0)
        return true;
    mongo_append_in(&filter, "_id", ids, n_ids);
    if (!mongo_find(pool, collection, &filter, NULL, &cursor, error))
        return false;
    while (mongo_cursor_next(&cursor, &document)) {
        if (!keep(beside, document, error))
            return false;
    }
    return mongo_cursor_check(&cursor, error);
}

bool mongo_joined_join(const struct mongo_pool *pool, const struct mongo_event_source *source,
                       struct mongo_joined *joined, struct error *error)
{
    struct object_id location_ids[MONGO_JOINED_MAX];
    struct object_id event_ids[MONGO_JOINED_MAX];
    size_t n_locations = 0;

    for (size_t i = 0; i < joined->n_events; i++) {
        event_ids[i] = joined->events[i].id;
        if (!object_id_is_none(&joined->events[i].location_id))
            location_ids[n_locations++] = joined->events[i].location_id;
    }
    return find_all(pool, source->locations, location_ids, n_locations, &joined->locations,
                    error) &&
           find_all(pool, source->sales, event_ids, joined->n_events, &joined->sales, error);
}

/* NULL: there is none. */
static const bson_t *beside_of(const struct mongo_beside *beside, const struct object_id *id)
{
    size_t place;

    return id_index_find(&beside->places, id, &place) ? beside->documents[place] : NULL;
}

bool mongo_view_add(struct event_view *view, const bson_t *sale, const bson_t *location,
                    struct error *error)
{
    struct sale_heard heard = {0};

    if (sale && !mongo_sale_read(sale, &heard, error))
        return false;
    if (location && !mongo_location_read(location, &view->location, error))
        return false;
    view->has_location = location != NULL;
    view->entry = heard.entry;
    view->seats_sold = heard.seats_sold;
    return true;
}

bool mongo_joined_visit(struct mongo_joined *joined, size_t index,
                        const struct mongo_event_visitor *visitor, struct error *error)
{
    const struct event *event = &joined->events[index];
    CLEANUP(event_view_clear) struct event_view view = {.event = *event};
    struct error cause = {0};

    if (!mongo_view_add(&view, beside_of(&joined->sales, &event->id),
                        beside_of(&joined->locations, &event->location_id), &cause)) {
        *(cause.code == ERROR_CORRUPT ? joined->corrupt : error) = cause;
        return cause.code == ERROR_CORRUPT;
    }
    joined->n_visited++;
    return visitor->visit(visitor->context, &view, error);
}
