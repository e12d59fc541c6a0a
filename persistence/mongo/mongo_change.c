/*
 * Changes of one document: `{_id, version: v}` becomes version v + 1. Of many who start from v one wins;
 * whether it was this attempt, its token in `w` tells for sixteen changes.
 */
#include "persistence/mongo/mongo_catalogue.h"
#include "persistence/mongo/mongo_documents.h"
#include "persistence/mongo/mongo_members.h"
#include "persistence/mongo/mongo_settle.h"

/* A document has room while it lacks the last item of a full outbox. */
static const char has_room[] = "{\"outbox.63\": {\"$exists\": false}}";
_Static_assert(OUTBOX_MESSAGES_MAX == 64, "has_room names the last item");

struct change {
    const struct mongo_pool *pool;
    const char *collection;
    const bson_t *update;
    struct object_id id;
    int64_t version; /* the new one */
    struct object_id token;
};

enum verdict {
    LANDED,
    LOST,      /* @error says why; it will not land later either */
    OPEN,      /* still the version before: send it again */
    NOT_KNOWN, /* and will not be: too many changes came since */
};

static enum mongo_outcome send_once(const struct change *change, mongoc_collection_t *collection,
                                    bool *matched, struct error *error)
{
    CLEANUP(bson_destroyp) bson_t *filter = mongo_json(has_room);
    CLEANUP(bson_destroy) bson_t reply;
    enum mongo_outcome outcome;
    bson_error_t cause = {0};
    bson_iter_t found;
    bool ok;

    mongo_append_id(filter, "_id", &change->id);
    BSON_APPEND_INT64(filter, "version", change->version - 1);
    BSON_APPEND_BOOL(filter, "removed", false);
    ok = mongoc_collection_update_one(collection, filter, change->update, NULL, &reply, &cause);
    mongo_outcomes_of(ok, &reply, &cause, 1, &outcome);
    if (outcome != MONGO_DONE)
        mongo_write_error(outcome, &cause, error);
    *matched =
        bson_iter_init_find(&found, &reply, "matchedCount") && bson_iter_as_int64(&found) == 1;
    return outcome;
}

/* Sets @matched when the document was there as expected. */
static enum mongo_outcome attempt(const struct change *change, bool *matched, struct error *error)
{
    CLEANUP(mongo_collection_close) struct mongo_collection collection = {0};

    if (!mongo_collection_open(change->pool, change->collection, &collection, error))
        return MONGO_NOT_SENT;
    return send_once(change, collection.handle, matched, error);
}

static bool is_full(const bson_t *document)
{
    struct mongo_items items;

    return mongo_items_find(document, "outbox", &items, NULL) &&
           items.n_items >= OUTBOX_MESSAGES_MAX;
}

static enum verdict lose(const struct change *change, enum error_code code, const char *why,
                         struct error *error)
{
    error_set(error, code, "%s %s", object_id_hex(&change->id).text, why);
    return LOST;
}

/* @was_sent: an attempt with an unknown outcome may yet land, so a full outbox proves nothing. */
static enum verdict judge(const struct change *change, const bson_t *document, bool was_sent,
                          struct error *error)
{
    bson_iter_t found;
    int64_t version;

    if (mongo_document_holds_token(document, &change->token))
        return LANDED;
    if (!bson_iter_init_find(&found, document, "version") || !BSON_ITER_HOLDS_INT(&found))
        return lose(change, ERROR_CORRUPT, "has a version that is no integer", error);
    version = bson_iter_as_int64(&found);
    if (was_sent && version >= change->version + MONGO_TOKENS_MAX)
        return NOT_KNOWN;
    if (mongo_document_is_removed(document))
        return lose(change, ERROR_GONE, "was removed", error);
    if (version != change->version - 1)
        return lose(change, ERROR_CONFLICT, "was changed in the meantime", error);
    if (was_sent || !is_full(document))
        return OPEN;
    return lose(change, ERROR_BUSY, "has too many messages waiting", error);
}

static enum verdict read_verdict(const struct change *change, bool was_sent, struct error *error)
{
    CLEANUP(bson_destroy) bson_t filter = BSON_INITIALIZER;
    CLEANUP(bson_destroyp)
    bson_t *options =
        mongo_json("{\"projection\": {\"w\": 1, \"removed\": 1, \"version\": 1, \"outbox.v\": 1}}");
    CLEANUP(mongo_cursor_close) struct mongo_cursor cursor = {0};
    const bson_t *document;

    mongo_append_id(&filter, "_id", &change->id);
    if (!mongo_find(change->pool, change->collection, &filter, options, &cursor, error))
        return OPEN;
    if (mongo_cursor_next(&cursor, &document))
        return judge(change, document, was_sent, error);
    if (!mongo_cursor_check(&cursor, error))
        return OPEN;
    return lose(change, ERROR_NOT_FOUND, "is not there", error);
}

/* The filter has the version before, so that of all attempts one at most lands. */
static bool change_settled(const struct change *change, struct error *error)
{
    struct mongo_settle settle = {.limit_ms = MONGO_SETTLE_REQUEST_MS};
    enum verdict verdict = OPEN;
    bool was_sent = false;

    while (verdict != NOT_KNOWN && mongo_settle_again(&settle)) {
        bool matched = false;
        enum mongo_outcome outcome = attempt(change, &matched, error);

        if (outcome == MONGO_DONE && matched)
            return true;
        if ((outcome == MONGO_REFUSED || outcome == MONGO_NOT_SENT) && !was_sent)
            return false;
        if (outcome == MONGO_DONE)
            verdict = read_verdict(change, was_sent, error);
        else
            was_sent = true;
        if (verdict == LANDED || verdict == LOST)
            return verdict == LANDED;
    }
    return error_set(error, ERROR_OUTCOME_UNKNOWN, "the database did not confirm in time");
}

/* ---- updates ---- */

static void append_pushes(bson_t *update, const struct object_id *token,
                          const struct outbox_message *message)
{
    CLEANUP(bson_destroy) bson_t outbox = BSON_INITIALIZER;
    bson_iter_t items;
    bson_t push;
    bson_t tokens;
    bson_t each;

    mongo_outbox_append(&outbox, message);
    bson_iter_init_find(&items, &outbox, "outbox");
    BSON_APPEND_DOCUMENT_BEGIN(update, "$push", &push);
    BSON_APPEND_DOCUMENT_BEGIN(&push, "w", &tokens);
    BSON_APPEND_ARRAY_BEGIN(&tokens, "$each", &each);
    mongo_append_id(&each, "0", token);
    bson_append_array_end(&tokens, &each);
    BSON_APPEND_INT32(&tokens, "$slice", -MONGO_TOKENS_MAX);
    bson_append_document_end(&push, &tokens);
    BSON_APPEND_DOCUMENT_BEGIN(&push, "outbox", &tokens);
    bson_append_iter(&tokens, "$each", -1, &items);
    bson_append_document_end(&push, &tokens);
    bson_append_document_end(update, &push);
}

/* The filter has the old version, so setting the new one is adding one. */
static bool change_document(struct catalogue_store *store, const bson_t *members,
                            const bson_t *absent, const struct outbox_message *message,
                            struct error *error)
{
    CLEANUP(bson_destroy) bson_t update = BSON_INITIALIZER;
    CLEANUP(bson_destroy) bson_t set = BSON_INITIALIZER;
    const struct change change = {
        .pool = mongo_catalogue_pool(store, MONGO_REQUESTS),
        .collection = mongo_collection_of(message->kind),
        .update = &update,
        .id = message->subject,
        .version = message->version,
        .token = object_id_random(),
    };

    bson_concat(&set, members);
    mongo_said_append(&set, message);
    BSON_APPEND_DOCUMENT(&update, "$set", &set);
    if (!bson_empty(absent))
        BSON_APPEND_DOCUMENT(&update, "$unset", absent);
    append_pushes(&update, &change.token, message);
    return change_settled(&change, error);
}

bool mongo_catalogue_change_event(struct catalogue_store *store, const struct event *event,
                                  const struct outbox_message *message, struct error *error)
{
    CLEANUP(bson_destroy) bson_t members = BSON_INITIALIZER;
    CLEANUP(bson_destroy) bson_t absent = BSON_INITIALIZER;

    mongo_event_append(&members, event);
    mongo_event_append_absent(&absent, &members);
    return change_document(store, &members, &absent, message, error);
}

bool mongo_catalogue_change_location(struct catalogue_store *store, const struct location *location,
                                     const struct outbox_message *message, struct error *error)
{
    CLEANUP(bson_destroy) bson_t members = BSON_INITIALIZER;
    CLEANUP(bson_destroy) bson_t absent = BSON_INITIALIZER;

    mongo_location_append(&members, location);
    mongo_location_append_absent(&absent, &members);
    return change_document(store, &members, &absent, message, error);
}

/* Name and address stay, for whoever still shows them. */
bool mongo_catalogue_remove(struct catalogue_store *store, const struct outbox_message *message,
                            struct error *error)
{
    CLEANUP(bson_destroy) bson_t members = BSON_INITIALIZER;
    CLEANUP(bson_destroy) bson_t absent = BSON_INITIALIZER;

    BSON_APPEND_INT64(&members, "version", message->version);
    BSON_APPEND_BOOL(&members, "removed", true);
    return change_document(store, &members, &absent, message, error);
}
