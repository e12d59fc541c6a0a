/* The documents of events, locations, their outbox and sales. README.md shows one of each. */
#ifndef EVENTS_PERSISTENCE_MONGO_DOCUMENTS_H
#define EVENTS_PERSISTENCE_MONGO_DOCUMENTS_H

#include "persistence/catalogue_store.h"

#include <bson/bson.h>

/* Append the members of an event or location: `_id`, `version` and `removed: false` among them. */
void mongo_event_append(bson_t *document, const struct event *event);
void mongo_location_append(bson_t *document, const struct location *location);

/* ERROR_CORRUPT names the member. Other members than those of the struct are passed over. */
MUST_CHECK bool mongo_event_read(const bson_t *document, struct event *event, struct error *error);

/* ERROR_CORRUPT, ERROR_MEMORY. location_clear() afterwards. */
MUST_CHECK bool mongo_location_read(const bson_t *document, struct location *location,
                                    struct error *error);

/* What only a removal has brought: a document of `_id`, `version` and `removed`. */
bool mongo_document_is_removed(const bson_t *document);
bool mongo_document_is_bare(const bson_t *document);

/* `_id` as an id. ERROR_CORRUPT. */
MUST_CHECK bool mongo_document_id(const bson_t *document, struct object_id *id,
                                  struct error *error);

/*
 * Append the names of those members that a document of the kind may lack and that @members, made by
 * the functions above, does lack.
 */
void mongo_event_append_absent(bson_t *names, const bson_t *members);
void mongo_location_append_absent(bson_t *names, const bson_t *members);

/* Append `w: [token]` and `outbox: [message]`; whether `w` holds @token. */
void mongo_token_append(bson_t *document, const struct object_id *token);
void mongo_outbox_append(bson_t *document, const struct outbox_message *message);

/* Append `said: message`: what is kept of the present version's message when it has left the outbox. */
void mongo_said_append(bson_t *document, const struct outbox_message *message);

/* outbox_message_clear(); without `said` only kind, subject and version are set. ERROR_CORRUPT. */
MUST_CHECK bool mongo_said_read(const bson_t *document, enum outbox_kind kind,
                                struct outbox_message *message, struct error *error);
bool mongo_document_holds_token(const bson_t *document, const struct object_id *token);

/*
 * Append copies of all messages in the outbox of @document, which is of @kind, to a list:
 * ERROR_CORRUPT, ERROR_MEMORY. The caller clears the list, also after a failure.
 */
struct outbox_list {
    struct outbox_message *messages; /* owned */
    size_t n_messages;
    size_t capacity;
};

MUST_CHECK bool mongo_outbox_read(const bson_t *document, enum outbox_kind kind,
                                  struct outbox_list *list, struct error *error);
void outbox_list_clear(struct outbox_list *list);

/* A sale: `_id`, `entry`, `sold`. */
MUST_CHECK bool mongo_sale_read(const bson_t *document, struct sale_heard *sale,
                                struct error *error);

#endif
