#include "persistence/user_store.h"

#include "persistence/backend.h"

#include <assert.h>
#include <string.h>

bool user_store_prepare(struct user_store *store, struct error *error)
{
    return store->ops->prepare(store, error);
}

bool user_store_insert(struct user_store *store, const struct user *user, bool *existed,
                       struct error *error)
{
    return store->ops->insert(store, user, existed, error);
}

bool user_store_user(struct user_store *store, const struct object_id *id, struct user *user,
                     struct error *error)
{
    return store->ops->user(store, id, user, error);
}

bool user_store_users(struct user_store *store, const struct user_page *page, user_visit *visit,
                      void *context, struct error *error)
{
    assert(page->limit >= 1 && page->limit <= PAGE_ITEMS_MAX);
    return store->ops->users(store, page, visit, context, error);
}

bool user_equal(const struct user *a, const struct user *b)
{
    return object_id_equal(&a->id, &b->id) && strcmp(a->first, b->first) == 0 &&
           strcmp(a->last, b->last) == 0 && a->age == b->age;
}
