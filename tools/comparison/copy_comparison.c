#include "tools/comparison/copy_comparison.h"

#include <stdio.h>
#include <string.h>

enum {
    PAGE_ITEMS = 500
};

/* ---- one store, item by item ---- */

/* What of an item is enough to see whether another is the same. */
struct item_trace {
    struct object_id id;
    uint64_t hash;
    bool removed;
    bool is_flawed;
};

struct side {
    bool (*scan)(const struct copy_comparison *comparison, const struct catalogue_scan *scan,
                 catalogue_item_visit *visit, void *context, struct error *error);
    const struct copy_comparison *comparison;
    struct catalogue_scan next;
    struct item_trace traces[PAGE_ITEMS];
    size_t n;
    size_t at;
};

static bool scan_catalogue(const struct copy_comparison *comparison,
                           const struct catalogue_scan *scan, catalogue_item_visit *visit,
                           void *context, struct error *error)
{
    return catalogue_store_scan(comparison->catalogue, scan, visit, context, error);
}

static bool scan_copy(const struct copy_comparison *comparison, const struct catalogue_scan *scan,
                      catalogue_item_visit *visit, void *context, struct error *error)
{
    return copy_store_scan(comparison->copy, scan, visit, context, error);
}

static bool keep_trace(void *context, const struct catalogue_item *item, struct error *error)
{
    struct side *side = context;

    (void)error;
    side->traces[side->n++] = (struct item_trace){.id = item->id,
                                                  .hash = catalogue_item_hash(item),
                                                  .removed = item->removed,
                                                  .is_flawed = item->flaw[0] != '\0'};
    side->next.has_after = true;
    side->next.after = item->id;
    return true;
}

/* The next item, NULL behind the last one. */
static bool peek(struct side *side, const struct item_trace **trace, struct error *error)
{
    if (side->at == side->n) {
        side->n = 0;
        side->at = 0;
        if (!side->scan(side->comparison, &side->next, keep_trace, side, error))
            return false;
    }
    *trace = side->at < side->n ? &side->traces[side->at] : NULL;
    return true;
}

/* ---- one item on both sides ---- */

struct found {
    bool exists;
    struct catalogue_item item; /* owned */
};

static void found_clear(struct found *found)
{
    catalogue_item_clear(&found->item);
}

static bool keep_item(void *context, const struct catalogue_item *item, struct error *error)
{
    struct found *found = context;

    found->item = *item;
    found->item.location = (struct location){0};
    found->exists = true;
    return location_copy(&item->location, &found->item.location, error);
}

/* A member of one side, looked for on the other. */
struct search {
    const char *name;
    char text[ERROR_TEXT_BYTES + TEXT_BYTES];
    bool is_found;
};

static void note_member(void *context, const char *name, const char *text)
{
    struct search *search = context;

    if (strcmp(name, search->name) != 0)
        return;
    search->is_found = true;
    snprintf(search->text, sizeof(search->text), "%s", text);
}

struct telling {
    struct differences *differences;
    const struct catalogue_item *other;
    bool only_absent; /* tell what the other has not; else what it has otherwise, too */
};

static void tell_member(void *context, const char *name, const char *text)
{
    const struct telling *telling = context;
    const struct catalogue_item *other = telling->other;
    struct search search = {.name = name};

    catalogue_item_members(other, note_member, &search);
    if (search.is_found && (telling->only_absent || strcmp(search.text, text) == 0))
        return;
    if (!search.is_found)
        snprintf(search.text, sizeof(search.text), "%s", "absent");
    differences_tell(telling->differences,
                     &(struct difference){
                         .where = "copy",
                         .kind = catalogue_kind_name(other->kind),
                         .id = other->id,
                         .member = name,
                         .catalogue = telling->only_absent ? search.text : text,
                         .there = telling->only_absent ? text : search.text,
                     });
}

static void tell_missing(struct differences *differences, const struct found *source,
                         const struct found *copy)
{
    const struct catalogue_item *item = source->exists ? &source->item : &copy->item;

    differences_tell(differences, &(struct difference){
                                      .where = "copy",
                                      .kind = catalogue_kind_name(item->kind),
                                      .id = item->id,
                                      .member = "document",
                                      .catalogue = source->exists ? "there" : "missing",
                                      .there = copy->exists ? "there" : "missing",
                                  });
}

static void tell(struct differences *differences, const struct found *source,
                 const struct found *copy)
{
    struct telling telling = {.differences = differences, .other = &copy->item};

    if (!source->exists || !copy->exists) {
        tell_missing(differences, source, copy);
        return;
    }
    catalogue_item_members(&source->item, tell_member, &telling);
    telling.other = &source->item;
    telling.only_absent = true;
    catalogue_item_members(&copy->item, tell_member, &telling);
}

static bool is_same(const struct found *source, const struct found *copy)
{
    return source->exists == copy->exists &&
           (!source->exists ||
            catalogue_item_hash(&source->item) == catalogue_item_hash(&copy->item));
}

/* A message may have been on its way when the pages were read. */
static bool look_closely(struct copy_comparison *comparison, enum catalogue_kind kind,
                         const struct object_id *id, struct error *error)
{
    const struct catalogue_scan scan = {.kind = kind, .only = id, .limit = 1};
    CLEANUP(found_clear) struct found source = {0};
    CLEANUP(found_clear) struct found copy = {0};

    do {
        found_clear(&source);
        found_clear(&copy);
        source.exists = false;
        copy.exists = false;
        if (!scan_catalogue(comparison, &scan, keep_item, &source, error) ||
            !scan_copy(comparison, &scan, keep_item, &copy, error))
            return false;
    } while (!is_same(&source, &copy) && differences_look_again(comparison->differences));
    if (source.exists)
        catalogue_digest_add(&comparison->catalogue_digest, &source.item);
    if (copy.exists)
        catalogue_digest_add(&comparison->copy_digest, &copy.item);
    if (!is_same(&source, &copy))
        tell(comparison->differences, &source, &copy);
    return true;
}

/* ---- all of them ---- */

static void add_trace(struct catalogue_digest *digest, const struct item_trace *trace)
{
    digest->sum += trace->hash;
    digest->n_items++;
    digest->n_removed += trace->removed ? 1 : 0;
    digest->n_flawed += trace->is_flawed ? 1 : 0;
}

static int compare_traces(const struct item_trace *a, const struct item_trace *b)
{
    if (!a || !b)
        return a ? -1 : 1;
    return object_id_compare(&a->id, &b->id);
}

/* One step of the merge; the caller has seen that there is something left. */
static bool step(struct copy_comparison *comparison, struct side *source, struct side *copy,
                 const struct item_trace *in_source, const struct item_trace *in_copy,
                 struct error *error)
{
    int order = compare_traces(in_source, in_copy);
    const struct object_id id = order <= 0 ? in_source->id : in_copy->id;
    bool is_equal = order == 0 && in_source->hash == in_copy->hash;

    if (is_equal) {
        add_trace(&comparison->catalogue_digest, in_source);
        add_trace(&comparison->copy_digest, in_copy);
    }
    source->at += order <= 0 ? 1 : 0;
    copy->at += order >= 0 ? 1 : 0;
    return is_equal || look_closely(comparison, source->next.kind, &id, error);
}

bool copy_comparison_run(struct copy_comparison *comparison, enum catalogue_kind kind,
                         struct error *error)
{
    struct side source = {.scan = scan_catalogue, .comparison = comparison};
    struct side copy = {.scan = scan_copy, .comparison = comparison};
    const struct item_trace *in_source;
    const struct item_trace *in_copy;

    comparison->catalogue_digest = (struct catalogue_digest){0};
    comparison->copy_digest = (struct catalogue_digest){0};
    source.next = (struct catalogue_scan){.kind = kind, .limit = PAGE_ITEMS};
    copy.next = source.next;
    while (!word_is_interrupted()) {
        if (!peek(&source, &in_source, error) || !peek(&copy, &in_copy, error))
            return false;
        if (!in_source && !in_copy)
            return true;
        if (!step(comparison, &source, &copy, in_source, in_copy, error))
            return false;
    }
    return true;
}
