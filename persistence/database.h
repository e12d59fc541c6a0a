/*
 * A database: connections, and the stores on top of them. Writes are acknowledged by a majority and
 * journalled before a call returns true; reads see what a majority has. Every call is bounded:
 * about 2 s when the database is away.
 *
 * Errors of every store:
 *   ERROR_UNAVAILABLE      not reachable; this call has changed nothing
 *   ERROR_OUTCOME_UNKNOWN  a write was sent and its fate is not known: repeat the same write
 *   ERROR_CORRUPT          a stored document breaks its own rules
 *   ERROR_MEMORY
 * Any thread may call any store; each call takes a connection of its own.
 */
#ifndef EVENTS_PERSISTENCE_DATABASE_H
#define EVENTS_PERSISTENCE_DATABASE_H

#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    PAGE_ITEMS_MAX = 1001 /* of any list: a thousand that are shown, and one that tells of more */
};

struct database;
struct catalogue_store;
struct copy_store;
struct ledger_store;
struct user_store;
struct attempt_store;
struct search_store;

struct database_options {
    const char *backend;  /* "mongodb" or "memory" */
    const char *url;      /* mongodb://...; memory: any name, the same name is the same database */
    const char *name;     /* database when the url names none: "myevents_events" */
    const char *app_name; /* shown by the server in its logs */
};

/* Does not wait for the server. ERROR_INVALID for a bad url or backend. */
MUST_CHECK bool database_open(const struct database_options *options, struct database **database,
                              struct error *error);

/* One round trip to the primary. ERROR_UNAVAILABLE. */
MUST_CHECK bool database_ping(struct database *database, struct error *error);

/*
 * The stores. Each makes its indexes in its `prepare`, which needs the server; call that until it
 * succeeds, before anything else. The stores belong to the database and end with it.
 */
struct catalogue_store *database_catalogue(struct database *database);
struct copy_store *database_copy(struct database *database);
struct ledger_store *database_ledger(struct database *database);
struct user_store *database_users(struct database *database);
struct attempt_store *database_attempts(struct database *database);
struct search_store *database_search(struct database *database);

/* The caller has ended all calls. NULL is fine. */
void database_free(struct database *database);
DEFINE_FREEP(database_free, struct database)

/*
 * Small facts of a program that must outlive it, such as the offset of a log. Absent: @value stays.
 */
MUST_CHECK bool database_load_number(struct database *database, const char *name, int64_t *value,
                                     struct error *error);
MUST_CHECK bool database_store_number(struct database *database, const char *name, int64_t value,
                                      struct error *error);

/*
 * How far a log was read into a store: a number that belongs to one generation of the store and is not
 * found by another, so that it never outlives what was read.
 */
MUST_CHECK bool database_load_offset(struct database *database, const char *log,
                                     uint64_t generation, int64_t *offset, struct error *error);
MUST_CHECK bool database_store_offset(struct database *database, const char *log,
                                      uint64_t generation, int64_t offset, struct error *error);

#endif
