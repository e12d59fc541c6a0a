/* The document of a ledger entry. README.md shows one. */
#ifndef EVENTS_PERSISTENCE_MONGO_ENTRY_H
#define EVENTS_PERSISTENCE_MONGO_ENTRY_H

#include "persistence/ledger_store.h"

#include <bson/bson.h>

/* A new document with @entry in it: bson_destroy(). */
bson_t *mongo_entry_new(const struct ledger_entry *entry);

/* All of it: ledger_entry_clear(). ERROR_CORRUPT, ERROR_MEMORY. */
MUST_CHECK bool mongo_entry_read(const bson_t *document, struct ledger_entry *entry,
                                 struct error *error);

/* Key, moment, and what is there of bookings and cancellations; the state stays {0}. */
MUST_CHECK bool mongo_entry_read_batch(const bson_t *document, struct ledger_entry *entry,
                                       struct error *error);

/* Without bookings and cancellations, which need not be in @document. ERROR_CORRUPT. */
MUST_CHECK bool mongo_entry_read_head(const bson_t *document, struct ledger_head *head,
                                      struct error *error);

/* Only `_id`. ERROR_CORRUPT. */
MUST_CHECK bool mongo_entry_read_key(const bson_t *document, struct ledger_key *key,
                                     struct error *error);

/* Append `name: {e, s}`, members in the order that the server compares. */
void mongo_append_key(bson_t *document, const char *name, const struct object_id *event_id,
                      int64_t sequence);

/* Append `_id: {$gte: {e, first}, $lte: {e, any}}`: a range on whole values, which `_id` serves. */
void mongo_append_key_range(bson_t *filter, const struct object_id *event_id, int64_t first);

#endif
