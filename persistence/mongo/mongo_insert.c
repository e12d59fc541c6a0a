#include "persistence/mongo/mongo_catalogue.h"
#include "persistence/mongo/mongo_documents.h"
#include "persistence/mongo/mongo_members.h"
#include "persistence/mongo/mongo_settle.h"

/* One document to be inserted, and whose attempt it is. */
struct insertion {
    const struct mongo_pool *pool;
    const char *collection;
    const bson_t *document;
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

static bool holds_token(const bson_t *document, const struct object_id *token)
{
    bson_iter_t found;
    bson_iter_t tokens;
    struct object_id id;

    if (!bson_iter_init_find(&found, document, "w") || !BSON_ITER_HOLDS_ARRAY(&found) ||
        !bson_iter_recurse(&found, &tokens))
        return false;
    while (bson_iter_next(&tokens)) {
        if (!BSON_ITER_HOLDS_OID(&tokens))
            continue;
        id = mongo_id_of(&tokens);
        if (object_id_equal(&id, token))
            return true;
    }
    return false;
}

/* Who has the id that is taken: MONGO_DONE when it is this attempt. */
static enum mongo_outcome judge(const struct insertion *insertion, const bson_t *document,
                                struct error *error)
{
    const struct object_id_hex hex = object_id_hex(&insertion->id);

    if (holds_token(document, &insertion->token))
        return MONGO_DONE;
    if (mongo_document_is_removed(document))
        error_set(error, ERROR_GONE, "id %s was removed from %s", hex.text, insertion->collection);
    else
        error_set(error, ERROR_EXISTS, "id %s is taken in %s", hex.text, insertion->collection);
    return MONGO_TAKEN;
}

/* MONGO_UNKNOWN when a majority does not have the document, or cannot be asked. */
static enum mongo_outcome read_taken(const struct insertion *insertion, struct error *error)
{
    CLEANUP(bson_destroy) bson_t filter = BSON_INITIALIZER;
    CLEANUP(bson_destroyp)
    bson_t *options = mongo_json("{\"projection\": {\"w\": 1, \"removed\": 1}}");
    CLEANUP(mongo_cursor_close) struct mongo_cursor cursor = {0};
    const bson_t *document;

    mongo_append_id(&filter, "_id", &insertion->id);
    if (mongo_find(insertion->pool, insertion->collection, &filter, options, &cursor, error) &&
        mongo_cursor_next(&cursor, &document))
        return judge(insertion, document, error);
    return MONGO_UNKNOWN;
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

/* A last attempt may wait as long again as the driver does, and a client has been promised 2 s. */
bool mongo_insert_settled(const struct mongo_pool *pool, const char *collection,
                          const bson_t *document, const struct object_id *token,
                          struct error *error)
{
    struct insertion insertion = {
        .pool = pool, .collection = collection, .document = document, .token = *token};
    struct mongo_settle settle = {.limit_ms = 600};
    enum mongo_outcome outcome;
    bool was_sent = false;

    if (!mongo_document_id(document, &insertion.id, error))
        return false;
    while (mongo_settle_again(&settle)) {
        outcome = attempt(&insertion, error);
        if (outcome == MONGO_TAKEN)
            outcome = read_taken(&insertion, error);
        if (is_final(outcome, was_sent))
            return outcome == MONGO_DONE;
        was_sent = true;
    }
    return error_set(error, ERROR_UNKNOWN_OUTCOME, "the database did not confirm in time");
}
