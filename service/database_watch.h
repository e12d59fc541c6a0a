/*
 * Whether the database answers, known at once: a thread asks it about twice a second. For readiness
 * only; no request is decided by it.
 */
#ifndef EVENTS_SERVICE_DATABASE_WATCH_H
#define EVENTS_SERVICE_DATABASE_WATCH_H

#include "base/error.h"
#include "persistence/database.h"

#include <stdbool.h>

struct database_watch;

/* @database has just answered. It outlives the watch. */
MUST_CHECK bool database_watch_open(struct database *database, struct database_watch **watch,
                                    struct error *error);
bool database_watch_is_well(const struct database_watch *watch); /* any thread; NULL: false */
void database_watch_free(struct database_watch *watch); /* waits for one answer; NULL is fine */

#endif
