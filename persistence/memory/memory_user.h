/* Users in the memory backend. */
#ifndef EVENTS_PERSISTENCE_MEMORY_USER_H
#define EVENTS_PERSISTENCE_MEMORY_USER_H

#include "persistence/id_index.h"
#include "persistence/user_store.h"

struct memory_users {
    struct user *users; /* owned */
    size_t n_users;
    size_t capacity;
    struct id_index index;
};

extern const struct user_store_ops memory_user_ops;

void memory_users_clear(struct memory_users *users);

#endif
