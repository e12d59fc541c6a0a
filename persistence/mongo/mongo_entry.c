#include "persistence/mongo/mongo_entry.h"

#include "persistence/mongo/mongo_members.h"

#include <inttypes.h>

static const struct mongo_member key_members[] = {
    MONGO_MEMBER("e", MONGO_ID, MONGO_WRITTEN, struct ledger_key, event_id),
    MONGO_NUMBER("s", MONGO_INT64, MONGO_WRITTEN, struct ledger_key, sequence, 0, 0, INT64_MAX),
};
static const struct mongo_record key_record = MONGO_RECORD(key_members, struct ledger_key);

static const struct mongo_member moment_members[] = {
    MONGO_NUMBER("at", MONGO_INT64, MONGO_WRITTEN, struct ledger_entry, at_ms, 0, 0, INT64_MAX),
};
static const struct mongo_record moment_record = MONGO_RECORD(moment_members, struct ledger_entry);

/* "No limit" is written as `cap: null`, so that a lost member cannot be read as that. */
static const struct mongo_member entry_members[] = {
    MONGO_MEMBER("w", MONGO_ID, MONGO_WRITTEN, struct ledger_entry, token),
    MONGO_NUMBER("at", MONGO_INT64, MONGO_WRITTEN, struct ledger_entry, at_ms, 0, 0, INT64_MAX),
    MONGO_NUMBER("ev", MONGO_INT64, MONGO_WRITTEN, struct ledger_entry, state.event_version, 0, 0,
                 INT64_MAX),
    MONGO_NUMBER("cap", MONGO_INT64, MONGO_NULL, struct ledger_entry, state.capacity,
                 CAPACITY_UNKNOWN, 0, CAPACITY_MAX),
    MONGO_MEMBER("closed", MONGO_BOOL, MONGO_WRITTEN, struct ledger_entry, state.closed),
    MONGO_MEMBER("rm", MONGO_BOOL, MONGO_ABSENT, struct ledger_entry, state.removed),
    MONGO_NUMBER("end", MONGO_INT64, MONGO_NULL, struct ledger_entry, state.end_s, 0, -SECONDS_MAX,
                 SECONDS_MAX),
    MONGO_NUMBER("sold", MONGO_INT64, MONGO_WRITTEN, struct ledger_entry, state.seats_sold, 0, 0,
                 INT64_MAX),
};
static const struct mongo_record entry_record = MONGO_RECORD(entry_members, struct ledger_entry);

static const struct mongo_member booking_members[] = {
    MONGO_MEMBER("id", MONGO_ID, MONGO_WRITTEN, struct ledger_booking, id),
    MONGO_MEMBER("u", MONGO_ID, MONGO_ABSENT, struct ledger_booking, user_id),
    MONGO_NUMBER("n", MONGO_INT32, MONGO_WRITTEN, struct ledger_booking, seats, 0, 1,
                 SEATS_PER_BOOKING_MAX),
    MONGO_MEMBER("f", MONGO_UINT64, MONGO_WRITTEN, struct ledger_booking, fingerprint),
};
static const struct mongo_record booking_record =
    MONGO_RECORD(booking_members, struct ledger_booking);

static const struct mongo_member cancellation_members[] = {
    MONGO_MEMBER("id", MONGO_ID, MONGO_WRITTEN, struct ledger_cancellation, booking_id),
    MONGO_MEMBER("u", MONGO_ID, MONGO_ABSENT, struct ledger_cancellation, user_id),
    MONGO_NUMBER("n", MONGO_INT32, MONGO_WRITTEN, struct ledger_cancellation, seats, 0, 1,
                 SEATS_PER_BOOKING_MAX),
};
static const struct mongo_record cancellation_record =
    MONGO_RECORD(cancellation_members, struct ledger_cancellation);

void mongo_append_key(bson_t *document, const char *name, const struct object_id *event_id,
                      int64_t sequence)
{
    const struct ledger_key key = {.event_id = *event_id, .sequence = sequence};
    bson_t child;

    BSON_APPEND_DOCUMENT_BEGIN(document, name, &child);
    mongo_record_append(&child, &key_record, &key);
    bson_append_document_end(document, &child);
}

void mongo_append_key_range(bson_t *filter, const struct object_id *event_id, int64_t first)
{
    bson_t range;

    BSON_APPEND_DOCUMENT_BEGIN(filter, "_id", &range);
    mongo_append_key(&range, "$gte", event_id, first);
    mongo_append_key(&range, "$lte", event_id, INT64_MAX);
    bson_append_document_end(filter, &range);
}

bson_t *mongo_entry_new(const struct ledger_entry *entry)
{
    enum {
        HEAD_BYTES = 192,
        ITEM_BYTES = 72
    }; /* a little more than they take */
    size_t n_items = entry->n_bookings + entry->n_cancellations;
    bson_t *document = bson_sized_new(HEAD_BYTES + ITEM_BYTES * n_items);

    mongo_append_key(document, "_id", &entry->key.event_id, entry->key.sequence);
    mongo_record_append(document, &entry_record, entry);
    mongo_records_append(document, "b", &booking_record, entry->bookings, entry->n_bookings);
    mongo_records_append(document, "x", &cancellation_record, entry->cancellations,
                         entry->n_cancellations);
    BSON_APPEND_BOOL(document, "pub", false);
    return document;
}

bool mongo_entry_read_key(const bson_t *document, struct ledger_key *key, struct error *error)
{
    struct ledger_key read = {0};
    bson_iter_t found;
    bson_iter_t members;

    if (!bson_iter_init_find(&found, document, "_id") || !BSON_ITER_HOLDS_DOCUMENT(&found) ||
        !bson_iter_recurse(&found, &members))
        return error_set(error, ERROR_CORRUPT, "a ledger entry has no key");
    if (!mongo_record_read(&members, &key_record, &read, error))
        return error_wrap(error, "the key of a ledger entry");
    *key = read;
    return true;
}

static bool wrap_entry(const struct ledger_key *key, struct error *error)
{
    return error_wrap(error, "ledger entry %s:%" PRId64, object_id_hex(&key->event_id).text,
                      key->sequence);
}

static bool read_members(const bson_t *document, const struct mongo_record *record,
                         struct ledger_entry *entry, struct error *error)
{
    bson_iter_t members;

    if (!mongo_entry_read_key(document, &entry->key, error))
        return false;
    bson_iter_init(&members, document);
    return mongo_record_read(&members, record, entry, error) || wrap_entry(&entry->key, error);
}

static bool read_items(const bson_t *document, struct ledger_entry *entry, struct error *error)
{
    struct mongo_items bookings;
    struct mongo_items cancellations;

    if (!mongo_items_find(document, "b", &bookings, error) ||
        !mongo_items_find(document, "x", &cancellations, error))
        return false;
    if (bookings.n_items + cancellations.n_items > LEDGER_BATCH_MAX)
        return error_set(error, ERROR_CORRUPT, "%zu bookings and %zu cancellations",
                         bookings.n_items, cancellations.n_items);
    return ledger_entry_make(entry, bookings.n_items, cancellations.n_items, error) &&
           mongo_items_read(&bookings, &booking_record, entry->bookings, error) &&
           mongo_items_read(&cancellations, &cancellation_record, entry->cancellations, error);
}

static bool read_entry(const bson_t *document, const struct mongo_record *record,
                       struct ledger_entry *entry, struct error *error)
{
    CLEANUP(ledger_entry_clear) struct ledger_entry read = {0};

    if (!read_members(document, record, &read, error))
        return false;
    if (!read_items(document, &read, error))
        return wrap_entry(&read.key, error);
    *entry = read;
    read = (struct ledger_entry){0};
    return true;
}

bool mongo_entry_read(const bson_t *document, struct ledger_entry *entry, struct error *error)
{
    return read_entry(document, &entry_record, entry, error);
}

bool mongo_entry_read_batch(const bson_t *document, struct ledger_entry *entry, struct error *error)
{
    return read_entry(document, &moment_record, entry, error);
}

bool mongo_entry_read_head(const bson_t *document, struct ledger_head *head, struct error *error)
{
    struct ledger_entry entry = {0};

    if (!read_members(document, &entry_record, &entry, error))
        return false;
    *head = (struct ledger_head){
        .exists = true, .sequence = entry.key.sequence, .token = entry.token, .state = entry.state};
    return true;
}
