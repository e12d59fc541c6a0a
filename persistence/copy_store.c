#include "persistence/copy_store.h"

#include "persistence/backend.h"

#include <assert.h>

bool copy_store_prepare(struct copy_store *store, struct error *error)
{
    return store->ops->prepare(store, error);
}

bool copy_store_put_events(struct copy_store *store, struct copy_event *events, size_t n_events,
                           struct error *error)
{
    return n_events == 0 || store->ops->put_events(store, events, n_events, error);
}

bool copy_store_put_locations(struct copy_store *store, struct copy_location *locations,
                              size_t n_locations, struct error *error)
{
    return n_locations == 0 || store->ops->put_locations(store, locations, n_locations, error);
}

bool copy_store_event(struct copy_store *store, const struct object_id *id, struct event_view *view,
                      struct error *error)
{
    return store->ops->event(store, id, view, NULL, error);
}

bool copy_store_event_sold(struct copy_store *store, const struct object_id *id,
                           struct event_view *view, struct ledger_head *head, struct error *error)
{
    return store->ops->event(store, id, view, head, error);
}

bool copy_store_events(struct copy_store *store, const struct event_page *page, event_visit *visit,
                       void *context, struct error *error)
{
    assert(page->limit >= 1 && page->limit <= PAGE_ITEMS_MAX);
    return store->ops->events(store, page, visit, context, error);
}

bool copy_store_scan(struct copy_store *store, const struct catalogue_scan *scan,
                     catalogue_item_visit *visit, void *context, struct error *error)
{
    assert(scan->limit >= 1 && scan->limit <= PAGE_ITEMS_MAX);
    return store->ops->scan(store, scan, visit, context, error);
}

bool copy_store_generation(struct copy_store *store, uint64_t *generation, struct error *error)
{
    return store->ops->generation(store, generation, error);
}
