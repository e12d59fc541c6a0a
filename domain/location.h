/*
 * Where events take place. Owns its list of halls: location_clear() frees it. A location is moved
 * by plain assignment when the source is then set to {0}.
 */
#ifndef EVENTS_DOMAIN_LOCATION_H
#define EVENTS_DOMAIN_LOCATION_H

#include "base/error.h"
#include "base/object_id.h"
#include "domain/limits.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hall {
    char name[TEXT_BYTES];
    char location[TEXT_BYTES]; /* where in the building */
    int64_t capacity;          /* seats, 0 to CAPACITY_MAX */
};

struct location {
    struct object_id id;
    int64_t version; /* 1 and up; grows by one with each change */
    char name[TEXT_BYTES];
    char address[TEXT_BYTES];
    char country[TEXT_BYTES];
    int64_t open_hour;  /* 0 to HOUR_MAX */
    int64_t close_hour; /* 0 to HOUR_MAX */
    struct hall *halls; /* owned */
    size_t n_halls;     /* 0 to HALLS_MAX */
};

void location_clear(struct location *location);

/* Room for @n_halls zeroed halls in a location without halls; 0 is fine. ERROR_MEMORY. */
MUST_CHECK bool location_make_halls(struct location *location, size_t n_halls, struct error *error);

MUST_CHECK bool location_copy(const struct location *source, struct location *location,
                              struct error *error);

/*
 * A name, and no two halls of the same name. Notes each broken rule in @error under the members' names in
 * HTTP bodies; @parent: JSON pointer of the location, "" at the top.
 */
MUST_CHECK bool location_check(const struct location *location, const char *parent,
                               struct error *error);

/* NULL when there is none of that name. */
const struct hall *location_hall(const struct location *location, const char *name);

#endif
