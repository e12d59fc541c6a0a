#include "persistence/memory/memory_scan.h"

#include "base/memory.h"
#include "persistence/memory/memory_database.h"

#include <stdlib.h>

void memory_items_clear(struct memory_items *items)
{
    for (size_t i = 0; i < items->n_items; i++)
        catalogue_item_clear(&items->items[i]);
    memory_free(items->items);
    *items = (struct memory_items){0};
}

bool memory_items_visit(const struct memory_items *items, catalogue_item_visit *visit,
                        void *context, struct error *error)
{
    for (size_t i = 0; i < items->n_items; i++) {
        if (!visit(context, &items->items[i], error))
            return false;
    }
    return true;
}

static int compare_ids(const void *a, const void *b)
{
    return object_id_compare(a, b);
}

static bool is_wanted(const struct object_id *id, const struct catalogue_scan *scan)
{
    if (scan->only)
        return object_id_equal(id, scan->only);
    return !scan->has_after || object_id_compare(id, &scan->after) > 0;
}

static const struct object_id *id_at(const struct memory_shelf *shelf, enum catalogue_kind kind,
                                     size_t index)
{
    return kind == CATALOGUE_EVENT ? &shelf->events[index].event.id
                                   : &shelf->locations[index].location.id;
}

/* The ids that @scan asks for, in their order; the caller frees them. */
static struct object_id *list_ids(const struct memory_shelf *shelf,
                                  const struct catalogue_scan *scan, size_t *n_ids,
                                  struct error *error)
{
    size_t n = scan->kind == CATALOGUE_EVENT ? shelf->n_events : shelf->n_locations;
    struct object_id *ids = memory_array(n + 1, sizeof(*ids), error);

    if (!ids)
        return NULL;
    *n_ids = 0;
    for (size_t i = 0; i < n; i++) {
        if (is_wanted(id_at(shelf, scan->kind, i), scan))
            ids[(*n_ids)++] = *id_at(shelf, scan->kind, i);
    }
    qsort(ids, *n_ids, sizeof(*ids), compare_ids);
    if (*n_ids > scan->limit)
        *n_ids = scan->limit;
    return ids;
}

static bool make_item(const struct memory_shelf *shelf, enum catalogue_kind kind,
                      const struct object_id *id, struct catalogue_item *item, struct error *error)
{
    const struct memory_event *event = memory_shelf_event(shelf, id);
    const struct memory_location *location = memory_shelf_location(shelf, id);

    *item = (struct catalogue_item){.kind = kind, .id = *id};
    if (kind == CATALOGUE_EVENT) {
        item->version = event->event.version;
        item->removed = event->is_removed;
        item->event = event->event;
        return true;
    }
    item->version = location->location.version;
    item->removed = location->is_removed;
    return item->removed || location_copy(&location->location, &item->location, error);
}

bool memory_shelf_scan(const struct memory_shelf *shelf, const struct catalogue_scan *scan,
                       struct memory_items *items, struct error *error)
{
    size_t n = 0;
    CLEANUP(memory_freep) struct object_id *ids = list_ids(shelf, scan, &n, error);

    if (!ids)
        return false;
    items->items = memory_array(n + 1, sizeof(*items->items), error);
    if (!items->items)
        return false;
    for (; items->n_items < n; items->n_items++) {
        if (!make_item(shelf, scan->kind, &ids[items->n_items], &items->items[items->n_items],
                       error))
            return false;
    }
    return true;
}

/* ---- the catalogue ---- */

static bool list_items(struct catalogue_store *store, const struct catalogue_scan *scan,
                       struct memory_items *items, struct error *error)
{
    CLEANUP(memory_data_unlock)
    struct memory_data *data = memory_database_read(
        CONTAINER_OF(store, struct memory_database, catalogue), "catalogue.scan", error);

    return data && memory_shelf_scan(&data->catalogue.shelf, scan, items, error);
}

bool memory_catalogue_scan(struct catalogue_store *store, const struct catalogue_scan *scan,
                           catalogue_item_visit *visit, void *context, struct error *error)
{
    CLEANUP(memory_items_clear) struct memory_items items = {0};

    return list_items(store, scan, &items, error) &&
           memory_items_visit(&items, visit, context, error);
}
