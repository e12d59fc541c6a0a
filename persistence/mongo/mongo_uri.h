/* The limits under which the driver works, as options of its URL. */
#ifndef EVENTS_PERSISTENCE_MONGO_URI_H
#define EVENTS_PERSISTENCE_MONGO_URI_H

#include "persistence/database.h"

#include <mongoc/mongoc.h>

/* What a connection is for. Requests have people waiting: their limits are shorter. */
enum mongo_use {
    MONGO_COMMITS,
    MONGO_REQUESTS,
    N_MONGO_USES
};

/*
 * The URL of @options with what it does not say itself. Durable writes, majority reads from the
 * primary and no retries by the driver are not for the URL to choose. ERROR_INVALID. The caller
 * destroys it.
 */
MUST_CHECK bool mongo_uri_make(const struct database_options *options, enum mongo_use use,
                               mongoc_uri_t **uri, struct error *error);

#endif
