/*
 * The booking service's copy against the catalogue, both read in the order of ids, a page of each at a time.
 * What differs is read again, for as long as there is patience, before it is told. One thread.
 */
#ifndef EVENTS_TOOLS_COMPARISON_COPY_COMPARISON_H
#define EVENTS_TOOLS_COMPARISON_COPY_COMPARISON_H

#include "domain/catalogue_digest.h"
#include "persistence/catalogue_store.h"
#include "persistence/copy_store.h"
#include "tools/comparison/differences.h"

struct copy_comparison {
    struct catalogue_store *catalogue;
    struct copy_store *copy;
    struct differences *differences;

    /* As of the last time each item was read. */
    struct catalogue_digest catalogue_digest;
    struct catalogue_digest copy_digest;
};

/* All of @kind; the digests are those of this kind. Ends early, without an error, when interrupted. */
MUST_CHECK bool copy_comparison_run(struct copy_comparison *comparison, enum catalogue_kind kind,
                                    struct error *error);

#endif
