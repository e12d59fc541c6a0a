#include "persistence/search_store.h"

#include "persistence/backend.h"

#include <assert.h>

bool search_store_prepare(struct search_store *store, struct error *error)
{
    return store->ops->prepare(store, error);
}

bool search_store_put(struct search_store *store, const struct search_entry *entries,
                      size_t n_entries, struct error *error)
{
    return n_entries == 0 || store->ops->put(store, entries, n_entries, error);
}

bool search_store_find(struct search_store *store, const struct search_page *page,
                       struct search_hit *hits, size_t *n_hits, struct error *error)
{
    assert(page->limit >= 1 && page->limit <= PAGE_ITEMS_MAX);
    return store->ops->find(store, page, hits, n_hits, error);
}

bool search_store_events(struct search_store *store, const struct object_id *ids, size_t n_ids,
                         event_visit *visit, void *context, struct error *error)
{
    return n_ids == 0 || store->ops->events(store, ids, n_ids, visit, context, error);
}
