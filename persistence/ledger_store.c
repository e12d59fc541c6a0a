#include "persistence/ledger_store.h"

#include "persistence/backend.h"

#include <assert.h>

bool ledger_store_prepare(struct ledger_store *store, struct error *error)
{
    return store->ops->prepare(store, error);
}

bool ledger_store_heads(struct ledger_store *store, const struct object_id *event_ids,
                        const int64_t *n_known, size_t n_events, struct ledger_head *heads,
                        struct error *error)
{
    return n_events == 0 || store->ops->heads(store, event_ids, n_known, n_events, heads, error);
}

bool ledger_store_look_up(struct ledger_store *store, struct ledger_look_up *look_up,
                          struct error *error)
{
    return store->ops->look_up(store, look_up, error);
}

bool ledger_store_tokens(struct ledger_store *store, const struct ledger_key *keys, size_t n_keys,
                         struct object_id *tokens, struct error *error)
{
    assert(n_keys <= LEDGER_BULK_MAX);
    return n_keys == 0 || store->ops->tokens(store, keys, n_keys, tokens, error);
}

void ledger_store_insert(struct ledger_store *store, const struct ledger_entry *const entries[],
                         size_t n_entries, enum ledger_outcome *outcomes)
{
    assert(n_entries <= LEDGER_BULK_MAX);
    if (n_entries > 0)
        store->ops->insert(store, entries, n_entries, outcomes);
}

bool ledger_store_booking(struct ledger_store *store, const struct object_id *id,
                          struct booking *booking, struct error *error)
{
    return store->ops->booking(store, id, booking, error);
}

bool ledger_store_head(struct ledger_store *store, const struct object_id *event_id,
                       struct ledger_head *head, struct error *error)
{
    return store->ops->head(store, event_id, head, error);
}

bool ledger_store_heads_shown(struct ledger_store *store, const struct object_id *event_ids,
                              size_t n_events, struct ledger_head *heads, struct error *error)
{
    return n_events == 0 || store->ops->heads_shown(store, event_ids, n_events, heads, error);
}

bool ledger_store_bookings(struct ledger_store *store, const struct booking_page *page,
                           booking_visit *visit, void *context, struct error *error)
{
    assert(page->limit >= 1 && page->limit <= PAGE_ITEMS_MAX);
    return store->ops->bookings(store, page, visit, context, error);
}

bool ledger_store_bookings_of(struct ledger_store *store, const struct object_id *user_id,
                              const struct booking_page *page, booking_visit *visit, void *context,
                              struct error *error)
{
    assert(page->limit >= 1 && page->limit <= PAGE_ITEMS_MAX && !object_id_is_none(user_id));
    return store->ops->bookings_of(store, user_id, page, visit, context, error);
}

bool ledger_store_bookings_between(struct ledger_store *store, const struct booking_range *range,
                                   struct booking *bookings, size_t n_max, size_t *n_bookings,
                                   struct error *error)
{
    assert(n_max >= 1 && n_max <= PAGE_ITEMS_MAX);
    return store->ops->bookings_between(store, range, bookings, n_max, n_bookings, error);
}

bool ledger_store_entries(struct ledger_store *store, const struct ledger_scan *scan,
                          ledger_visit *visit, void *context, struct error *error)
{
    assert(scan->limit >= 1 && scan->limit <= PAGE_ITEMS_MAX);
    return store->ops->entries(store, scan, visit, context, error);
}

bool ledger_store_scan(struct ledger_store *store, const struct ledger_scan *scan,
                       ledger_sum_visit *visit, void *context, struct error *error)
{
    assert(scan->limit >= 1 && scan->limit <= PAGE_ITEMS_MAX);
    return store->ops->scan(store, scan, visit, context, error);
}

bool ledger_store_unpublished(struct ledger_store *store, size_t limit, ledger_visit *visit,
                              void *context, struct error *error)
{
    return limit == 0 || store->ops->unpublished(store, limit, visit, context, error);
}

bool ledger_store_mark(struct ledger_store *store, const struct ledger_key *keys, size_t n_keys,
                       struct error *error)
{
    return n_keys == 0 || store->ops->mark(store, keys, n_keys, error);
}
