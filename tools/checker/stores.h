/*
 * What is in our own stores, as the lines of docs/checker.md that a client would have written who read
 * them to their end. One thread.
 */
#ifndef EVENTS_TOOLS_CHECKER_STORES_H
#define EVENTS_TOOLS_CHECKER_STORES_H

#include "persistence/database.h"
#include "tools/checker/history.h"

/*
 * All ledgers, the catalogue and its copy, and how much is not published: the readings `ledger` and
 * `documents`. Read page after page, without a snapshot: only what is quiet can be judged.
 */
MUST_CHECK bool stores_read(struct history *history, struct database *events,
                            struct database *bookings, struct error *error);

/* "NAME: IS where OUGHT ought to be": a line of a level. */
MUST_CHECK bool stores_add_level(struct history *history, const char *name, int64_t is,
                                 int64_t ought, struct error *error);

/* The reading NAME is complete. */
MUST_CHECK bool stores_add_final(struct history *history, const char *name, struct error *error);

#endif
