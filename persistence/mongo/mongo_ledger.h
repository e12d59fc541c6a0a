/* What the parts of the Mongo ledger share: the look-ups, over either set of connections. */
#ifndef EVENTS_PERSISTENCE_MONGO_LEDGER_H
#define EVENTS_PERSISTENCE_MONGO_LEDGER_H

#include "persistence/mongo/mongo_database.h"

#define MONGO_LEDGER "ledger"

static inline const struct mongo_pool *mongo_ledger_pool(struct ledger_store *store,
                                                         enum mongo_use use)
{
    return &CONTAINER_OF(store, struct mongo_database, ledger)->pools[use];
}

/* Fill @found for each of @ids, which may repeat. */
MUST_CHECK bool mongo_ledger_find(const struct mongo_pool *pool, const struct object_id *ids,
                                  size_t n_ids, struct ledger_found *found, struct error *error);

/* Set @cancelled for each of @ids, no two of which are the same. */
MUST_CHECK bool mongo_ledger_find_cancelled(const struct mongo_pool *pool,
                                            const struct object_id *ids, size_t n_ids,
                                            bool *cancelled, struct error *error);

bool mongo_ledger_look_up(struct ledger_store *store, struct ledger_look_up *look_up,
                          struct error *error);

/*
 * The heads of some events; {0} of one that has no entry. @marks: one that cannot be read is marked, else it is
 * ERROR_CORRUPT.
 */
MUST_CHECK bool mongo_ledger_read_heads(const struct mongo_pool *pool,
                                        const struct object_id *event_ids, size_t n_events,
                                        bool marks, struct ledger_head *heads, struct error *error);

/* The same, without marks, of events that are known to have so many entries each; 0 where nothing is. */
MUST_CHECK bool mongo_ledger_follow_heads(const struct mongo_pool *pool,
                                          const struct object_id *event_ids, const int64_t *n_known,
                                          size_t n_events, struct ledger_head *heads,
                                          struct error *error);

/* The condition that an entry has one of @keys. */
void mongo_ledger_append_keys(bson_t *filter, const struct ledger_key *keys, size_t n_keys);

/* A stage, @key of @stages, behind which comes the event's last entry without its bookings. */
void mongo_ledger_append_head(bson_t *stages, const char *key, const struct object_id *event_id);

bool mongo_ledger_booking(struct ledger_store *store, const struct object_id *id,
                          struct booking *booking, struct error *error);
bool mongo_ledger_head(struct ledger_store *store, const struct object_id *event_id,
                       struct ledger_head *head, struct error *error);
bool mongo_ledger_heads_shown(struct ledger_store *store, const struct object_id *event_ids,
                              size_t n_events, struct ledger_head *heads, struct error *error);
bool mongo_ledger_bookings(struct ledger_store *store, const struct booking_page *page,
                           booking_visit *visit, void *context, struct error *error);
bool mongo_ledger_bookings_of(struct ledger_store *store, const struct object_id *user_id,
                              const struct booking_page *page, booking_visit *visit, void *context,
                              struct error *error);
bool mongo_ledger_bookings_between(struct ledger_store *store, const struct booking_range *range,
                                   struct booking *bookings, size_t n_max, size_t *n_bookings,
                                   struct error *error);
bool mongo_ledger_scan(struct ledger_store *store, const struct ledger_scan *scan,
                       ledger_sum_visit *visit, void *context, struct error *error);
bool mongo_ledger_entries(struct ledger_store *store, const struct ledger_scan *scan,
                          ledger_visit *visit, void *context, struct error *error);

/* Until the cursor's end; an entry that cannot be read is ERROR_CORRUPT, after all the others. */
bool mongo_ledger_visit(struct mongo_cursor *cursor, ledger_visit *visit, void *context,
                        struct error *error);
bool mongo_ledger_unpublished(struct ledger_store *store, size_t limit, ledger_visit *visit,
                              void *context, struct error *error);

#endif
