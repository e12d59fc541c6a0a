#include "persistence/attempt_store.h"

#include "persistence/backend.h"

bool attempt_store_note(struct attempt_store *store, const char *name, const struct object_id *by,
                        int *n_noted, struct error *error)
{
    return store->ops->note(store, name, by, n_noted, error);
}

bool attempt_store_forget(struct attempt_store *store, const char *name, struct error *error)
{
    return store->ops->forget(store, name, error);
}
