#include "persistence/mongo/mongo_copy.h"

#include "persistence/mongo/mongo_collections.h"
#include "persistence/mongo/mongo_documents.h"
#include "persistence/mongo/mongo_events.h"
#include "persistence/mongo/mongo_rise.h"
#include "persistence/mongo/mongo_scan.h"

const struct mongo_event_source mongo_copy_source = {.events = MONGO_COPIED_EVENTS,
                                                     .locations = MONGO_COPIED_LOCATIONS};

static struct mongo_copy *copy_of(struct copy_store *store)
{
    return CONTAINER_OF(store, struct mongo_copy, base);
}

static const struct mongo_pool *pool_of(struct copy_store *store, enum mongo_use use)
{
    return &copy_of(store)->pools[use];
}

static struct mongo_event_source source_of(struct copy_store *store)
{
    return (struct mongo_event_source){.events = copy_of(store)->events,
                                       .locations = copy_of(store)->locations};
}

/* The locations have no index, and would be made by the first of them only. */
static bool mongo_copy_prepare(struct copy_store *store, struct error *error)
{
    const struct mongo_pool *pool = pool_of(store, MONGO_COMMITS);

    return mongo_collection_make(pool, copy_of(store)->locations, error) &&
           mongo_events_prepare(pool, copy_of(store)->events, error);
}

static bool read_generation(struct copy_store *store, uint64_t *generation, struct error *error)
{
    const char *const names[] = {copy_of(store)->events, copy_of(store)->locations};

    return mongo_collections_generation(pool_of(store, MONGO_COMMITS), names, ARRAY_SIZE(names),
                                        generation, error);
}

/* What was dropped under us lacks its indexes as well. */
static bool mongo_copy_generation(struct copy_store *store, uint64_t *generation,
                                  struct error *error)
{
    uint64_t read = 0;

    if (!read_generation(store, &read, error))
        return false;
    if (read == 0 && (!mongo_copy_prepare(store, error) || !read_generation(store, &read, error)))
        return false;
    *generation = read;
    return true;
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

    if (!mongo_rise_list_make(&list, copy_of(store)->events, "version", n_events, error))
        return false;
    list.is_new = copy_of(store)->is_new;
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

    if (!mongo_rise_list_make(&list, copy_of(store)->locations, "version", n_locations, error))
        return false;
    list.is_new = copy_of(store)->is_new;
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
                             struct event_view *view, struct ledger_head *head, struct error *error)
{
    const struct mongo_event_source source = source_of(store);

    return mongo_events_one(pool_of(store, MONGO_REQUESTS), &source, id, view, head, error);
}

static bool mongo_copy_events(struct copy_store *store, const struct event_page *page,
                              event_visit *visit, void *context, struct error *error)
{
    const struct mongo_event_visitor visitor = {.visit = visit, .context = context};
    const struct mongo_event_source source = source_of(store);

    return mongo_events_page(pool_of(store, MONGO_REQUESTS), &source, page, &visitor, error);
}

static bool mongo_copy_scan(struct copy_store *store, const struct catalogue_scan *scan,
                            catalogue_item_visit *visit, void *context, struct error *error)
{
    const struct mongo_item_visitor visitor = {.visit = visit, .context = context};
    const char *collection =
        scan->kind == CATALOGUE_EVENT ? copy_of(store)->events : copy_of(store)->locations;

    return mongo_scan(pool_of(store, MONGO_COMMITS), collection, scan, &visitor, error);
}

const struct copy_store_ops mongo_copy_ops = {
    .prepare = mongo_copy_prepare,
    .put_events = mongo_copy_put_events,
    .put_locations = mongo_copy_put_locations,
    .event = mongo_copy_event,
    .events = mongo_copy_events,
    .scan = mongo_copy_scan,
    .generation = mongo_copy_generation,
};

void mongo_copy_init(struct mongo_copy *copy, const struct mongo_pool *pools, const char *events,
                     const char *locations)
{
    *copy = (struct mongo_copy){
        .base.ops = &mongo_copy_ops, .pools = pools, .events = events, .locations = locations};
}
