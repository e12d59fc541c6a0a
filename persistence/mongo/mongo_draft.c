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

/* Some documents of the copy in use, in the order of ids. */
static bool add_documents(const struct mongo_draft *self, const char *from,
                          struct catalogue_scan *scan, struct mongo_bulk *bulk, struct error *error)
{
    CLEANUP(bson_destroy) bson_t filter = BSON_INITIALIZER;
    CLEANUP(bson_destroyp) bson_t *options = mongo_json("{\"sort\": {\"_id\": 1}}");
    CLEANUP(mongo_cursor_close) struct mongo_cursor cursor = {0};
    const bson_t *document;

    mongo_append_scan(&filter, scan);
    BSON_APPEND_INT64(options, "limit", (int64_t)scan->limit);
    if (!mongo_find(pool_of(self), from, &filter, options, &cursor, error))
        return false;
    while (mongo_cursor_next(&cursor, &document)) {
        if (!mongo_document_id(document, &scan->after, error))
            return false;
        scan->has_after = true;
        mongo_bulk_insert(bulk, document);
    }
    return mongo_cursor_check(&cursor, error);
}

/* What the draft has is newer or the same, so a taken id is fine. */
static bool insert_missing(struct mongo_bulk *bulk, int64_t *n_kept, struct error *error)
{
    enum mongo_outcome outcomes[MONGO_BULK_MAX];
    bson_error_t cause;

    mongo_bulk_execute(bulk, outcomes, &cause);
    for (size_t i = 0; i < bulk->n_writes; i++) {
        if (outcomes[i] == MONGO_DONE)
            ++*n_kept;
        else if (outcomes[i] != MONGO_TAKEN)
            return mongo_write_error(outcomes[i], &cause, error);
    }
    return true;
}

static bool keep_collection(const struct mongo_draft *self, const char *from, const char *to,
                            int64_t *n_kept, struct error *error)
{
    struct catalogue_scan scan = {.limit = KEEP_ITEMS};
    size_t n;

    do {
        CLEANUP(mongo_bulk_close) struct mongo_bulk bulk = {0};

        if (!mongo_bulk_open(pool_of(self), to, &bulk, error) ||
            !add_documents(self, from, &scan, &bulk, error))
            return false;
        n = bulk.n_writes;
        if (n > 0 && !insert_missing(&bulk, n_kept, error))
            return false;
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
    self->base.store = &self->copy.base;
    if (!mongo_collections_drop(pool_of(self), DRAFT_PREFIX, error) ||
        !copy_store_prepare(self->base.store, error) ||
        !generation_of(self, &self->generation, error))
        return error_wrap(error, "a draft of the copy");
    *draft = opened;
    opened = NULL;
    return true;
}
