/* Users, listed by `_id`: no index of their own. */
#include "base/memory.h"
#include "persistence/mongo/mongo_database.h"
#include "persistence/mongo/mongo_documents.h"
#include "persistence/mongo/mongo_members.h"
#include "persistence/mongo/mongo_settle.h"

#define MONGO_USERS "users"

/* A last attempt may wait as long again as the driver does, and a client has been promised 2 s. */
enum {
    INSERT_MS = 600
};

static const struct mongo_member members[] = {
    MONGO_MEMBER("_id", MONGO_ID, MONGO_WRITTEN, struct user, id),
    MONGO_MEMBER("first", MONGO_TEXT, MONGO_WRITTEN, struct user, first),
    MONGO_MEMBER("last", MONGO_TEXT, MONGO_ABSENT, struct user, last),
    MONGO_NUMBER("age", MONGO_INT64, MONGO_ABSENT, struct user, age, 0, 0, AGE_MAX),
};
static const struct mongo_record record = MONGO_RECORD(members, struct user);

static const struct mongo_pool *pool_of(struct user_store *store)
{
    return &CONTAINER_OF(store, struct mongo_database, user)->pools[MONGO_REQUESTS];
}

/* The collection comes with its first document. */
static bool mongo_user_prepare(struct user_store *store, struct error *error)
{
    (void)store;
    (void)error;
    return true;
}

static bool read_document(const bson_t *document, struct user *user, struct error *error)
{
    struct user read = {0};
    bson_iter_t iter;

    bson_iter_init(&iter, document);
    if (!mongo_record_read(&iter, &record, &read, error))
        return error_wrap(error, "user %s", object_id_hex(&read.id).text);
    *user = read;
    return true;
}

static bool mongo_user_user(struct user_store *store, const struct object_id *id, struct user *user,
                            struct error *error)
{
    CLEANUP(bson_destroy) bson_t filter = BSON_INITIALIZER;
    CLEANUP(mongo_cursor_close) struct mongo_cursor cursor = {0};
    const bson_t *document;

    mongo_append_id(&filter, "_id", id);
    if (!mongo_find(pool_of(store), MONGO_USERS, &filter, NULL, &cursor, error))
        return false;
    if (mongo_cursor_next(&cursor, &document))
        return read_document(document, user, error);
    return mongo_cursor_check(&cursor, error) &&
           error_set(error, ERROR_NOT_FOUND, "there is no user %s", object_id_hex(id).text);
}

/* ---- inserting ---- */

static enum mongo_outcome attempt(const struct mongo_pool *pool, const struct user *user,
                                  struct error *error)
{
    CLEANUP(bson_destroy) bson_t document = BSON_INITIALIZER;
    CLEANUP(mongo_bulk_close) struct mongo_bulk bulk = {0};
    enum mongo_outcome outcome;
    bson_error_t cause;

    if (!mongo_bulk_open(pool, MONGO_USERS, &bulk, error))
        return MONGO_NOT_SENT;
    mongo_record_append(&document, &record, user);
    mongo_bulk_insert(&bulk, &document);
    mongo_bulk_execute(&bulk, &outcome, &cause);
    if (outcome != MONGO_DONE)
        mongo_write_error(outcome, &cause, error);
    return outcome;
}

/* Users do not change, so what a majority has under the id tells whose it is. */
static enum mongo_outcome read_taken(struct user_store *store, const struct user *user,
                                     struct error *error)
{
    struct user stored;

    if (!mongo_user_user(store, &user->id, &stored, error))
        return MONGO_UNKNOWN;
    if (user_equal(&stored, user))
        return MONGO_DONE;
    error_set(error, ERROR_EXISTS, "id %s is another user's", object_id_hex(&user->id).text);
    return MONGO_TAKEN;
}

/* What is there after an attempt of ours with an unknown outcome is taken for ours. */
static bool mongo_user_insert(struct user_store *store, const struct user *user, bool *existed,
                              struct error *error)
{
    struct mongo_settle settle = {.limit_ms = INSERT_MS};
    enum mongo_outcome outcome;
    bool was_taken;
    bool was_sent = false;

    while (mongo_settle_again(&settle)) {
        outcome = attempt(pool_of(store), user, error);
        was_taken = outcome == MONGO_TAKEN;
        if (was_taken)
            outcome = read_taken(store, user, error);
        if (outcome == MONGO_DONE) {
            *existed = was_taken && !was_sent;
            return true;
        }
        if (outcome != MONGO_UNKNOWN && (outcome != MONGO_NOT_SENT || !was_sent))
            return false;
        was_sent = true;
    }
    return error_set(error, ERROR_OUTCOME_UNKNOWN, "the database did not confirm in time");
}

/* ---- pages ---- */

struct listing {
    struct user *users; /* owned */
    size_t n_users;
    struct error corrupt; /* of those that are left out */
};

static void listing_clear(struct listing *listing)
{
    memory_free(listing->users);
}

/* Only ids of our kind are within the range, so that each step comes nearer to its end. */
static void append_page(bson_t *filter, const struct user_page *page)
{
    bson_t range;

    BSON_APPEND_DOCUMENT_BEGIN(filter, "_id", &range);
    mongo_append_id(&range, page->has_after ? "$gt" : "$gte", &page->after_id);
    bson_append_document_end(filter, &range);
}

/* @page moves on behind the user; the number of those wanted sinks when it is listed. */
static bool list_one(const bson_t *document, struct user_page *page, struct listing *listing,
                     struct error *error)
{
    if (!mongo_document_id(document, &page->after_id, error))
        return false;
    page->has_after = true;
    if (read_document(document, &listing->users[listing->n_users], &listing->corrupt)) {
        listing->n_users++;
        page->limit--;
    }
    return true;
}

/* The next few users of @page; its limit becomes 0 at the end. */
static bool list_some(const struct mongo_pool *pool, struct user_page *page,
                      struct listing *listing, struct error *error)
{
    CLEANUP(bson_destroy) bson_t filter = BSON_INITIALIZER;
    CLEANUP(bson_destroyp) bson_t *options = mongo_json("{\"sort\": {\"_id\": 1}}");
    CLEANUP(mongo_cursor_close) struct mongo_cursor cursor = {0};
    const size_t limit = page->limit;
    const bson_t *document;
    size_t n_found = 0;

    append_page(&filter, page);
    BSON_APPEND_INT64(options, "limit", (int64_t)limit);
    if (!mongo_find(pool, MONGO_USERS, &filter, options, &cursor, error))
        return false;
    for (; n_found < limit && mongo_cursor_next(&cursor, &document); n_found++) {
        if (!list_one(document, page, listing, error))
            return false;
    }
    if (n_found < limit)
        page->limit = 0;
    return mongo_cursor_check(&cursor, error);
}

/* Gathered first: the visit must not hold a connection. */
static bool list(const struct mongo_pool *pool, const struct user_page *page,
                 struct listing *listing, struct error *error)
{
    struct user_page rest = *page;

    listing->users = memory_array(page->limit, sizeof(*listing->users), error);
    if (!listing->users)
        return false;
    while (rest.limit > 0) {
        if (!list_some(pool, &rest, listing, error))
            return false;
    }
    return true;
}

static bool mongo_user_users(struct user_store *store, const struct user_page *page,
                             user_visit *visit, void *context, struct error *error)
{
    CLEANUP(listing_clear) struct listing listing = {0};

    if (!list(pool_of(store), page, &listing, error))
        return false;
    for (size_t i = 0; i < listing.n_users; i++) {
        if (!visit(context, &listing.users[i], error))
            return false;
    }
    return listing.corrupt.code == ERROR_NONE ||
           error_set(error, listing.corrupt.code, "%s", listing.corrupt.text);
}

const struct user_store_ops mongo_user_ops = {
    .prepare = mongo_user_prepare,
    .insert = mongo_user_insert,
    .user = mongo_user_user,
    .users = mongo_user_users,
};
