#include "persistence/mongo/mongo_ledger.h"

#include "persistence/mongo/mongo_entry.h"

bool mongo_ledger_booking(struct ledger_store *store, const struct object_id *id,
                          struct booking *booking, struct error *error)
{
    struct ledger_found found;

    if (!mongo_ledger_find(mongo_ledger_pool(store, MONGO_REQUESTS), id, 1, &found, error))
        return false;
    if (!found.exists)
        return error_set(error, ERROR_NOT_FOUND, "there is no booking %s", object_id_hex(id).text);
    *booking = (struct booking){.id = found.booking.id,
                                .event_id = found.event_id,
                                .user_id = found.booking.user_id,
                                .seats = found.booking.seats,
                                .made_at_ms = found.at_ms,
                                .cancelled = found.is_cancelled};
    return true;
}

bool mongo_ledger_head(struct ledger_store *store, const struct object_id *event_id,
                       struct ledger_head *head, struct error *error)
{
    struct ledger_head found;

    if (!mongo_ledger_read_heads(mongo_ledger_pool(store, MONGO_REQUESTS), event_id, 1, false,
                                 &found, error))
        return false;
    if (!found.exists)
        return error_set(error, ERROR_NOT_FOUND, "there is no ledger of event %s",
                         object_id_hex(event_id).text);
    *head = found;
    return true;
}

bool mongo_ledger_heads_shown(struct ledger_store *store, const struct object_id *event_ids,
                              size_t n_events, struct ledger_head *heads, struct error *error)
{
    return mongo_ledger_read_heads(mongo_ledger_pool(store, MONGO_REQUESTS), event_ids, n_events,
                                   true, heads, error);
}

/* ---- what waits to be published ---- */

/* One corrupt entry must not keep the others back, so its error waits until they were visited. */
bool mongo_ledger_visit(struct mongo_cursor *cursor, ledger_visit *visit, void *context,
                        struct error *error)
{
    struct error corrupt = {0};
    const bson_t *document;

    while (mongo_cursor_next(cursor, &document)) {
        CLEANUP(ledger_entry_clear) struct ledger_entry entry = {0};

        if (mongo_entry_read(document, &entry, &corrupt)) {
            if (!visit(context, &entry, error))
                return false;
        } else if (corrupt.code != ERROR_CORRUPT) {
            *error = corrupt;
            return false;
        }
    }
    if (!mongo_cursor_check(cursor, error))
        return false;
    return corrupt.code == ERROR_NONE || error_set(error, corrupt.code, "%s", corrupt.text);
}

bool mongo_ledger_unpublished(struct ledger_store *store, size_t limit, ledger_visit *visit,
                              void *context, struct error *error)
{
    const struct mongo_pool *pool = mongo_ledger_pool(store, MONGO_COMMITS);
    /* What every `at` is, said so that the index serves the count as well: it would read the whole ledger. */
    CLEANUP(bson_destroyp)
    bson_t *filter = mongo_json("{\"pub\": false, \"at\": {\"$gte\": {\"$minKey\": 1}}}");
    /*
     * Entries may be large: without a bound the server would send a backlog in replies of 16 MB, and every
     * connection keeps a buffer of the size of the largest reply that it ever brought.
     */
    CLEANUP(bson_destroyp)
    bson_t *options = mongo_json("{\"sort\": {\"at\": 1, \"_id\": 1}, \"batchSize\": 16}");
    CLEANUP(mongo_cursor_close) struct mongo_cursor cursor = {0};
    int64_t skip;

    if (!mongo_random_skip(pool, MONGO_LEDGER, filter, limit, &skip, error))
        return false;
    BSON_APPEND_INT64(options, "skip", skip);
    BSON_APPEND_INT64(options, "limit", (int64_t)limit);
    return mongo_find(pool, MONGO_LEDGER, filter, options, &cursor, error) &&
           mongo_ledger_visit(&cursor, visit, context, error);
}
