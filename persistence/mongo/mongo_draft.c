/*
 * Drafts of the copy: collections of names that no other program uses. What was written to them is
 * known by the marks of the server: a draft that somebody dropped and a late write made anew has
 * another one, and is not installed.
 */
#include "base/memory.h"
#include "persistence/mongo/mongo_collections.h"
#include "persistence/mongo/mongo_copy.h"
#include "persistence/mongo/mongo_documents.h"
#include "persistence/mongo/mongo_scan.h"

#include <stdio.h>

#define DRAFT_PREFIX MONGO_COPIED_PREFIX "draft_"

enum {
    NAME_BYTES = 64,
    KEEP_ITEMS = MONGO_BULK_MAX
};

struct mongo_draft {
    struct copy_draft base;
    struct mongo_copy copy;
    struct mongo_database *database; /* borrowed */
    char events[NAME_BYTES];
    char locations[NAME_BYTES];
    uint64_t generation;
    bool is_installed;
};

static const struct mongo_pool *pool_of(const struct mongo_draft *self)
{
    return &self->database->pools[MONGO_COMMITS];
}

static void mongo_draft_free(struct copy_draft *draft)
{
    struct mongo_draft *self = CONTAINER_OF(draft, struct mongo_draft, base);

    /* What stays is dropped when the next draft is opened. */
    if (!self->is_installed && (!mongo_collections_drop(pool_of(self), self->events, NULL) ||
                                !mongo_collections_drop(pool_of(self), self->locations, NULL)))
        self->is_installed = false;
    memory_free(self);
}

/* ---- keeping ---- */

/* Some ids of one collection, in their order. */
struct ids {
    struct object_id items[KEEP_ITEMS];
    size_t n;
};

/* Only ids are read, which the index has, for most are known to the draft. */
static bool read_ids(const struct mongo_draft *self, const char *collection, const bson_t *filter,
                     struct ids *ids, struct error *error)
{
    CLEANUP(bson_destroyp)
    bson_t *options = mongo_json("{\"sort\": {\"_id\": 1}, \"projection\": {\"_id\": 1}}");
    CLEANUP(mongo_cursor_close) struct mongo_cursor cursor = {0};
    const bson_t *document;

    BSON_APPEND_INT64(options, "limit", KEEP_ITEMS);
    if (!mongo_find(pool_of(self), collection, filter, options, &cursor, error))
        return false;
    for (ids->n = 0; mongo_cursor_next(&cursor, &document); ids->n++) {
        if (!mongo_document_id(document, &ids->items[ids->n], error))
            return false;
    }
    return mongo_cursor_check(&cursor, error);
}

/* Both are in order. */
static void leave_out(struct ids *ids, const struct ids *known)
{
    size_t n_left = 0;
    size_t at = 0;

    for (size_t i = 0; i < ids->n; i++) {
        while (at < known->n && object_id_compare(&known->items[at], &ids->items[i]) < 0)
            at++;
        if (at == known->n || !object_id_equal(&known->items[at], &ids->items[i]))
            ids->items[n_left++] = ids->items[i];
    }
    ids->n = n_left;
}

static bool leave_out_known(const struct mongo_draft *self, const char *collection, struct ids *ids,
                            struct error *error)
{
    CLEANUP(bson_destroy) bson_t filter = BSON_INITIALIZER;
    struct ids known;

    mongo_append_in(&filter, "_id", ids->items, ids->n);
    if (!read_ids(self, collection, &filter, &known, error))
        return false;
    leave_out(ids, &known);
    return true;
}

/* As they are, byte for byte. */
static bool copy_documents(const struct mongo_draft *self, const char *from, const char *to,
                           const struct ids *ids, struct error *error)
{
    CLEANUP(bson_destroy) bson_t filter = BSON_INITIALIZER;
    CLEANUP(mongo_cursor_close) struct mongo_cursor cursor = {0};
    CLEANUP(mongo_bulk_close) struct mongo_bulk bulk = {0};
    const bson_t *document;

    mongo_append_in(&filter, "_id", ids->items, ids->n);
    if (!mongo_find(pool_of(self), from, &filter, NULL, &cursor, error) ||
        !mongo_bulk_open(pool_of(self), to, &bulk, error))
        return false;
    while (mongo_cursor_next(&cursor, &document))
        mongo_bulk_insert(&bulk, document);
    return mongo_cursor_check(&cursor, error) &&
           (bulk.n_writes == 0 || mongo_bulk_commit(&bulk, error));
}

static bool keep_collection(const struct mongo_draft *self, const char *from, const char *to,
                            int64_t *n_kept, struct error *error)
{
    struct catalogue_scan scan = {0};
    struct ids ids;
    size_t n;

    do {
        CLEANUP(bson_destroy) bson_t filter = BSON_INITIALIZER;

        mongo_append_scan(&filter, &scan);
        if (!read_ids(self, from, &filter, &ids, error))
            return false;
        n = ids.n;
        if (n > 0) {
            scan.has_after = true;
            scan.after = ids.items[n - 1];
        }
        if ((n > 0 && !leave_out_known(self, to, &ids, error)) ||
            (ids.n > 0 && !copy_documents(self, from, to, &ids, error)))
            return false;
        *n_kept += (int64_t)ids.n;
    } while (n == KEEP_ITEMS);
    return true;
}

static bool mongo_draft_keep(struct copy_draft *draft, int64_t *n_kept, struct error *error)
{
    struct mongo_draft *self = CONTAINER_OF(draft, struct mongo_draft, base);

    *n_kept = 0;
    return keep_collection(self, MONGO_COPIED_LOCATIONS, self->locations, n_kept, error) &&
           keep_collection(self, MONGO_COPIED_EVENTS, self->events, n_kept, error);
}

/* ---- installing ---- */

static bool generation_of(const struct mongo_draft *self, uint64_t *generation, struct error *error)
{
    const char *const names[] = {self->events, self->locations};

    return mongo_collections_generation(pool_of(self), names, ARRAY_SIZE(names), generation, error);
}

static bool check_still_ours(const struct mongo_draft *self, struct error *error)
{
    uint64_t generation;

    if (!generation_of(self, &generation, error))
        return false;
    return generation == self->generation ||
           error_set(error, ERROR_CONFLICT, "another program makes a draft of the copy as well");
}

/* The offset first: the copy that it belongs to is in use only after that. */
static bool mongo_draft_install(struct copy_draft *draft, const char *log, int64_t offset,
                                struct error *error)
{
    struct mongo_draft *self = CONTAINER_OF(draft, struct mongo_draft, base);

    if (!check_still_ours(self, error) ||
        !database_store_offset(&self->database->base, log, self->generation, offset, error) ||
        !mongo_collection_replace(pool_of(self), self->locations, MONGO_COPIED_LOCATIONS, error) ||
        !mongo_collection_replace(pool_of(self), self->events, MONGO_COPIED_EVENTS, error))
        return false;
    self->is_installed = true;
    return true;
}

/* ---- opening ---- */

static const struct copy_draft_ops mongo_draft_ops = {
    .keep = mongo_draft_keep,
    .install = mongo_draft_install,
    .free = mongo_draft_free,
};

static void name_collections(struct mongo_draft *self)
{
    const struct object_id id = object_id_random();

    snprintf(self->events, sizeof(self->events), DRAFT_PREFIX "events_%s", object_id_hex(&id).text);
    snprintf(self->locations, sizeof(self->locations), DRAFT_PREFIX "locations_%s",
             object_id_hex(&id).text);
}

bool mongo_draft_open(struct database *database, struct copy_draft **draft, struct error *error)
{
    CLEANUP(copy_draft_freep) struct copy_draft *opened = NULL;
    struct mongo_draft *self = memory_new(sizeof(*self), error);

    if (!self)
        return false;
    self->base.ops = &mongo_draft_ops;
    opened = &self->base;
    self->database = CONTAINER_OF(database, struct mongo_database, base);
    name_collections(self);
    mongo_copy_init(&self->copy, self->database->pools, self->events, self->locations);
    self->copy.is_new = true;
    self->base.store = &self->copy.base;
    if (!mongo_collections_drop(pool_of(self), DRAFT_PREFIX, error) ||
        !copy_store_prepare(self->base.store, error) ||
        !generation_of(self, &self->generation, error))
        return error_wrap(error, "a draft of the copy");
    *draft = opened;
    opened = NULL;
    return true;
}
