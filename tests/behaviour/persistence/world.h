/* A database of its own for each test, on the backend that the program was built for. */
#ifndef EVENTS_TESTS_BEHAVIOUR_PERSISTENCE_WORLD_H
#define EVENTS_TESTS_BEHAVIOUR_PERSISTENCE_WORLD_H

#include "persistence/attempt_store.h"
#include "persistence/catalogue_store.h"
#include "persistence/copy_store.h"
#include "persistence/database.h"
#include "persistence/ledger_store.h"
#include "persistence/search_store.h"
#include "persistence/user_store.h"

/*
 * Between these two: an open database with a random name, all its stores prepared; dropped at the
 * end.
 */
void world_begin(void);
void world_end(void);

struct world {
    struct database *database;
    struct catalogue_store *catalogue;
    struct copy_store *copy;
    struct ledger_store *ledger;
    struct user_store *users;
    struct attempt_store *attempts;
    struct search_store *search;
    struct database_options options; /* to open the same database once more */
};

extern struct world world;

#endif
