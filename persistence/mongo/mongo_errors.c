#include "persistence/mongo/mongo_errors.h"

#include <string.h>

enum {
    ANY = 0, /* as a domain or a code of a row */
    CODE_UNAUTHORIZED = 13,
    CODE_DUPLICATE_KEY = 11000
};

/* The first row that fits counts; what no row names is MONGO_UNKNOWN. */
static const struct {
    uint32_t domain;
    uint32_t code;
    enum mongo_outcome outcome;
} rows[] = {
    /*
     * Selecting a server and logging in come before the command is sent; the driver never retries.
     */
    {MONGOC_ERROR_SERVER_SELECTION, MONGOC_ERROR_SERVER_SELECTION_FAILURE, MONGO_NOT_SENT},
    {MONGOC_ERROR_SERVER_SELECTION, MONGOC_ERROR_SERVER_SELECTION_BAD_WIRE_VERSION, MONGO_NOT_SENT},
    {MONGOC_ERROR_CLIENT, MONGOC_ERROR_CLIENT_AUTHENTICATE, MONGO_NOT_SENT},

    /* The driver itself refuses, before sending. */
    {MONGOC_ERROR_BSON, ANY, MONGO_REFUSED},
    {MONGOC_ERROR_COMMAND, MONGOC_ERROR_COMMAND_INVALID_ARG, MONGO_REFUSED},

    {MONGOC_ERROR_SERVER, 2, MONGO_REFUSED}, /* BadValue */
    {MONGOC_ERROR_SERVER, 9, MONGO_REFUSED}, /* FailedToParse */
    {MONGOC_ERROR_SERVER, CODE_UNAUTHORIZED, MONGO_REFUSED},
    {MONGOC_ERROR_SERVER, 14, MONGO_REFUSED},    /* TypeMismatch */
    {MONGOC_ERROR_SERVER, 20, MONGO_REFUSED},    /* IllegalOperation */
    {MONGOC_ERROR_SERVER, 40, MONGO_REFUSED},    /* ConflictingUpdateOperators */
    {MONGOC_ERROR_SERVER, 59, MONGO_REFUSED},    /* CommandNotFound */
    {MONGOC_ERROR_SERVER, 66, MONGO_REFUSED},    /* ImmutableField */
    {MONGOC_ERROR_SERVER, 72, MONGO_REFUSED},    /* InvalidOptions */
    {MONGOC_ERROR_SERVER, 73, MONGO_REFUSED},    /* InvalidNamespace */
    {MONGOC_ERROR_SERVER, 85, MONGO_REFUSED},    /* IndexOptionsConflict */
    {MONGOC_ERROR_SERVER, 86, MONGO_REFUSED},    /* IndexKeySpecsConflict */
    {MONGOC_ERROR_SERVER, 121, MONGO_REFUSED},   /* DocumentValidationFailure */
    {MONGOC_ERROR_SERVER, 10334, MONGO_REFUSED}, /* BSONObjectTooLarge */
    {MONGOC_ERROR_SERVER, CODE_DUPLICATE_KEY, MONGO_TAKEN},
};

static enum mongo_outcome outcome_of(uint32_t domain, uint32_t code)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rows[i].domain == domain && (rows[i].code == code || rows[i].code == ANY))
            return rows[i].outcome;
    }
    return MONGO_UNKNOWN;
}

enum mongo_outcome mongo_outcome_of(const bson_error_t *error)
{
    return outcome_of(error->domain, error->code);
}

/* An array of @reply that has items. */
static bool find_items(const bson_t *reply, const char *name, bson_iter_t *items)
{
    bson_iter_t found;

    return bson_iter_init_find(&found, reply, name) && BSON_ITER_HOLDS_ARRAY(&found) &&
           bson_iter_recurse(&found, items) && bson_iter_next(items);
}

static int64_t count_of(const bson_t *reply, const char *name)
{
    bson_iter_t found;

    return bson_iter_init_find(&found, reply, name) ? bson_iter_as_int64(&found) : 0;
}

/* Each write of ours inserts, matches or upserts exactly one document. */
static int64_t n_landed(const bson_t *reply)
{
    return count_of(reply, "nInserted") + count_of(reply, "nMatched") +
           count_of(reply, "nUpserted");
}

/* The key that was taken is `_id` alone, or, with an old server, not told. */
static bool is_of_id(const bson_iter_t *item)
{
    bson_iter_t pattern;
    bson_iter_t key;

    if (!bson_iter_recurse(item, &pattern) || !bson_iter_find(&pattern, "keyPattern"))
        return true;
    return bson_iter_recurse(&pattern, &key) && bson_iter_next(&key) &&
           strcmp(bson_iter_key(&key), "_id") == 0 && !bson_iter_next(&key);
}

static int64_t number_in(const bson_iter_t *item, const char *name)
{
    bson_iter_t member;

    return bson_iter_recurse(item, &member) && bson_iter_find(&member, name)
               ? bson_iter_as_int64(&member)
               : -1;
}

static enum mongo_outcome outcome_of_item(const bson_iter_t *item)
{
    enum mongo_outcome outcome = outcome_of(MONGOC_ERROR_SERVER, (uint32_t)number_in(item, "code"));

    return outcome == MONGO_TAKEN && !is_of_id(item) ? MONGO_REPEATED : outcome;
}

static void set_all(enum mongo_outcome *outcomes, size_t n, enum mongo_outcome outcome)
{
    for (size_t i = 0; i < n; i++)
        outcomes[i] = outcome;
}

/*
 * Take the outcomes of those that @item and what follows it mention. True when each of these is a
 * fact about one write; the server ends a bulk early on any other error, such as a lost election.
 */
static bool take_mentioned(bson_iter_t *item, size_t n, enum mongo_outcome *outcomes,
                           size_t *n_mentioned)
{
    bool facts_only = true;

    do {
        int64_t index = number_in(item, "index");
        enum mongo_outcome outcome = outcome_of_item(item);

        if (outcome != MONGO_TAKEN && outcome != MONGO_REPEATED)
            facts_only = false;
        if (index < 0 || (size_t)index >= n)
            facts_only = false;
        else
            outcomes[index] = outcome;
        (*n_mentioned)++;
    } while (bson_iter_next(item));
    return facts_only;
}

void mongo_outcomes_of(bool ok, const bson_t *reply, const bson_error_t *error, size_t n,
                       enum mongo_outcome *outcomes)
{
    bson_iter_t item;
    size_t n_mentioned = 0;

    if (find_items(reply, "writeConcernErrors", &item)) {
        set_all(outcomes, n, MONGO_UNKNOWN);
        return;
    }
    if (!find_items(reply, "writeErrors", &item)) {
        set_all(outcomes, n, ok ? MONGO_DONE : mongo_outcome_of(error));
        return;
    }
    set_all(outcomes, n, MONGO_DONE);
    if (take_mentioned(&item, n, outcomes, &n_mentioned) &&
        n_landed(reply) + (int64_t)n_mentioned == (int64_t)n)
        return;
    for (size_t i = 0; i < n; i++) {
        if (outcomes[i] == MONGO_DONE)
            outcomes[i] = MONGO_UNKNOWN;
    }
}

/* Who lost a right in the midst of its work is given it back, and repeats; else it is our own mistake. */
static bool refuse(const bson_error_t *cause, struct error *error)
{
    bool may_pass = cause->domain == MONGOC_ERROR_SERVER && cause->code == CODE_UNAUTHORIZED;

    return error_set(error, may_pass ? ERROR_UNAVAILABLE : ERROR_INTERNAL, "%s", cause->message);
}

bool mongo_read_error(const bson_error_t *cause, struct error *error)
{
    if (mongo_outcome_of(cause) == MONGO_REFUSED)
        return refuse(cause, error);
    return error_set(error, ERROR_UNAVAILABLE, "%s", cause->message);
}

bool mongo_write_error(enum mongo_outcome outcome, const bson_error_t *cause, struct error *error)
{
    switch (outcome) {
    case MONGO_NOT_SENT:
        return error_set(error, ERROR_UNAVAILABLE, "%s", cause->message);
    case MONGO_TAKEN:
    case MONGO_REPEATED:
        return error_set(error, ERROR_EXISTS, "%s", cause->message);
    case MONGO_REFUSED:
        return refuse(cause, error);
    case MONGO_DONE:
    case MONGO_UNKNOWN:
        break;
    }
    return error_set(error, ERROR_OUTCOME_UNKNOWN, "%s", cause->message);
}
