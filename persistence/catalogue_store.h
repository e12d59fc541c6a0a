/*
 * The event service's truth: one document per event and location, holding state, version, attempt
 * tokens and the outbox of messages that the broker has not confirmed yet (design: one write, one
 * truth). Errors beside those of database.h are named at each call.
 */
#ifndef EVENTS_PERSISTENCE_CATALOGUE_STORE_H
#define EVENTS_PERSISTENCE_CATALOGUE_STORE_H

#include "base/random.h"
#include "persistence/catalogue_scan.h"
#include "persistence/database.h"
#include "persistence/event_view.h"
#include "persistence/outbox.h"

/* Make the indexes. Waits for the server. */
MUST_CHECK bool catalogue_store_prepare(struct catalogue_store *store, struct error *error);

/* An Idempotency-Key that something was created under. */
struct catalogue_key {
    uint8_t hash[HASH_BYTES]; /* of key and route */
    uint64_t fingerprint;     /* of what the request meant */
};

/*
 * Store a new event or location (version 1) together with the message that announces it, and with
 * @key unless that is NULL. An unknown outcome is settled inside, within about 1.5 s, by sending the
 * same document again and reading. ERROR_EXISTS: the id is taken by another document. ERROR_GONE: by
 * a removed one. ERROR_CONFLICT: the key was taken in the meantime, ask for it again.
 */
MUST_CHECK bool catalogue_store_insert_event(struct catalogue_store *store,
                                             const struct event *event,
                                             const struct catalogue_key *key,
                                             const struct outbox_message *message,
                                             struct error *error);
MUST_CHECK bool catalogue_store_insert_location(struct catalogue_store *store,
                                                const struct location *location,
                                                const struct catalogue_key *key,
                                                const struct outbox_message *message,
                                                struct error *error);

/* What was created under the key with this hash, removed or not: its id, and the request's fingerprint. */
struct catalogue_keyed {
    struct object_id id;
    uint64_t fingerprint;
};

/* ERROR_NOT_FOUND. */
MUST_CHECK bool catalogue_store_find_key(struct catalogue_store *store, enum outbox_kind kind,
                                         const uint8_t hash[HASH_BYTES],
                                         struct catalogue_keyed *keyed, struct error *error);

/*
 * Replace the state of an event or location that has the version before that of @event or @location,
 * together with the message that announces it; or make it a tombstone, which keeps what others show
 * of it. Settled inside like an insert: whatever comes back but ERROR_OUTCOME_UNKNOWN is certain.
 * ERROR_CONFLICT: the version is another one, read again. ERROR_NOT_FOUND. ERROR_GONE: removed.
 * ERROR_BUSY: OUTBOX_MESSAGES_MAX messages of it wait already.
 */
MUST_CHECK bool catalogue_store_change_event(struct catalogue_store *store,
                                             const struct event *event,
                                             const struct outbox_message *message,
                                             struct error *error);
MUST_CHECK bool catalogue_store_change_location(struct catalogue_store *store,
                                                const struct location *location,
                                                const struct outbox_message *message,
                                                struct error *error);

/* Which one, and its new version: those of @message. */
MUST_CHECK bool catalogue_store_remove(struct catalogue_store *store,
                                       const struct outbox_message *message, struct error *error);

/* ERROR_NOT_FOUND, also for what was removed. The caller clears @view or @location. */
MUST_CHECK bool catalogue_store_event(struct catalogue_store *store, const struct object_id *id,
                                      struct event_view *view, struct error *error);
MUST_CHECK bool catalogue_store_location(struct catalogue_store *store, const struct object_id *id,
                                         struct location *location, struct error *error);

/* A page of what is there, without removed ones. */
MUST_CHECK bool catalogue_store_events(struct catalogue_store *store, const struct event_page *page,
                                       event_visit *visit, void *context, struct error *error);
MUST_CHECK bool catalogue_store_locations(struct catalogue_store *store,
                                          const struct location_page *page, location_visit *visit,
                                          void *context, struct error *error);

/*
 * A page of all documents, tombstones and those that break their rules included. No snapshot: what
 * changes meanwhile is visited as it was or as it became.
 */
MUST_CHECK bool catalogue_store_scan(struct catalogue_store *store,
                                     const struct catalogue_scan *scan, catalogue_item_visit *visit,
                                     void *context, struct error *error);

/*
 * The message of each document's present version, as it was first sent, whether or not it waits still: as
 * catalogue_store_scan(), and removed ones too. One that was stored by a program which did not keep
 * it has no body, and no name and time. For other programs: the memory backend answers
 * ERROR_UNSUPPORTED.
 */
typedef bool outbox_visit(void *context, const struct outbox_message *message, struct error *error);
MUST_CHECK bool catalogue_store_said(struct catalogue_store *store,
                                     const struct catalogue_scan *scan, outbox_visit *visit,
                                     void *context, struct error *error);

/* What was heard of an event's sale. Only a higher entry replaces what is known. */
struct sale_heard {
    struct object_id event_id;
    int64_t entry;
    int64_t seats_sold;
    bool known;   /* out: there is such an event in the catalogue */
    bool changed; /* out: it was news */
};
/* Which memory of sales this is, as copy_store_generation() says it of a copy. */
MUST_CHECK bool catalogue_store_sales_generation(struct catalogue_store *store,
                                                 uint64_t *generation, struct error *error);

MUST_CHECK bool catalogue_store_hear_sales(struct catalogue_store *store, struct sale_heard *sales,
                                           size_t n_sales, struct error *error);

/*
 * Messages not yet confirmed, oldest first, at most @limit; starts at a random place when there are
 * more, so that several replicas do not all take the same ones. Each visited message is borrowed. ERROR_CORRUPT
 * when one cannot be read: the others were visited.
 */
MUST_CHECK bool catalogue_store_unpublished(struct catalogue_store *store, size_t limit,
                                            outbox_visit *visit, void *context,
                                            struct error *error);

/* Take confirmed messages out of their documents; @messages need kind, subject and version. */
MUST_CHECK bool catalogue_store_mark(struct catalogue_store *store,
                                     const struct outbox_message *const messages[],
                                     size_t n_messages, struct error *error);

#endif
