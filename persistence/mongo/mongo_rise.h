/*
 * Documents that are replaced only by a higher number, such as a version: duplicates and disorder
 * do no harm, and a write whose outcome is unknown is simply sent again.
 */
#ifndef EVENTS_PERSISTENCE_MONGO_RISE_H
#define EVENTS_PERSISTENCE_MONGO_RISE_H

#include "persistence/mongo/mongo_database.h"

/* One document that should have at least @number, and with the same number at least @minor. */
struct mongo_rise {
    struct object_id id;
    int64_t number;
    int64_t minor;
    bson_t *document; /* owned: the whole new document, or an update of it */
    bool is_update;
    bool changed; /* out: the document had a lower number, or none was there */

    bool was_sent; /* and its outcome was not known */
    bool is_settled;
};

struct mongo_rise_list {
    const char *collection;
    const char *member; /* that holds the number */
    const char *minor;  /* that holds the minor one; NULL: there is none */
    bool is_new;        /* the collection: most are not there yet, so they are inserted at first */
    struct mongo_rise *rises;
    size_t n_rises;
};

/*
 * Write all of @list; durable when true comes back, also what had been there before. Within about
 * 1.5 s what is unknown is sent again; then ERROR_OUTCOME_UNKNOWN. ERROR_UNAVAILABLE: nothing has
 * changed.
 */
MUST_CHECK bool mongo_rise(const struct mongo_pool *pool, const struct mongo_rise_list *list,
                           struct error *error);

/* A list of @n_rises empty ones, and its end. */
MUST_CHECK bool mongo_rise_list_make(struct mongo_rise_list *list, const char *collection,
                                     const char *member, size_t n_rises, struct error *error);
void mongo_rise_list_clear(struct mongo_rise_list *list);

#endif
