/*
 * Attempts at something that may end the process that tries it: each is noted before it begins and
 * forgotten when the thing is done, so what stays tells how many processes have died of it, or been
 * stopped in the middle. A process is named by an id that it draws at its start. Of a service's own
 * database; no indexes, so nothing to prepare.
 */
#ifndef EVENTS_PERSISTENCE_ATTEMPT_STORE_H
#define EVENTS_PERSISTENCE_ATTEMPT_STORE_H

#include "base/object_id.h"
#include "persistence/database.h"

enum {
    ATTEMPTS_MAX = 16, /* processes noted under one name; from then on a note changes nothing */
    ATTEMPT_NAME_BYTES = 128, /* with its NUL; UTF-8 */
};

/*
 * Note that process @by begins with what is called @name; again by the same process changes nothing.
 * Durable when true comes back. @n_noted: by how many processes so far, @by included.
 */
MUST_CHECK bool attempt_store_note(struct attempt_store *store, const char *name,
                                   const struct object_id *by, int *n_noted, struct error *error);

/* It is done: nobody has tried it. */
MUST_CHECK bool attempt_store_forget(struct attempt_store *store, const char *name,
                                     struct error *error);

#endif
