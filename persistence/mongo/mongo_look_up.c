#include "persistence/mongo/mongo_ledger.h"

#include "base/memory.h"
#include "persistence/id_index.h"
#include "persistence/mongo/mongo_entry.h"
#include "persistence/mongo/mongo_members.h"

#include <stdlib.h>

/* Which place in a list of ids is meant; of equal ids the first. */
static bool index_ids(const struct object_id *ids, size_t n_ids, struct id_index *places,
                      struct error *error)
{
    if (!id_index_reserve(places, n_ids, error))
        return false;
    for (size_t i = 0; i < n_ids; i++) {
        if (!id_index_find(places, &ids[i], NULL) && !id_index_put(places, &ids[i], i, error))
            return false;
    }
    return true;
}

/* What is looked for, and what is wanted of the entries that have it. */
struct wanted {
    const char *member;
    const char *options; /* JSON */
};

static bool find_batches(const struct mongo_pool *pool, const struct wanted *wanted,
                         const struct object_id *ids, size_t n_ids, struct mongo_cursor *cursor,
                         struct error *error)
{
    CLEANUP(bson_destroy) bson_t filter = BSON_INITIALIZER;
    CLEANUP(bson_destroyp) bson_t *options = mongo_json(wanted->options);

    mongo_append_in(&filter, wanted->member, ids, n_ids);
    return mongo_find(pool, MONGO_LEDGER, &filter, options, cursor, error);
}

/* ---- cancellations ---- */

static bool find_id(const bson_iter_t *item, bson_iter_t *id)
{
    return BSON_ITER_HOLDS_DOCUMENT(item) && bson_iter_recurse(item, id) &&
           bson_iter_find(id, "id") && BSON_ITER_HOLDS_OID(id);
}

/* Only ids are asked for: damage beside one leaves it a cancellation. */
static bool take_cancelled(const bson_t *document, const struct id_index *places, bool *cancelled,
                           struct error *error)
{
    struct mongo_items items;
    bson_iter_t found;
    size_t place;

    if (!mongo_items_find(document, "x", &items, error))
        return false;
    while (bson_iter_next(&items.iter)) {
        if (!find_id(&items.iter, &found))
            continue;
        const struct object_id id = mongo_id_of(&found);

        if (id_index_find(places, &id, &place))
            cancelled[place] = true;
    }
    return true;
}

bool mongo_ledger_find_cancelled(const struct mongo_pool *pool, const struct object_id *ids,
                                 size_t n_ids, bool *cancelled, struct error *error)
{
    static const struct wanted wanted = {"x.id", "{\"projection\": {\"x.id\": 1}}"};
    CLEANUP(id_index_clear) struct id_index places = {0};
    CLEANUP(mongo_cursor_close) struct mongo_cursor cursor = {0};
    const bson_t *document;

    for (size_t i = 0; i < n_ids; i++)
        cancelled[i] = false;
    if (n_ids == 0)
        return true;
    if (!index_ids(ids, n_ids, &places, error) ||
        !find_batches(pool, &wanted, ids, n_ids, &cursor, error))
        return false;
    while (mongo_cursor_next(&cursor, &document)) {
        if (!take_cancelled(document, &places, cancelled, error))
            return false;
    }
    return mongo_cursor_check(&cursor, error);
}

/* ---- bookings ---- */

static bool take_found(const bson_t *document, const struct id_index *places,
                       struct ledger_found *found, struct error *error)
{
    CLEANUP(ledger_entry_clear) struct ledger_entry entry = {0};
    size_t place;

    if (!mongo_entry_read_batch(document, &entry, error))
        return false;
    for (size_t i = 0; i < entry.n_bookings; i++) {
        if (id_index_find(places, &entry.bookings[i].id, &place))
            found[place] = (struct ledger_found){.exists = true,
                                                 .event_id = entry.key.event_id,
                                                 .sequence = entry.key.sequence,
                                                 .at_ms = entry.at_ms,
                                                 .booking = entry.bookings[i]};
    }
    return true;
}

/* Mostly nothing is found, so the ids are put into an index only when something is. */
static bool take_all_found(struct mongo_cursor *cursor, const struct object_id *ids, size_t n_ids,
                           struct id_index *places, struct ledger_found *found, struct error *error)
{
    const bson_t *document;

    while (mongo_cursor_next(cursor, &document)) {
        if (places->n == 0 && !index_ids(ids, n_ids, places, error))
            return false;
        if (!take_found(document, places, found, error))
            return false;
    }
    return mongo_cursor_check(cursor, error);
}

/* What was not booked cannot have been cancelled: only what was found is looked up again. */
static bool add_cancelled(const struct mongo_pool *pool, struct ledger_found *found, size_t n_found,
                          struct error *error)
{
    CLEANUP(memory_freep)
    struct object_id *ids = memory_array(n_found, sizeof(*ids), error);
    CLEANUP(memory_freep) bool *cancelled = memory_array(n_found, sizeof(*cancelled), error);
    size_t n = 0;

    if (!ids || !cancelled)
        return false;
    for (size_t i = 0; i < n_found; i++) {
        if (found[i].exists)
            ids[n++] = found[i].booking.id;
    }
    if (!mongo_ledger_find_cancelled(pool, ids, n, cancelled, error))
        return false;
    n = 0;
    for (size_t i = 0; i < n_found; i++) {
        if (found[i].exists)
            found[i].is_cancelled = cancelled[n++];
    }
    return true;
}

bool mongo_ledger_find(const struct mongo_pool *pool, const struct object_id *ids, size_t n_ids,
                       struct ledger_found *found, struct error *error)
{
    static const struct wanted wanted = {"b.id", "{\"projection\": {\"at\": 1, \"b\": 1}}"};
    CLEANUP(id_index_clear) struct id_index places = {0};
    CLEANUP(mongo_cursor_close) struct mongo_cursor cursor = {0};
    size_t place;

    for (size_t i = 0; i < n_ids; i++)
        found[i] = (struct ledger_found){0};
    if (n_ids == 0)
        return true;
    if (!find_batches(pool, &wanted, ids, n_ids, &cursor, error) ||
        !take_all_found(&cursor, ids, n_ids, &places, found, error))
        return false;
    mongo_cursor_close(&cursor);
    if (places.n == 0)
        return true;
    if (!add_cancelled(pool, found, n_ids, error))
        return false;
    for (size_t i = 0; i < n_ids; i++) {
        if (id_index_find(&places, &ids[i], &place))
            found[i] = found[place];
    }
    return true;
}

/* ---- holdings ---- */

static int compare_holdings(const void *a, const void *b)
{
    const struct ledger_holding *const *left = a;
    const struct ledger_holding *const *right = b;
    int order = object_id_compare(&(*left)->event_id, &(*right)->event_id);

    return order ? order : object_id_compare(&(*left)->user_id, &(*right)->user_id);
}

/* The first of @holdings, all of one event and in the order of their users, that is of @user_id. */
static struct ledger_holding *holding_of(struct ledger_holding *const holdings[], size_t n_holdings,
                                         const struct object_id *user_id)
{
    size_t low = 0;
    size_t high = n_holdings;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (object_id_compare(&holdings[middle]->user_id, user_id) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < n_holdings && object_id_equal(&holdings[low]->user_id, user_id) ? holdings[low]
                                                                                 : NULL;
}

static bool add_seats(const bson_t *document, struct ledger_holding *const holdings[],
                      size_t n_holdings, struct error *error)
{
    CLEANUP(ledger_entry_clear) struct ledger_entry entry = {0};
    struct ledger_holding *holding;

    if (!mongo_entry_read_batch(document, &entry, error))
        return false;
    for (size_t i = 0; i < entry.n_bookings; i++) {
        holding = holding_of(holdings, n_holdings, &entry.bookings[i].user_id);
        if (holding)
            holding->seats += entry.bookings[i].seats;
    }
    for (size_t i = 0; i < entry.n_cancellations; i++) {
        holding = holding_of(holdings, n_holdings, &entry.cancellations[i].user_id);
        if (holding)
            holding->seats -= entry.cancellations[i].seats;
    }
    return true;
}

/* Entries of one event that hold one of its users, by the indexes booked_by and cancelled_for. */
static void append_user_filter(bson_t *filter, const struct object_id *event_id,
                               const struct object_id *user_ids, size_t n_users)
{
    static const char *const members[] = {"b.u", "x.u"};
    static const char *const keys[] = {"0", "1"};
    bson_t array;
    bson_t branch;

    BSON_APPEND_ARRAY_BEGIN(filter, "$or", &array);
    for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
        BSON_APPEND_DOCUMENT_BEGIN(&array, keys[i], &branch);
        mongo_append_in(&branch, members[i], user_ids, n_users);
        mongo_append_key_range(&branch, event_id, 0);
        bson_append_document_end(&array, &branch);
    }
    bson_append_array_end(filter, &array);
}

static bool find_of_event(const struct mongo_pool *pool, struct ledger_holding *const holdings[],
                          size_t n_holdings, struct error *error)
{
    CLEANUP(bson_destroy) bson_t filter = BSON_INITIALIZER;
    CLEANUP(bson_destroyp)
    bson_t *options = mongo_json("{\"projection\": {\"at\": 1, \"b\": 1, \"x\": 1}}");
    CLEANUP(memory_freep)
    struct object_id *user_ids = memory_array(n_holdings, sizeof(*user_ids), error);
    CLEANUP(mongo_cursor_close) struct mongo_cursor cursor = {0};
    const bson_t *document;

    if (!user_ids)
        return false;
    for (size_t i = 0; i < n_holdings; i++)
        user_ids[i] = holdings[i]->user_id;
    append_user_filter(&filter, &holdings[0]->event_id, user_ids, n_holdings);
    if (!mongo_find(pool, MONGO_LEDGER, &filter, options, &cursor, error))
        return false;
    while (mongo_cursor_next(&cursor, &document)) {
        if (!add_seats(document, holdings, n_holdings, error))
            return false;
    }
    return mongo_cursor_check(&cursor, error);
}

/* One find for each event; seats are counted at the first of equal holdings and then copied on. */
static bool find_holdings(const struct mongo_pool *pool, struct ledger_holding *sorted[],
                          size_t n_holdings, struct error *error)
{
    size_t n;

    for (size_t first = 0; first < n_holdings; first += n) {
        for (n = 1; first + n < n_holdings; n++) {
            if (!object_id_equal(&sorted[first]->event_id, &sorted[first + n]->event_id))
                break;
        }
        if (!find_of_event(pool, sorted + first, n, error))
            return false;
    }
    for (size_t i = 1; i < n_holdings; i++) {
        if (compare_holdings(&sorted[i - 1], &sorted[i]) == 0)
            sorted[i]->seats = sorted[i - 1]->seats;
    }
    return true;
}

static bool look_up_holdings(const struct mongo_pool *pool, struct ledger_holding *holdings,
                             size_t n_holdings, struct error *error)
{
    CLEANUP(memory_freep)
    struct ledger_holding **sorted = memory_array(n_holdings + 1, sizeof(*sorted), error);

    if (!sorted)
        return false;
    for (size_t i = 0; i < n_holdings; i++) {
        holdings[i].seats = 0;
        sorted[i] = &holdings[i];
    }
    qsort(sorted, n_holdings, sizeof(*sorted), compare_holdings);
    return find_holdings(pool, sorted, n_holdings, error);
}

bool mongo_ledger_look_up(struct ledger_store *store, struct ledger_look_up *look_up,
                          struct error *error)
{
    const struct mongo_pool *pool = mongo_ledger_pool(store, MONGO_COMMITS);

    return mongo_ledger_find(pool, look_up->booking_ids, look_up->n_bookings, look_up->found,
                             error) &&
           look_up_holdings(pool, look_up->holdings, look_up->n_holdings, error);
}
