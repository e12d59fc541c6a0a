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

enum verdict {
    LANDED,
    LOST,      /* @error says why; it will not land later either */
    OPEN,      /* send it again */
    NOT_KNOWN, /* and will not be: too many changes came since */
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

/* What a majority has under our id. */
struct holder {
    bool is_there;
    bool has_token; /* ours */
    bool is_removed;
    bool has_forgotten; /* the token of its insert, after so many changes */
};

static void take_holder(const struct insertion *insertion, const bson_t *document,
                        struct holder *holder)
{
    bson_iter_t found;

    *holder = (struct holder){.is_there = true,
                              .has_token = mongo_document_holds_token(document, &insertion->token),
                              .is_removed = mongo_document_is_removed(document)};
    if (bson_iter_init_find(&found, document, "version"))
        holder->has_forgotten = bson_iter_as_int64(&found) > MONGO_TOKENS_MAX;
}

static bool read_holder(const struct insertion *insertion, struct holder *holder,
                        struct error *error)
{
    CLEANUP(bson_destroy) bson_t filter = BSON_INITIALIZER;
    CLEANUP(bson_destroyp)
    bson_t *options = mongo_json("{\"projection\": {\"w\": 1, \"removed\": 1, \"version\": 1}}");
    CLEANUP(mongo_cursor_close) struct mongo_cursor cursor = {0};
    const bson_t *document;

    mongo_append_id(&filter, "_id", &insertion->id);
    if (!mongo_find(insertion->pool, insertion->collection, &filter, options, &cursor, error))
        return false;
    if (mongo_cursor_next(&cursor, &document))
        take_holder(insertion, document, holder);
    return mongo_cursor_check(&cursor, error);
}

static bool read_key(const struct insertion *insertion, bool *is_taken, struct error *error)
{
    CLEANUP(bson_destroy) bson_t filter = BSON_INITIALIZER;
    CLEANUP(bson_destroyp) bson_t *options = mongo_json("{\"projection\": {\"_id\": 1}}");
    CLEANUP(mongo_cursor_close) struct mongo_cursor cursor = {0};
    const bson_t *document;

    if (!insertion->key)
        return true;
    mongo_append_key_hash(&filter, insertion->key->hash);
    if (!mongo_find(insertion->pool, insertion->collection, &filter, options, &cursor, error))
        return false;
    *is_taken = mongo_cursor_next(&cursor, &document);
    return mongo_cursor_check(&cursor, error);
}

/*
 * Who has the id or key that is taken; @was_sent: an attempt may have landed, or may yet. A taken key says more
 * than a taken id, so without an answer about it nothing is decided. Each look gives its connection back before
 * the next one asks for one.
 */
static enum verdict read_taken(const struct insertion *insertion, bool was_sent,
                               struct error *error)
{
    const struct object_id_hex hex = object_id_hex(&insertion->id);
    struct holder holder = {0};
    bool is_key_taken = false;

    if (!read_holder(insertion, &holder, error))
        return OPEN;
    if (holder.has_token)
        return LANDED;
    if (!read_key(insertion, &is_key_taken, error))
        return OPEN;
    if (is_key_taken)
        error_set(error, ERROR_CONFLICT, "the key was taken in the meantime");
    else if (!holder.is_there)
        return OPEN;
    else if (was_sent && holder.has_forgotten && !insertion->key) /* its key would have stayed */
        return NOT_KNOWN;
    else if (holder.is_removed)
        error_set(error, ERROR_GONE, "id %s was removed from %s", hex.text, insertion->collection);
    else
        error_set(error, ERROR_EXISTS, "id %s is taken in %s", hex.text, insertion->collection);
    return LOST;
}

/* What @outcome of one attempt decides. */
static enum verdict judge(const struct insertion *insertion, enum mongo_outcome outcome,
                          bool was_sent, struct error *error)
{
    switch (outcome) {
    case MONGO_DONE:
        return LANDED;
    case MONGO_TAKEN:
    case MONGO_REPEATED:
        return read_taken(insertion, was_sent, error);
    case MONGO_REFUSED:
    case MONGO_NOT_SENT:
        return was_sent ? OPEN : LOST;
    case MONGO_UNKNOWN:
        break;
    }
    return OPEN;
}

static bool insert_settled(const struct insertion *insertion, struct error *error)
{
    struct mongo_settle settle = {.limit_ms = MONGO_SETTLE_REQUEST_MS};
    enum verdict verdict = OPEN;
    bool was_sent = false;

    while (verdict == OPEN && mongo_settle_again(&settle)) {
        enum mongo_outcome outcome = attempt(insertion, error);

        was_sent = was_sent || outcome == MONGO_UNKNOWN;
        verdict = judge(insertion, outcome, was_sent, error);
    }
    if (verdict == LANDED || verdict == LOST)
        return verdict == LANDED;
    return error_set(error, ERROR_OUTCOME_UNKNOWN, "the database did not confirm in time");
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
