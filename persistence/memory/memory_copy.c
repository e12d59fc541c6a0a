#include "persistence/memory/memory_copy.h"

#include "base/memory.h"
#include "persistence/memory/memory_database.h"
#include "persistence/memory/memory_scan.h"

void memory_copy_clear(struct memory_copy *copy)
{
    memory_shelf_clear(&copy->shelf);
}

static struct memory_database *database_of(struct copy_store *store)
{
    return CONTAINER_OF(store, struct memory_database, copy);
}

static bool memory_copy_prepare(struct copy_store *store, struct error *error)
{
    CLEANUP(memory_data_unlock)
    struct memory_data *data = memory_database_read(database_of(store), "copy.prepare", error);

    return data != NULL;
}

/* Of a removal only the version counts: what is still shown with an old booking stays. */
static bool put_event(struct memory_shelf *shelf, struct copy_event *change, struct error *error)
{
    struct memory_event *stored = memory_shelf_event(shelf, &change->event->id);
    const struct event bare = {.id = change->event->id, .version = change->event->version};

    change->changed = !stored || stored->event.version < change->event->version;
    if (!change->changed)
        return true;
    if (!stored) {
        if (!memory_shelf_add_event(shelf, change->removed ? &bare : change->event, error))
            return false;
        stored = memory_shelf_event(shelf, &bare.id);
    } else if (change->removed) {
        stored->event.version = change->event->version;
    } else {
        stored->event = *change->event;
    }
    stored->is_removed = change->removed;
    return true;
}

static bool memory_copy_put_events(struct copy_store *store, struct copy_event *events,
                                   size_t n_events, struct error *error)
{
    enum memory_fault fault = MEMORY_FAULT_NONE;
    CLEANUP(memory_data_unlock)
    struct memory_data *data =
        memory_database_write(database_of(store), "copy.put_events", &fault, error);

    if (!data)
        return false;
    for (size_t i = 0; i < n_events && memory_fault_applies(fault); i++) {
        if (!put_event(&data->copy.shelf, &events[i], error))
            return false;
    }
    return memory_fault_answer(fault, error);
}

static bool put_location(struct memory_shelf *shelf, struct copy_location *change,
                         struct error *error)
{
    struct memory_location *stored = memory_shelf_location(shelf, &change->location->id);
    const struct location bare = {.id = change->location->id, .version = change->location->version};

    change->changed = !stored || stored->location.version < change->location->version;
    if (!change->changed)
        return true;
    if (!stored) {
        if (!memory_shelf_add_location(shelf, change->removed ? &bare : change->location, error))
            return false;
        stored = memory_shelf_location(shelf, &bare.id);
    } else if (change->removed) {
        stored->location.version = change->location->version;
    } else if (!memory_shelf_set_location(stored, change->location, error)) {
        return false;
    }
    stored->is_removed = change->removed;
    return true;
}

static bool memory_copy_put_locations(struct copy_store *store, struct copy_location *locations,
                                      size_t n_locations, struct error *error)
{
    enum memory_fault fault = MEMORY_FAULT_NONE;
    CLEANUP(memory_data_unlock)
    struct memory_data *data =
        memory_database_write(database_of(store), "copy.put_locations", &fault, error);

    if (!data)
        return false;
    for (size_t i = 0; i < n_locations && memory_fault_applies(fault); i++) {
        if (!put_location(&data->copy.shelf, &locations[i], error))
            return false;
    }
    return memory_fault_answer(fault, error);
}

static bool memory_copy_event(struct copy_store *store, const struct object_id *id,
                              struct event_view *view, struct ledger_head *head,
                              struct error *error)
{
    CLEANUP(memory_data_unlock)
    struct memory_data *data = memory_database_read(database_of(store), "copy.event", error);
    const struct memory_event *stored;

    if (!data)
        return false;
    stored = memory_shelf_event(&data->copy.shelf, id);
    if (!stored)
        return error_set(error, ERROR_NOT_FOUND, "there is no event %s", object_id_hex(id).text);
    if (stored->is_removed)
        return error_set(error, ERROR_GONE, "event %s was removed", object_id_hex(id).text);
    if (head)
        *head = memory_ledgers_head(&data->ledgers, id);
    return memory_shelf_view(&data->copy.shelf, &stored->event, view, error);
}

static bool list_events(struct copy_store *store, const struct event_page *page,
                        struct memory_views *views, struct error *error)
{
    CLEANUP(memory_data_unlock)
    struct memory_data *data = memory_database_read(database_of(store), "copy.events", error);

    return data && memory_shelf_events(&data->copy.shelf, page, views, error);
}

static bool memory_copy_events(struct copy_store *store, const struct event_page *page,
                               event_visit *visit, void *context, struct error *error)
{
    CLEANUP(memory_views_clear) struct memory_views views = {0};

    return list_events(store, page, &views, error) &&
           memory_views_visit(&views, visit, context, error);
}

static bool list_items(struct copy_store *store, const struct catalogue_scan *scan,
                       struct memory_items *items, struct error *error)
{
    CLEANUP(memory_data_unlock)
    struct memory_data *data = memory_database_read(database_of(store), "copy.scan", error);

    return data && memory_shelf_scan(&data->copy.shelf, scan, items, error);
}

static bool memory_copy_scan(struct copy_store *store, const struct catalogue_scan *scan,
                             catalogue_item_visit *visit, void *context, struct error *error)
{
    CLEANUP(memory_items_clear) struct memory_items items = {0};

    return list_items(store, scan, &items, error) &&
           memory_items_visit(&items, visit, context, error);
}

/* It is there as long as its database, and with all numbers about it. */
static bool memory_copy_generation(struct copy_store *store, uint64_t *generation,
                                   struct error *error)
{
    CLEANUP(memory_data_unlock)
    struct memory_data *data = memory_database_read(database_of(store), "copy.generation", error);

    if (!data)
        return false;
    *generation = 1;
    return true;
}

const struct copy_store_ops memory_copy_ops = {
    .prepare = memory_copy_prepare,
    .put_events = memory_copy_put_events,
    .put_locations = memory_copy_put_locations,
    .event = memory_copy_event,
    .events = memory_copy_events,
    .scan = memory_copy_scan,
    .generation = memory_copy_generation,
};
