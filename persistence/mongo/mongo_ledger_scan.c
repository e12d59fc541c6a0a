#include "persistence/mongo/mongo_ledger.h"

#include "persistence/mongo/mongo_entry.h"
#include "persistence/mongo/mongo_members.h"

#include <stdio.h>

static const struct mongo_member sum_members[] = {
    MONGO_NUMBER("booked", MONGO_INT64, MONGO_WRITTEN, struct ledger_sum, seats_booked, 0, 0,
                 INT64_MAX),
    MONGO_NUMBER("cancelled", MONGO_INT64, MONGO_WRITTEN, struct ledger_sum, seats_cancelled, 0, 0,
                 INT64_MAX),
};
static const struct mongo_record sum_record = MONGO_RECORD(sum_members, struct ledger_sum);

/* The server adds up, so that a million bookings are not sent to be counted. */
static const char sums[] = "{\"$project\": {\"w\": 1, \"at\": 1, \"ev\": 1, \"cap\": 1, "
                           "\"closed\": 1, \"rm\": 1, \"end\": 1, \"sold\": 1, "
                           "\"booked\": {\"$sum\": \"$b.n\"}, "
                           "\"cancelled\": {\"$sum\": \"$x.n\"}}}";

/* Whole values of `_id`, so that its index serves the range and gives the order. */
static void append_range(bson_t *filter, const struct ledger_scan *scan)
{
    static const struct object_id lowest = {{0}};
    bson_t range;

    BSON_APPEND_DOCUMENT_BEGIN(filter, "_id", &range);
    if (scan->has_after)
        mongo_append_key(&range, "$gt", &scan->after.event_id, scan->after.sequence);
    else
        mongo_append_key(&range, "$gte", scan->only ? scan->only : &lowest, 0);
    if (scan->only)
        mongo_append_key(&range, "$lte", scan->only, INT64_MAX);
    bson_append_document_end(filter, &range);
}

static void append_pipeline(bson_t *pipeline, const struct ledger_scan *scan)
{
    CLEANUP(bson_destroyp) bson_t *order = mongo_json("{\"$sort\": {\"_id\": 1}}");
    CLEANUP(bson_destroyp) bson_t *project = mongo_json(sums);
    CLEANUP(bson_destroy) bson_t filter = BSON_INITIALIZER;
    bson_t stages;

    append_range(&filter, scan);
    BSON_APPEND_ARRAY_BEGIN(pipeline, "pipeline", &stages);
    BCON_APPEND(&stages, "0", "{", "$match", BCON_DOCUMENT(&filter), "}");
    BSON_APPEND_DOCUMENT(&stages, "1", order);
    BCON_APPEND(&stages, "2", "{", "$limit", BCON_INT64((int64_t)scan->limit), "}");
    BSON_APPEND_DOCUMENT(&stages, "3", project);
    bson_append_array_end(pipeline, &stages);
}

static bool read_sum(const bson_t *document, struct ledger_sum *sum, struct error *error)
{
    struct ledger_head head;
    bson_iter_t members;

    bson_iter_init(&members, document);
    if (!mongo_entry_read_head(document, &head, error) ||
        !mongo_record_read(&members, &sum_record, sum, error))
        return false;
    sum->state = head.state;
    return true;
}

bool mongo_ledger_scan(struct ledger_store *store, const struct ledger_scan *scan,
                       ledger_sum_visit *visit, void *context, struct error *error)
{
    CLEANUP(bson_destroy) bson_t pipeline = BSON_INITIALIZER;
    CLEANUP(mongo_cursor_close) struct mongo_cursor cursor = {0};
    const bson_t *document;

    append_pipeline(&pipeline, scan);
    if (!mongo_aggregate(mongo_ledger_pool(store, MONGO_COMMITS), MONGO_LEDGER, &pipeline, &cursor,
                         error))
        return false;
    while (mongo_cursor_next(&cursor, &document)) {
        struct ledger_sum sum = {0};
        struct error flaw = {0};

        if (!mongo_entry_read_key(document, &sum.key, error))
            return false;
        if (!read_sum(document, &sum, &flaw))
            snprintf(sum.flaw, sizeof(sum.flaw), "%s", flaw.text);
        if (!visit(context, &sum, error))
            return false;
    }
    return mongo_cursor_check(&cursor, error);
}

bool mongo_ledger_entries(struct ledger_store *store, const struct ledger_scan *scan,
                          ledger_visit *visit, void *context, struct error *error)
{
    CLEANUP(bson_destroy) bson_t filter = BSON_INITIALIZER;
    CLEANUP(bson_destroyp)
    bson_t *options = mongo_json("{\"sort\": {\"_id\": 1}, \"batchSize\": 16}");
    CLEANUP(mongo_cursor_close) struct mongo_cursor cursor = {0};

    append_range(&filter, scan);
    BSON_APPEND_INT64(options, "limit", (int64_t)scan->limit);
    return mongo_find(mongo_ledger_pool(store, MONGO_COMMITS), MONGO_LEDGER, &filter, options,
                      &cursor, error) &&
           mongo_ledger_visit(&cursor, visit, context, error);
}
