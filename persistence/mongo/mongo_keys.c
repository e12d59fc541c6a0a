#include "persistence/mongo/mongo_catalogue.h"
#include "persistence/mongo/mongo_documents.h"
#include "persistence/mongo/mongo_members.h"

/* Unique among the documents that have one: without the filter all others would share the key null. */
static const char keyed_only[] = "{\"key.h\": {\"$exists\": true}}";

static const struct mongo_index indexes[] = {
    {MONGO_EVENTS, "keys", "{\"key.h\": 1}", true, keyed_only},
    {MONGO_LOCATIONS, "keys", "{\"key.h\": 1}", true, keyed_only},
};

bool mongo_keys_prepare(const struct mongo_pool *pool, struct error *error)
{
    return mongo_indexes_make(pool, indexes, ARRAY_SIZE(indexes), error);
}

void mongo_key_append(bson_t *document, const struct catalogue_key *key)
{
    bson_t members;

    BSON_APPEND_DOCUMENT_BEGIN(document, "key", &members);
    BSON_APPEND_BINARY(&members, "h", BSON_SUBTYPE_BINARY, key->hash, HASH_BYTES);
    BSON_APPEND_INT64(&members, "f", (int64_t)key->fingerprint);
    bson_append_document_end(document, &members);
}

void mongo_append_key_hash(bson_t *filter, const uint8_t hash[HASH_BYTES])
{
    BSON_APPEND_BINARY(filter, "key.h", BSON_SUBTYPE_BINARY, hash, HASH_BYTES);
}

static bool read_keyed(const bson_t *document, struct catalogue_keyed *keyed, struct error *error)
{
    struct catalogue_keyed read;
    bson_iter_t iter;
    bson_iter_t found;

    if (!mongo_document_id(document, &read.id, error))
        return false;
    if (!bson_iter_init(&iter, document) || !bson_iter_find_descendant(&iter, "key.f", &found) ||
        !BSON_ITER_HOLDS_INT64(&found))
        return error_set(error, ERROR_CORRUPT, "%s: member key.f is no integer",
                         object_id_hex(&read.id).text);
    read.fingerprint = (uint64_t)bson_iter_int64(&found);
    *keyed = read;
    return true;
}

bool mongo_catalogue_find_key(struct catalogue_store *store, enum outbox_kind kind,
                              const uint8_t hash[HASH_BYTES], struct catalogue_keyed *keyed,
                              struct error *error)
{
    CLEANUP(bson_destroy) bson_t filter = BSON_INITIALIZER;
    CLEANUP(bson_destroyp) bson_t *options = mongo_json("{\"projection\": {\"key\": 1}}");
    CLEANUP(mongo_cursor_close) struct mongo_cursor cursor = {0};
    const bson_t *document;

    mongo_append_key_hash(&filter, hash);
    if (!mongo_find(mongo_catalogue_pool(store, MONGO_REQUESTS), mongo_collection_of(kind), &filter,
                    options, &cursor, error))
        return false;
    if (mongo_cursor_next(&cursor, &document))
        return read_keyed(document, keyed, error);
    return mongo_cursor_check(&cursor, error) &&
           error_set(error, ERROR_NOT_FOUND, "nothing was created under this key");
}
