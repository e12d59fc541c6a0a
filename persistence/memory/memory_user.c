#include "persistence/memory/memory_user.h"

#include "base/memory.h"
#include "persistence/array.h"
#include "persistence/memory/memory_database.h"

#include <stdlib.h>

void memory_users_clear(struct memory_users *users)
{
    memory_free(users->users);
    id_index_clear(&users->index);
    *users = (struct memory_users){0};
}

static struct memory_database *database_of(struct user_store *store)
{
    return CONTAINER_OF(store, struct memory_database, user);
}

static bool memory_user_prepare(struct user_store *store, struct error *error)
{
    CLEANUP(memory_data_unlock)
    struct memory_data *data = memory_database_read(database_of(store), "user.prepare", error);

    return data != NULL;
}

static bool insert(struct memory_users *self, const struct user *user, bool *existed,
                   struct error *error)
{
    struct user *users;
    size_t place;

    *existed = id_index_find(&self->index, &user->id, &place);
    if (*existed)
        return user_equal(&self->users[place], user) ||
               error_set(error, ERROR_EXISTS, "%s exists", object_id_hex(&user->id).text);
    users = array_room(self->users, self->n_users, 1, &self->capacity, sizeof(*users), error);
    if (!users)
        return false;
    self->users = users;
    if (!id_index_put(&self->index, &user->id, self->n_users, error))
        return false;
    users[self->n_users++] = *user;
    return true;
}

static bool memory_user_insert(struct user_store *store, const struct user *user, bool *existed,
                               struct error *error)
{
    enum memory_fault fault = MEMORY_FAULT_NONE;
    CLEANUP(memory_data_unlock)
    struct memory_data *data =
        memory_database_write(database_of(store), "user.insert", &fault, error);
    bool was_there = false;

    if (!data)
        return false;
    if (memory_fault_applies(fault) && !insert(&data->users, user, &was_there, error))
        return false;
    if (!memory_fault_answer(fault, error))
        return false;
    *existed = was_there;
    return true;
}

static bool memory_user_user(struct user_store *store, const struct object_id *id,
                             struct user *user, struct error *error)
{
    CLEANUP(memory_data_unlock)
    struct memory_data *data = memory_database_read(database_of(store), "user.user", error);
    size_t place;

    if (!data)
        return false;
    if (!id_index_find(&data->users.index, id, &place))
        return error_set(error, ERROR_NOT_FOUND, "there is no user %s", object_id_hex(id).text);
    *user = data->users.users[place];
    return true;
}

/* Copies, so that they can be visited without the lock. */
struct listing {
    struct user *users; /* owned */
    size_t n_users;
};

static void listing_clear(struct listing *listing)
{
    memory_free(listing->users);
}

static int compare(const void *a, const void *b)
{
    const struct user *left = a;
    const struct user *right = b;

    return object_id_compare(&left->id, &right->id);
}

static bool list(struct user_store *store, const struct user_page *page, struct listing *listing,
                 struct error *error)
{
    CLEANUP(memory_data_unlock)
    struct memory_data *data = memory_database_read(database_of(store), "user.users", error);

    if (!data)
        return false;
    listing->users = memory_array(data->users.n_users + 1, sizeof(*listing->users), error);
    if (!listing->users)
        return false;
    for (size_t i = 0; i < data->users.n_users; i++) {
        const struct user *user = &data->users.users[i];

        if (!page->has_after || object_id_compare(&page->after_id, &user->id) < 0)
            listing->users[listing->n_users++] = *user;
    }
    qsort(listing->users, listing->n_users, sizeof(*listing->users), compare);
    return true;
}

static bool memory_user_users(struct user_store *store, const struct user_page *page,
                              user_visit *visit, void *context, struct error *error)
{
    CLEANUP(listing_clear) struct listing listing = {0};

    if (!list(store, page, &listing, error))
        return false;
    for (size_t i = 0; i < listing.n_users && i < page->limit; i++) {
        if (!visit(context, &listing.users[i], error))
            return false;
    }
    return true;
}

const struct user_store_ops memory_user_ops = {
    .prepare = memory_user_prepare,
    .insert = memory_user_insert,
    .user = memory_user_user,
    .users = memory_user_users,
};
