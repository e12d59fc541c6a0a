#include "persistence/catalogue_store.h"

#include "persistence/backend.h"

#include <assert.h>

bool catalogue_store_prepare(struct catalogue_store *store, struct error *error)
{
    return store->ops->prepare(store, error);
}

bool catalogue_store_insert_event(struct catalogue_store *store, const struct event *event,
                                  const struct catalogue_key *key,
                                  const struct outbox_message *message, struct error *error)
{
    assert(event->version == 1);
    return store->ops->insert_event(store, event, key, message, error);
}

bool catalogue_store_insert_location(struct catalogue_store *store, const struct location *location,
                                     const struct catalogue_key *key,
                                     const struct outbox_message *message, struct error *error)
{
    assert(location->version == 1);
    return store->ops->insert_location(store, location, key, message, error);
}

bool catalogue_store_find_key(struct catalogue_store *store, enum outbox_kind kind,
                              const uint8_t hash[HASH_BYTES], struct catalogue_keyed *keyed,
                              struct error *error)
{
    return store->ops->find_key(store, kind, hash, keyed, error);
}

bool catalogue_store_change_event(struct catalogue_store *store, const struct event *event,
                                  const struct outbox_message *message, struct error *error)
{
    assert(event->version > 1 && event->version == message->version);
    return store->ops->change_event(store, event, message, error);
}

bool catalogue_store_change_location(struct catalogue_store *store, const struct location *location,
                                     const struct outbox_message *message, struct error *error)
{
    assert(location->version > 1 && location->version == message->version);
    return store->ops->change_location(store, location, message, error);
}

bool catalogue_store_remove(struct catalogue_store *store, const struct outbox_message *message,
                            struct error *error)
{
    assert(message->version > 1);
    return store->ops->remove(store, message, error);
}

bool catalogue_store_event(struct catalogue_store *store, const struct object_id *id,
                           struct event_view *view, struct error *error)
{
    return store->ops->event(store, id, view, error);
}

bool catalogue_store_location(struct catalogue_store *store, const struct object_id *id,
                              struct location *location, struct error *error)
{
    return store->ops->location(store, id, location, error);
}

bool catalogue_store_events(struct catalogue_store *store, const struct event_page *page,
                            event_visit *visit, void *context, struct error *error)
{
    assert(page->limit >= 1 && page->limit <= PAGE_ITEMS_MAX);
    return store->ops->events(store, page, visit, context, error);
}

bool catalogue_store_locations(struct catalogue_store *store, const struct location_page *page,
                               location_visit *visit, void *context, struct error *error)
{
    assert(page->limit >= 1 && page->limit <= PAGE_ITEMS_MAX);
    return store->ops->locations(store, page, visit, context, error);
}

bool catalogue_store_scan(struct catalogue_store *store, const struct catalogue_scan *scan,
                          catalogue_item_visit *visit, void *context, struct error *error)
{
    assert(scan->limit >= 1 && scan->limit <= PAGE_ITEMS_MAX);
    return store->ops->scan(store, scan, visit, context, error);
}

bool catalogue_store_said(struct catalogue_store *store, const struct catalogue_scan *scan,
                          outbox_visit *visit, void *context, struct error *error)
{
    assert(scan->limit >= 1 && scan->limit <= PAGE_ITEMS_MAX);
    if (!store->ops->said)
        return error_set(error, ERROR_UNSUPPORTED, "nobody else can reach such a database");
    return store->ops->said(store, scan, visit, context, error);
}

bool catalogue_store_sales_generation(struct catalogue_store *store, uint64_t *generation,
                                      struct error *error)
{
    return store->ops->sales_generation(store, generation, error);
}

bool catalogue_store_hear_sales(struct catalogue_store *store, struct sale_heard *sales,
                                size_t n_sales, struct error *error)
{
    return n_sales == 0 || store->ops->hear_sales(store, sales, n_sales, error);
}

bool catalogue_store_unpublished(struct catalogue_store *store, size_t limit, outbox_visit *visit,
                                 void *context, struct error *error)
{
    return limit == 0 || store->ops->unpublished(store, limit, visit, context, error);
}

bool catalogue_store_mark(struct catalogue_store *store,
                          const struct outbox_message *const messages[], size_t n_messages,
                          struct error *error)
{
    return n_messages == 0 || store->ops->mark(store, messages, n_messages, error);
}
