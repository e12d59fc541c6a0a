/* What the parts of the Mongo catalogue share. */
#ifndef EVENTS_PERSISTENCE_MONGO_CATALOGUE_H
#define EVENTS_PERSISTENCE_MONGO_CATALOGUE_H

#include "persistence/mongo/mongo_database.h"

#define MONGO_EVENTS "events"
#define MONGO_LOCATIONS "locations"
#define MONGO_SALES "sales"

static inline const struct mongo_pool *mongo_catalogue_pool(struct catalogue_store *store,
                                                            enum mongo_use use)
{
    return &CONTAINER_OF(store, struct mongo_database, catalogue)->pools[use];
}

MUST_CHECK bool mongo_outbox_prepare(const struct mongo_pool *pool, struct error *error);
bool mongo_catalogue_unpublished(struct catalogue_store *store, size_t limit, outbox_visit *visit,
                                 void *context, struct error *error);
bool mongo_catalogue_said(struct catalogue_store *store, const struct catalogue_scan *scan,
                          outbox_visit *visit, void *context, struct error *error);
bool mongo_catalogue_mark(struct catalogue_store *store,
                          const struct outbox_message *const messages[], size_t n_messages,
                          struct error *error);

bool mongo_catalogue_hear_sales(struct catalogue_store *store, struct sale_heard *sales,
                                size_t n_sales, struct error *error);

/* `w` keeps the tokens of so many attempts that landed last: an insert, and then changes. */
enum {
    MONGO_TOKENS_MAX = 16
};

/* What comes with a new document beside its state. */
struct mongo_news {
    const struct catalogue_key *key; /* NULL: none */
    const struct outbox_message *message;
};

/*
 * Insert @document, which gets a token, key and outbox appended. What is unknown is settled by sending
 * the same document again and reading: ERROR_EXISTS, ERROR_GONE, ERROR_CONFLICT for the key, and after
 * about 1.5 s ERROR_OUTCOME_UNKNOWN; that at once when the id has seen more changes than tokens are kept.
 */
MUST_CHECK bool mongo_insert_settled(const struct mongo_pool *pool, const char *collection,
                                     bson_t *document, const struct mongo_news *news,
                                     struct error *error);

/* Append `key: {h: hash, f: fingerprint}`; the condition that finds it. */
void mongo_key_append(bson_t *document, const struct catalogue_key *key);
void mongo_append_key_hash(bson_t *filter, const uint8_t hash[HASH_BYTES]);

MUST_CHECK bool mongo_keys_prepare(const struct mongo_pool *pool, struct error *error);
bool mongo_catalogue_find_key(struct catalogue_store *store, enum outbox_kind kind,
                              const uint8_t hash[HASH_BYTES], struct catalogue_keyed *keyed,
                              struct error *error);

/* The collection that holds documents of a kind. */
const char *mongo_collection_of(enum outbox_kind kind);

bool mongo_catalogue_change_event(struct catalogue_store *store, const struct event *event,
                                  const struct outbox_message *message, struct error *error);
bool mongo_catalogue_change_location(struct catalogue_store *store, const struct location *location,
                                     const struct outbox_message *message, struct error *error);
bool mongo_catalogue_remove(struct catalogue_store *store, const struct outbox_message *message,
                            struct error *error);

#endif
