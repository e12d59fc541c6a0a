#include "persistence/mongo/mongo_catalogue.h"
#include "persistence/mongo/mongo_documents.h"
#include "persistence/mongo/mongo_members.h"
#include "persistence/mongo/mongo_settle.h"

/* One document to be inserted, and whose attempt it is. */
struct insertion {
    const struct mongo_pool *pool;
    const char *collection;
    const bson_t *document;
    const struct catalogue_key *key; /* NULL: none */
    struct object_id id;
    struct object_id token;
};

static enum mongo_outcome attempt(const struct insertion *insertion, struct error *error)
{
    CLEANUP(mongo_bulk_close) struct mongo_bulk bulk = {0};
    enum mongo_outcome outcome;
    bson_error_t cause;

    if (!mongo_bulk_open(insertion->pool, insertion->collection, &bulk, error))
        return MONGO_NOT_SENT;
    mongo_bulk_insert(&bulk, insertion->document);
    mongo_bulk_execute(&bulk, &outcome, &cause);
    if (outcome != MONGO_DONE)
        mongo_write_error(outcome, &cause, error);
    return outcome;
}

/* The document that has our id, if a majority has one; false also when it cannot be asked. */
static bool read_id(const struct insertion *insertion, struct mongo_cursor *cursor,
                    const bson_t **document, struct error *error)
{
    CLEANUP(bson_destroy) bson_t filter = BSON_INITIALIZER;
    CLEANUP(bson_destroyp)
    bson_t *options = mongo_json("{\"projection\": {\"w\": 1, \"removed\": 1}}");

    mongo_append_id(&filter, "_id", &insertion->id);
    return mongo_find(insertion->pool, insertion->collection, &filter, options, cursor, error) &&
           mongo_cursor_next(cursor, document);
}

static bool is_key_taken(const struct insertion *insertion, struct error *error)
{
    CLEANUP(bson_destroy) bson_t filter = BSON_INITIALIZER;
    CLEANUP(mongo_cursor_close) struct mongo_cursor cursor = {0};
    const bson_t *document;

    if (!insertion->key)
        return false;
    mongo_append_key_hash(&filter, insertion->key->hash);
    return mongo_find(insertion->pool, insertion->collection, &filter, NULL, &cursor, error) &&
           mongo_cursor_next(&cursor, &document);
}

/*
 * Who has the id or key that is taken: MONGO_DONE when it is this attempt, MONGO_UNKNOWN when a majority
 * has neither, or cannot be asked.
 */
static enum mongo_outcome read_taken(const struct insertion *insertion, struct error *error)
{
    const struct object_id_hex hex = object_id_hex(&insertion->id);
    CLEANUP(mongo_cursor_close) struct mongo_cursor cursor = {0};
    const bson_t *document = NULL;
    bool is_id_taken = read_id(insertion, &cursor, &document, error);

    if (is_id_taken && mongo_document_holds_token(document, &insertion->token))
        return MONGO_DONE;
    if (is_key_taken(insertion, error))
        error_set(error, ERROR_CONFLICT, "the key was taken in the meantime");
    else if (!is_id_taken)
        return MONGO_UNKNOWN;
    else if (mongo_document_is_removed(document))
        error_set(error, ERROR_GONE, "id %s was removed from %s", hex.text, insertion->collection);
    else
        error_set(error, ERROR_EXISTS, "id %s is taken in %s", hex.text, insertion->collection);
    return MONGO_TAKEN;
}

/* Whether @outcome ends the attempts; MONGO_NOT_SENT does only when nothing was sent before. */
static bool is_final(enum mongo_outcome outcome, bool was_sent)
{
    switch (outcome) {
    case MONGO_DONE:
    case MONGO_TAKEN:
    case MONGO_REPEATED:
    case MONGO_REFUSED:
        return true;
    case MONGO_NOT_SENT:
        return !was_sent;
    case MONGO_UNKNOWN:
        break;
    }
    return false;
}

static bool insert_settled(const struct insertion *insertion, struct error *error)
{
    struct mongo_settle settle = {.limit_ms = MONGO_SETTLE_REQUEST_MS};
    enum mongo_outcome outcome;
    bool was_sent = false;

    while (mongo_settle_again(&settle)) {
        outcome = attempt(insertion, error);
        if (outcome == MONGO_TAKEN || outcome == MONGO_REPEATED)
            outcome = read_taken(insertion, error);
        if (is_final(outcome, was_sent))
            return outcome == MONGO_DONE;
        was_sent = true;
    }
    return error_set(error, ERROR_UNKNOWN_OUTCOME, "the database did not confirm in time");
}

bool mongo_insert_settled(const struct mongo_pool *pool, const char *collection, bson_t *document,
                          const struct mongo_news *news, struct error *error)
{
    struct insertion insertion = {.pool = pool,
                                  .collection = collection,
                                  .document = document,
                                  .key = news->key,
                                  .token = object_id_random()};

    if (!mongo_document_id(document, &insertion.id, error))
        return false;
    mongo_token_append(document, &insertion.token);
    if (news->key)
        mongo_key_append(document, news->key);
    mongo_outbox_append(document, news->message);
    mongo_said_append(document, news->message);
    return insert_settled(&insertion, error);
}
