#include "persistence/mongo/mongo_rise.h"

#include "base/memory.h"
#include "persistence/mongo/mongo_documents.h"
#include "persistence/mongo/mongo_members.h"
#include "persistence/mongo/mongo_settle.h"

bool mongo_rise_list_make(struct mongo_rise_list *list, const char *collection, const char *member,
                          size_t n_rises, struct error *error)
{
    struct mongo_rise *rises = memory_array(n_rises, sizeof(*rises), error);

    if (!rises)
        return false;
    *list = (struct mongo_rise_list){
        .collection = collection, .member = member, .rises = rises, .n_rises = n_rises};
    return true;
}

void mongo_rise_list_clear(struct mongo_rise_list *list)
{
    for (size_t i = 0; i < list->n_rises; i++) {
        if (list->rises[i].document)
            bson_destroy(list->rises[i].document);
    }
    memory_free(list->rises);
    *list = (struct mongo_rise_list){0};
}

/* ---- one bulk ---- */

/* Some of a list, in one bulk. */
struct batch {
    const struct mongo_pool *pool;
    const struct mongo_rise_list *list;
    struct mongo_rise *rises[MONGO_BULK_MAX];
    enum mongo_outcome outcomes[MONGO_BULK_MAX];
    size_t n_rises;
};

static void append_lower(bson_t *filter, const char *member, int64_t number)
{
    bson_t lower;

    BSON_APPEND_DOCUMENT_BEGIN(filter, member, &lower);
    BSON_APPEND_INT64(&lower, "$lt", number);
    bson_append_document_end(filter, &lower);
}

/* A lower number, or the same with a lower minor one. */
static void append_lower_of_two(bson_t *filter, const struct mongo_rise_list *list,
                                const struct mongo_rise *rise)
{
    bson_t array;
    bson_t branch;

    BSON_APPEND_ARRAY_BEGIN(filter, "$or", &array);
    BSON_APPEND_DOCUMENT_BEGIN(&array, "0", &branch);
    append_lower(&branch, list->member, rise->number);
    bson_append_document_end(&array, &branch);
    BSON_APPEND_DOCUMENT_BEGIN(&array, "1", &branch);
    BSON_APPEND_INT64(&branch, list->member, rise->number);
    append_lower(&branch, list->minor, rise->minor);
    bson_append_document_end(&array, &branch);
    bson_append_array_end(filter, &array);
}

static void add_rise(struct mongo_bulk *bulk, const struct mongo_rise_list *list,
                     const struct mongo_rise *rise)
{
    CLEANUP(bson_destroy) bson_t filter = BSON_INITIALIZER;

    mongo_append_id(&filter, "_id", &rise->id);
    if (list->minor)
        append_lower_of_two(&filter, list, rise);
    else
        append_lower(&filter, list->member, rise->number);
    if (rise->is_update)
        mongo_bulk_upsert(bulk, &filter, rise->document);
    else
        mongo_bulk_replace(bulk, &filter, rise->document);
}

/* Where the filter finds nothing and the insert meets the id, what is there is not lower. */
static bool send_batch(struct batch *batch, struct error *error)
{
    CLEANUP(mongo_bulk_close) struct mongo_bulk bulk = {0};
    bson_error_t cause;

    if (!mongo_bulk_open(batch->pool, batch->list->collection, &bulk, error))
        return false;
    for (size_t i = 0; i < batch->n_rises; i++)
        add_rise(&bulk, batch->list, batch->rises[i]);
    mongo_bulk_execute(&bulk, batch->outcomes, &cause);
    for (size_t i = 0; i < batch->n_rises; i++) {
        struct mongo_rise *rise = batch->rises[i];
        enum mongo_outcome outcome = batch->outcomes[i];

        if (outcome == MONGO_NOT_SENT || outcome == MONGO_REFUSED)
            return mongo_write_error(outcome, &cause, error);
        rise->is_settled = outcome == MONGO_DONE;
        rise->changed = rise->is_settled;
        rise->was_sent = rise->was_sent || outcome == MONGO_UNKNOWN;
    }
    return true;
}

/* ---- what had been there ---- */

/* What a document has; @minor stays 0 where there is none. */
struct risen {
    struct object_id id;
    int64_t number;
    int64_t minor;
};

static bool read_number(const bson_t *document, const char *member, int64_t *number,
                        struct error *error)
{
    bson_iter_t found;

    if (!bson_iter_init_find(&found, document, member) || !BSON_ITER_HOLDS_INT(&found))
        return error_set(error, ERROR_CORRUPT, "member %s is no integer", member);
    *number = bson_iter_as_int64(&found);
    return true;
}

static bool read_risen(const struct mongo_rise_list *list, const bson_t *document,
                       struct risen *risen, struct error *error)
{
    if (!mongo_document_id(document, &risen->id, error))
        return false;
    if (!read_number(document, list->member, &risen->number, error) ||
        (list->minor && !read_number(document, list->minor, &risen->minor, error)))
        return error_wrap(error, "%s %s", list->collection, object_id_hex(&risen->id).text);
    return true;
}

static bool is_lower(const struct risen *risen, const struct mongo_rise *rise)
{
    return risen->number < rise->number ||
           (risen->number == rise->number && risen->minor < rise->minor);
}

static bool take_number(const struct batch *batch, const bson_t *document, struct error *error)
{
    struct risen risen = {0};

    if (!read_risen(batch->list, document, &risen, error))
        return false;
    for (size_t i = 0; i < batch->n_rises; i++) {
        struct mongo_rise *rise = batch->rises[i];

        if (rise->is_settled || is_lower(&risen, rise) || !object_id_equal(&rise->id, &risen.id))
            continue;
        rise->is_settled = true;
        rise->changed =
            rise->was_sent && risen.number == rise->number && risen.minor == rise->minor;
    }
    return true;
}

static bool read_numbers(const struct batch *batch, const struct object_id *ids, size_t n_ids,
                         struct error *error)
{
    CLEANUP(bson_destroy) bson_t filter = BSON_INITIALIZER;
    CLEANUP(bson_destroy) bson_t options = BSON_INITIALIZER;
    CLEANUP(mongo_cursor_close) struct mongo_cursor cursor = {0};
    const bson_t *document;
    bson_t projection;

    mongo_append_in(&filter, "_id", ids, n_ids);
    BSON_APPEND_DOCUMENT_BEGIN(&options, "projection", &projection);
    BSON_APPEND_INT32(&projection, batch->list->member, 1);
    if (batch->list->minor)
        BSON_APPEND_INT32(&projection, batch->list->minor, 1);
    bson_append_document_end(&options, &projection);
    if (!mongo_find(batch->pool, batch->list->collection, &filter, &options, &cursor, error))
        return false;
    while (mongo_cursor_next(&cursor, &document)) {
        if (!take_number(batch, document, error))
            return false;
    }
    return mongo_cursor_check(&cursor, error);
}

/* A taken id says nothing about durability, nor, in a race of two, about which number is higher. */
static bool settle_taken(const struct batch *batch, struct error *error)
{
    struct object_id ids[MONGO_BULK_MAX];
    size_t n_ids = 0;

    for (size_t i = 0; i < batch->n_rises; i++) {
        if (batch->outcomes[i] == MONGO_TAKEN)
            ids[n_ids++] = batch->rises[i]->id;
    }
    return n_ids == 0 || read_numbers(batch, ids, n_ids, error);
}

/* ---- all of them ---- */

static void keep_unsettled(struct batch *batch)
{
    size_t n_kept = 0;

    for (size_t i = 0; i < batch->n_rises; i++) {
        if (!batch->rises[i]->is_settled)
            batch->rises[n_kept++] = batch->rises[i];
    }
    batch->n_rises = n_kept;
}

/*
 * An insert costs the server a third of an upsert that finds nothing. What does not get in goes the usual
 * way, an update too: it may be of one that is inserted here.
 */
static bool insert_new(struct batch *batch, struct error *error)
{
    CLEANUP(mongo_bulk_close) struct mongo_bulk bulk = {0};
    struct mongo_rise *inserted[MONGO_BULK_MAX];
    size_t n_inserted = 0;
    bson_error_t cause;

    if (!mongo_bulk_open(batch->pool, batch->list->collection, &bulk, error))
        return false;
    for (size_t i = 0; i < batch->n_rises; i++) {
        if (batch->rises[i]->is_update)
            continue;
        inserted[n_inserted++] = batch->rises[i];
        mongo_bulk_insert(&bulk, batch->rises[i]->document);
    }
    if (n_inserted == 0)
        return true;
    mongo_bulk_execute(&bulk, batch->outcomes, &cause);
    for (size_t i = 0; i < n_inserted; i++) {
        if (batch->outcomes[i] == MONGO_NOT_SENT || batch->outcomes[i] == MONGO_REFUSED)
            return mongo_write_error(batch->outcomes[i], &cause, error);
        inserted[i]->is_settled = batch->outcomes[i] == MONGO_DONE;
        inserted[i]->changed = inserted[i]->is_settled;
        inserted[i]->was_sent = batch->outcomes[i] == MONGO_UNKNOWN;
    }
    keep_unsettled(batch);
    return true;
}

/* Unavailable means that nothing has changed, so only before anything was sent. */
static bool settle_batch(struct batch *batch, bool has_sent, struct error *error)
{
    struct mongo_settle settle = {.limit_ms = 1500};
    struct error failure = {0};

    while (mongo_settle_again(&settle)) {
        if (send_batch(batch, &failure)) {
            has_sent = true;
            if (settle_taken(batch, &failure)) {
                keep_unsettled(batch);
                if (batch->n_rises == 0)
                    return true;
            }
        }
        if (!has_sent || (failure.code != ERROR_NONE && failure.code != ERROR_UNAVAILABLE)) {
            *error = failure;
            return false;
        }
    }
    return error_set(error, ERROR_OUTCOME_UNKNOWN, "the database did not confirm in time");
}

bool mongo_rise(const struct mongo_pool *pool, const struct mongo_rise_list *list,
                struct error *error)
{
    for (size_t first = 0; first < list->n_rises; first += MONGO_BULK_MAX) {
        struct batch batch = {.pool = pool, .list = list};

        while (batch.n_rises < MONGO_BULK_MAX && first + batch.n_rises < list->n_rises) {
            batch.rises[batch.n_rises] = &list->rises[first + batch.n_rises];
            batch.n_rises++;
        }
        if (list->is_new && !insert_new(&batch, error))
            return false;
        if (batch.n_rises > 0 && !settle_batch(&batch, list->is_new || first > 0, error))
            return false;
    }
    return true;
}
