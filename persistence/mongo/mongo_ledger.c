#include "persistence/mongo/mongo_ledger.h"

#include "persistence/mongo/mongo_entry.h"
#include "persistence/mongo/mongo_members.h"

/* A unique index takes a document without the array for null, and so needs the filter. */
static const struct mongo_index indexes[] = {
    {MONGO_LEDGER, "bookings", "{\"b.id\": 1}", true, "{\"b.id\": {\"$exists\": true}}"},
    {MONGO_LEDGER, "cancellations", "{\"x.id\": 1}", true, "{\"x.id\": {\"$exists\": true}}"},
    {MONGO_LEDGER, "booked_by", "{\"b.u\": 1, \"_id\": 1}", false,
     "{\"b.u\": {\"$exists\": true}}"},
    {MONGO_LEDGER, "cancelled_for", "{\"x.u\": 1, \"_id\": 1}", false,
     "{\"x.u\": {\"$exists\": true}}"},
    {MONGO_LEDGER, "unpublished", "{\"at\": 1, \"_id\": 1}", false, "{\"pub\": false}"},
};

static bool mongo_ledger_prepare(struct ledger_store *store, struct error *error)
{
    return mongo_indexes_make(mongo_ledger_pool(store, MONGO_COMMITS), indexes, ARRAY_SIZE(indexes),
                              error);
}

static bool mongo_ledger_heads(struct ledger_store *store, const struct object_id *event_ids,
                               const int64_t *n_known, size_t n_events, struct ledger_head *heads,
                               struct error *error)
{
    const struct mongo_pool *pool = mongo_ledger_pool(store, MONGO_COMMITS);

    if (n_known)
        return mongo_ledger_follow_heads(pool, event_ids, n_known, n_events, heads, error);
    return mongo_ledger_read_heads(pool, event_ids, n_events, false, heads, error);
}

/* ---- tokens ---- */

void mongo_ledger_append_keys(bson_t *filter, const struct ledger_key *keys, size_t n_keys)
{
    const char *name;
    char digits[16];
    bson_t condition;
    bson_t array;

    BSON_APPEND_DOCUMENT_BEGIN(filter, "_id", &condition);
    BSON_APPEND_ARRAY_BEGIN(&condition, "$in", &array);
    for (size_t i = 0; i < n_keys; i++) {
        bson_uint32_to_string((uint32_t)i, &name, digits, sizeof(digits));
        mongo_append_key(&array, name, &keys[i].event_id, keys[i].sequence);
    }
    bson_append_array_end(&condition, &array);
    bson_append_document_end(filter, &condition);
}

/* At most LEDGER_BULK_MAX keys, so looking through them is quick. */
static bool take_token(const bson_t *document, const struct ledger_key *keys, size_t n_keys,
                       struct object_id *tokens, struct error *error)
{
    struct ledger_head head;
    struct ledger_key key;

    if (!mongo_entry_read_key(document, &key, error) ||
        !mongo_entry_read_head(document, &head, error))
        return false;
    for (size_t i = 0; i < n_keys; i++) {
        if (keys[i].sequence == key.sequence && object_id_equal(&keys[i].event_id, &key.event_id))
            tokens[i] = head.token;
    }
    return true;
}

static bool mongo_ledger_tokens(struct ledger_store *store, const struct ledger_key *keys,
                                size_t n_keys, struct object_id *tokens, struct error *error)
{
    CLEANUP(bson_destroy) bson_t filter = BSON_INITIALIZER;
    CLEANUP(bson_destroyp)
    bson_t *options = mongo_json("{\"projection\": {\"b\": 0, \"x\": 0}}");
    CLEANUP(mongo_cursor_close) struct mongo_cursor cursor = {0};
    struct object_id found[LEDGER_BULK_MAX] = {{{0}}};
    const bson_t *document;

    mongo_ledger_append_keys(&filter, keys, n_keys);
    if (!mongo_find(mongo_ledger_pool(store, MONGO_COMMITS), MONGO_LEDGER, &filter, options,
                    &cursor, error))
        return false;
    while (mongo_cursor_next(&cursor, &document)) {
        if (!take_token(document, keys, n_keys, found, error))
            return false;
    }
    if (!mongo_cursor_check(&cursor, error))
        return false;
    for (size_t i = 0; i < n_keys; i++)
        tokens[i] = found[i];
    return true;
}

/* ---- writing ---- */

/* What the server refuses for ever may all the same have come through by another way: unknown. */
static enum ledger_outcome ledger_outcome_of(enum mongo_outcome outcome)
{
    switch (outcome) {
    case MONGO_DONE:
        return LEDGER_LANDED;
    case MONGO_TAKEN:
        return LEDGER_TAKEN;
    case MONGO_REPEATED:
        return LEDGER_DUPLICATE;
    case MONGO_NOT_SENT:
        return LEDGER_NOT_SENT;
    case MONGO_REFUSED:
    case MONGO_UNKNOWN:
        break;
    }
    return LEDGER_UNKNOWN;
}

static void mongo_ledger_insert(struct ledger_store *store,
                                const struct ledger_entry *const entries[], size_t n_entries,
                                enum ledger_outcome *outcomes)
{
    CLEANUP(mongo_bulk_close) struct mongo_bulk bulk = {0};
    enum mongo_outcome results[LEDGER_BULK_MAX];
    bson_error_t cause;

    if (!mongo_bulk_open(mongo_ledger_pool(store, MONGO_COMMITS), MONGO_LEDGER, &bulk, NULL)) {
        for (size_t i = 0; i < n_entries; i++)
            outcomes[i] = LEDGER_NOT_SENT;
        return;
    }
    for (size_t i = 0; i < n_entries; i++) {
        bson_t *document = mongo_entry_new(entries[i]);

        mongo_bulk_insert(&bulk, document);
        bson_destroy(document);
    }
    mongo_bulk_execute(&bulk, results, &cause);
    for (size_t i = 0; i < n_entries; i++)
        outcomes[i] = ledger_outcome_of(results[i]);
}

static bool mongo_ledger_mark(struct ledger_store *store, const struct ledger_key *keys,
                              size_t n_keys, struct error *error)
{
    CLEANUP(bson_destroy) bson_t filter = BSON_INITIALIZER;
    CLEANUP(bson_destroyp) bson_t *update = mongo_json("{\"$set\": {\"pub\": true}}");
    CLEANUP(mongo_bulk_close) struct mongo_bulk bulk = {0};

    if (!mongo_bulk_open(mongo_ledger_pool(store, MONGO_COMMITS), MONGO_LEDGER, &bulk, error))
        return false;
    mongo_ledger_append_keys(&filter, keys, n_keys);
    mongo_bulk_update(&bulk, &filter, update);
    return mongo_bulk_commit(&bulk, error);
}

const struct ledger_store_ops mongo_ledger_ops = {
    .prepare = mongo_ledger_prepare,
    .heads = mongo_ledger_heads,
    .look_up = mongo_ledger_look_up,
    .tokens = mongo_ledger_tokens,
    .insert = mongo_ledger_insert,
    .booking = mongo_ledger_booking,
    .head = mongo_ledger_head,
    .heads_shown = mongo_ledger_heads_shown,
    .bookings = mongo_ledger_bookings,
    .bookings_of = mongo_ledger_bookings_of,
    .bookings_between = mongo_ledger_bookings_between,
    .scan = mongo_ledger_scan,
    .entries = mongo_ledger_entries,
    .unpublished = mongo_ledger_unpublished,
    .mark = mongo_ledger_mark,
};
