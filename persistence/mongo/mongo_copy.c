#include "persistence/mongo/mongo_database.h"
#include "persistence/mongo/mongo_documents.h"
#include "persistence/mongo/mongo_events.h"
#include "persistence/mongo/mongo_rise.h"
#include "persistence/mongo/mongo_scan.h"

#define COPIED_EVENTS "copied_events"
#define COPIED_LOCATIONS "copied_locations"

const struct mongo_event_source mongo_copy_source = {.events = COPIED_EVENTS,
                                                     .locations = COPIED_LOCATIONS};

static const struct mongo_pool *pool_of(struct copy_store *store, enum mongo_use use)
{
    return &CONTAINER_OF(store, struct mongo_database, copy)->pools[use];
}

static bool mongo_copy_prepare(struct copy_store *store, struct error *error)
{
    return mongo_events_prepare(pool_of(store, MONGO_COMMITS), COPIED_EVENTS, error);
}

/* What is still shown with an old booking stays; alone it makes a tombstone without a name. */
static void set_removal(struct mongo_rise *rise)
{
    bson_t set;

    rise->document = bson_new();
    rise->is_update = true;
    BSON_APPEND_DOCUMENT_BEGIN(rise->document, "$set", &set);
    BSON_APPEND_INT64(&set, "version", rise->number);
    BSON_APPEND_BOOL(&set, "removed", true);
    bson_append_document_end(rise->document, &set);
}

static bool mongo_copy_put_events(struct copy_store *store, struct copy_event *events,
                                  size_t n_events, struct error *error)
{
    CLEANUP(mongo_rise_list_clear) struct mongo_rise_list list = {0};

    if (!mongo_rise_list_make(&list, COPIED_EVENTS, "version", n_events, error))
        return false;
    for (size_t i = 0; i < n_events; i++) {
        struct mongo_rise *rise = &list.rises[i];

        rise->id = events[i].event->id;
        rise->number = events[i].event->version;
        if (events[i].removed) {
            set_removal(rise);
        } else {
            rise->document = bson_new();
            mongo_event_append(rise->document, events[i].event);
        }
    }
    if (!mongo_rise(pool_of(store, MONGO_COMMITS), &list, error))
        return false;
    for (size_t i = 0; i < n_events; i++)
        events[i].changed = list.rises[i].changed;
    return true;
}

static bool mongo_copy_put_locations(struct copy_store *store, struct copy_location *locations,
                                     size_t n_locations, struct error *error)
{
    CLEANUP(mongo_rise_list_clear) struct mongo_rise_list list = {0};

    if (!mongo_rise_list_make(&list, COPIED_LOCATIONS, "version", n_locations, error))
        return false;
    for (size_t i = 0; i < n_locations; i++) {
        struct mongo_rise *rise = &list.rises[i];

        rise->id = locations[i].location->id;
        rise->number = locations[i].location->version;
        if (locations[i].removed) {
            set_removal(rise);
        } else {
            rise->document = bson_new();
            mongo_location_append(rise->document, locations[i].location);
        }
    }
    if (!mongo_rise(pool_of(store, MONGO_COMMITS), &list, error))
        return false;
    for (size_t i = 0; i < n_locations; i++)
        locations[i].changed = list.rises[i].changed;
    return true;
}

static bool mongo_copy_event(struct copy_store *store, const struct object_id *id,
                             struct event_view *view, struct error *error)
{
    return mongo_events_one(pool_of(store, MONGO_REQUESTS), &mongo_copy_source, id, view, error);
}

static bool mongo_copy_events(struct copy_store *store, const struct event_page *page,
                              event_visit *visit, void *context, struct error *error)
{
    const struct mongo_event_visitor visitor = {.visit = visit, .context = context};

    return mongo_events_page(pool_of(store, MONGO_REQUESTS), &mongo_copy_source, page, &visitor,
                             error);
}

static bool mongo_copy_scan(struct copy_store *store, const struct catalogue_scan *scan,
                            catalogue_item_visit *visit, void *context, struct error *error)
{
    const struct mongo_item_visitor visitor = {.visit = visit, .context = context};
    const char *collection = scan->kind == CATALOGUE_EVENT ? COPIED_EVENTS : COPIED_LOCATIONS;

    return mongo_scan(pool_of(store, MONGO_COMMITS), collection, scan, &visitor, error);
}

const struct copy_store_ops mongo_copy_ops = {
    .prepare = mongo_copy_prepare,
    .put_events = mongo_copy_put_events,
    .put_locations = mongo_copy_put_locations,
    .event = mongo_copy_event,
    .events = mongo_copy_events,
    .scan = mongo_copy_scan,
};
