#include "searchservice/finding.h"

#include "base/memory.h"
#include "searchservice/words.h"

enum {
    BATCH_MAX = 64,
    /* Two texts of the event, three of its place twice; at worst a mark with each letter. */
    WORDS_BYTES_MAX = 8 * 2 * TEXT_BYTES
};

/* Entries that are not yet stored, with their words. */
struct batch {
    struct search_store *found;
    struct search_entry entries[BATCH_MAX];
    struct buffer words[BATCH_MAX];
    size_t n_entries;
};

static void batch_freep(struct batch **batch)
{
    for (size_t i = 0; *batch && i < BATCH_MAX; i++)
        buffer_clear(&(*batch)->words[i]);
    memory_free(*batch);
}

static struct batch *batch_new(const struct search_service *service, struct error *error)
{
    struct batch *batch = memory_new(sizeof(*batch), error);

    if (!batch)
        return NULL;
    batch->found = service->found;
    for (size_t i = 0; i < BATCH_MAX; i++)
        buffer_init(&batch->words[i], WORDS_BYTES_MAX);
    return batch;
}

static bool store(struct batch *batch, struct error *error)
{
    size_t n_entries = batch->n_entries;

    batch->n_entries = 0;
    return search_store_put(batch->found, batch->entries, n_entries, error);
}

static void append_place(struct buffer *words, const char *mark, const struct location *place)
{
    words_append(words, mark, place->name);
    words_append(words, mark, place->address);
    words_append(words, mark, place->country);
}

static bool add(void *context, const struct event_view *view, struct error *error)
{
    struct batch *batch = context;
    struct buffer *words = &batch->words[batch->n_entries];

    buffer_reset(words);
    words_append(words, "", view->event.name);
    words_append(words, "", view->event.hall);
    append_place(words, "", &view->location);
    append_place(words, PLACE_MARK, &view->location);
    if (!buffer_ok(words, error))
        return false;
    batch->entries[batch->n_entries++] = (struct search_entry){
        .event_id = view->event.id,
        .event_version = view->event.version,
        .place_version = view->location.version,
        .start_s = view->event.start_s,
        .words = words->data ? words->data : "",
    };
    return batch->n_entries < BATCH_MAX || store(batch, error);
}

bool finding_events(const struct search_service *service, const struct object_id *event_ids,
                    size_t n_events, struct error *error)
{
    CLEANUP(batch_freep) struct batch *batch = batch_new(service, error);

    return batch && search_store_events(service->found, event_ids, n_events, add, batch, error) &&
           store(batch, error);
}

/* Where the next page begins. */
struct walk {
    struct batch *batch;
    struct event_page page;
    size_t n_seen;
};

static bool add_of_page(void *context, const struct event_view *view, struct error *error)
{
    struct walk *walk = context;

    walk->n_seen++;
    walk->page.has_after = true;
    walk->page.after_start_s = view->event.start_s;
    walk->page.after_id = view->event.id;
    return add(walk->batch, view, error);
}

/* The sound ones of a page; of the others @damage tells. */
static bool add_some(const struct search_service *service, struct walk *walk, struct error *damage,
                     struct error *error)
{
    struct event_page page = walk->page;
    struct error cause = {0};

    walk->n_seen = 0;
    if (copy_store_events(service->copy, &page, add_of_page, walk, &cause))
        return true;
    *(cause.code == ERROR_CORRUPT ? damage : error) = cause;
    return cause.code == ERROR_CORRUPT;
}

bool finding_place(const struct search_service *service, const struct object_id *location_id,
                   struct error *error)
{
    CLEANUP(batch_freep) struct batch *batch = batch_new(service, error);
    struct walk walk = {.batch = batch, .page = {.limit = BATCH_MAX, .location_id = location_id}};
    struct error damage = {0};

    if (!batch)
        return false;
    do {
        if (!add_some(service, &walk, &damage, error))
            return false;
    } while (walk.n_seen == BATCH_MAX);
    return store(batch, error) &&
           (damage.code == ERROR_NONE || error_set(error, damage.code, "%s", damage.text));
}
