#include "persistence/database.h"

#include "persistence/backend.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const struct persistence_backend *const backends[] = {&persistence_mongo,
                                                             &persistence_memory};

bool database_open(const struct database_options *options, struct database **database,
                   struct error *error)
{
    for (size_t i = 0; i < ARRAY_SIZE(backends); i++) {
        if (strcmp(backends[i]->name, options->backend) == 0)
            return backends[i]->open(options, database, error);
    }
    return error_set(error, ERROR_INVALID, "there is no database of type \"%s\"", options->backend);
}

bool database_ping(struct database *database, struct error *error)
{
    return database->ops->ping(database, error);
}

struct catalogue_store *database_catalogue(struct database *database)
{
    return database->catalogue;
}

struct copy_store *database_copy(struct database *database)
{
    return database->copy;
}

struct ledger_store *database_ledger(struct database *database)
{
    return database->ledger;
}

struct user_store *database_users(struct database *database)
{
    return database->user;
}

struct attempt_store *database_attempts(struct database *database)
{
    return database->attempt;
}

struct search_store *database_search(struct database *database)
{
    return database->search;
}

bool database_load_number(struct database *database, const char *name, int64_t *value,
                          struct error *error)
{
    return database->ops->load_number(database, name, value, error);
}

bool database_store_number(struct database *database, const char *name, int64_t value,
                           struct error *error)
{
    return database->ops->store_number(database, name, value, error);
}

enum {
    OFFSET_NAME_BYTES = 96
};

static void name_offset(const char *log, uint64_t generation, char name[OFFSET_NAME_BYTES])
{
    snprintf(name, OFFSET_NAME_BYTES, "%s@%016" PRIx64, log, generation);
}

bool database_load_offset(struct database *database, const char *log, uint64_t generation,
                          int64_t *offset, struct error *error)
{
    char name[OFFSET_NAME_BYTES];

    name_offset(log, generation, name);
    return database_load_number(database, name, offset, error);
}

bool database_store_offset(struct database *database, const char *log, uint64_t generation,
                           int64_t offset, struct error *error)
{
    char name[OFFSET_NAME_BYTES];

    name_offset(log, generation, name);
    return database_store_number(database, name, offset, error);
}

void database_free(struct database *database)
{
    if (database)
        database->ops->free(database);
}
