/*
 * `location.created` and `location.updated`: the whole state of a location, as of @version. Owns
 * its halls.
 */
#ifndef EVENTS_CONTRACTS_LOCATION_CREATED_H
#define EVENTS_CONTRACTS_LOCATION_CREATED_H

#include "base/json.h"
#include "base/object_id.h"
#include "contracts/limits.h"

struct location_created_hall {
    char name[CONTRACT_TEXT_BYTES];
    char location[CONTRACT_TEXT_BYTES];
    int64_t capacity; /* 0 to CONTRACT_CAPACITY_MAX */
};

struct location_created {
    struct object_id id;
    int64_t version;                /* 1 and up */
    char name[CONTRACT_TEXT_BYTES]; /* never empty */
    char address[CONTRACT_TEXT_BYTES];
    char country[CONTRACT_TEXT_BYTES];
    int64_t open_time;                   /* whole hours, 0 to CONTRACT_HOUR_MAX */
    int64_t close_time;                  /* whole hours, 0 to CONTRACT_HOUR_MAX */
    struct location_created_hall *halls; /* owned */
    size_t n_halls;                      /* at most CONTRACT_HALLS_MAX */
};

void location_created_encode(const struct location_created *message, struct json_writer *writer);
MUST_CHECK bool location_created_decode(const struct json *body, struct location_created *message,
                                        struct error *error);
void location_created_clear(struct location_created *message);

#endif
