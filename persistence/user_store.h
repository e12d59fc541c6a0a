/* The booking service's users: people who can hold bookings. Once stored they do not change. */
#ifndef EVENTS_PERSISTENCE_USER_STORE_H
#define EVENTS_PERSISTENCE_USER_STORE_H

#include "domain/user.h"
#include "persistence/database.h"

#include <stddef.h>

MUST_CHECK bool user_store_prepare(struct user_store *store, struct error *error);

/*
 * Store a user. @existed: the very same was there before. ERROR_EXISTS: the id is another's. After about
 * 1.5 s ERROR_OUTCOME_UNKNOWN.
 */
MUST_CHECK bool user_store_insert(struct user_store *store, const struct user *user, bool *existed,
                                  struct error *error);

/* ERROR_NOT_FOUND. */
MUST_CHECK bool user_store_user(struct user_store *store, const struct object_id *id,
                                struct user *user, struct error *error);

/* Which users, in the order of their ids. */
struct user_page {
    bool has_after; /* continue behind this one */
    struct object_id after_id;
    size_t limit; /* 1 to PAGE_ITEMS_MAX */
};

/*
 * Called for each, in order; the user is borrowed for the call. False ends the walk with @error. One that cannot be
 * read is left out: the walk says ERROR_CORRUPT when it has come to its end.
 */
typedef bool user_visit(void *context, const struct user *user, struct error *error);
MUST_CHECK bool user_store_users(struct user_store *store, const struct user_page *page,
                                 user_visit *visit, void *context, struct error *error);

/* Whether two say the same. */
bool user_equal(const struct user *a, const struct user *b);

#endif
