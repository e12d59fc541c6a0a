#include "persistence/memory/memory_search.h"

#include "base/memory.h"
#include "persistence/array.h"
#include "persistence/memory/memory_database.h"

#include <stdlib.h>
#include <string.h>

void memory_search_clear(struct memory_search *search)
{
    for (size_t i = 0; i < search->n_found; i++)
        memory_free(search->found[i].words);
    memory_free(search->found);
    id_index_clear(&search->index);
    *search = (struct memory_search){0};
}

static struct memory_database *database_of(struct search_store *store)
{
    return CONTAINER_OF(store, struct memory_database, search);
}

static bool memory_search_prepare(struct search_store *store, struct error *error)
{
    CLEANUP(memory_data_unlock)
    struct memory_data *data = memory_database_read(database_of(store), "search.prepare", error);

    return data != NULL;
}

/* ---- entries ---- */

static struct memory_found *find_or_add(struct memory_search *self, const struct object_id *id,
                                        struct error *error)
{
    struct memory_found *found;
    size_t place;

    if (id_index_find(&self->index, id, &place))
        return &self->found[place];
    found = array_room(self->found, self->n_found, 1, &self->capacity, sizeof(*found), error);
    if (!found)
        return NULL;
    self->found = found;
    if (!id_index_put(&self->index, id, self->n_found, error))
        return NULL;
    found[self->n_found] = (struct memory_found){0};
    return &found[self->n_found++];
}

static bool is_lower(const struct search_entry *left, const struct search_entry *right)
{
    return left->event_version < right->event_version ||
           (left->event_version == right->event_version &&
            left->place_version < right->place_version);
}

static bool put(struct memory_search *self, const struct search_entry *entry, struct error *error)
{
    CLEANUP(memory_freep)
    char *words = memory_text(entry->removed ? "" : entry->words, error);
    struct memory_found *found = words ? find_or_add(self, &entry->event_id, error) : NULL;

    if (!found)
        return false;
    if (found->words && !is_lower(&found->entry, entry))
        return true;
    memory_free(found->words);
    *found = (struct memory_found){.entry = *entry, .words = words};
    words = NULL;
    return true;
}

static bool memory_search_put(struct search_store *store, const struct search_entry *entries,
                              size_t n_entries, struct error *error)
{
    enum memory_fault fault = MEMORY_FAULT_NONE;
    CLEANUP(memory_data_unlock)
    struct memory_data *data =
        memory_database_write(database_of(store), "search.put", &fault, error);

    if (!data)
        return false;
    for (size_t i = 0; i < n_entries && memory_fault_applies(fault); i++) {
        if (!put(&data->search, &entries[i], error))
            return false;
    }
    return memory_fault_answer(fault, error);
}

/* ---- finding ---- */

static bool has_word(const char *words, const char *word, size_t length)
{
    while (*words) {
        size_t other = strcspn(words, " ");

        if (other == length && memcmp(words, word, length) == 0)
            return true;
        words += other + (words[other] == ' ');
    }
    return false;
}

static bool has_words(const char *words, const char *wanted)
{
    while (*wanted) {
        size_t length = strcspn(wanted, " ");

        if (!has_word(words, wanted, length))
            return false;
        wanted += length + (wanted[length] == ' ');
    }
    return true;
}

static int compare(const void *a, const void *b)
{
    const struct search_hit *left = a;
    const struct search_hit *right = b;

    if (left->start_s != right->start_s)
        return left->start_s < right->start_s ? -1 : 1;
    return object_id_compare(&left->event_id, &right->event_id);
}

static bool is_wanted(const struct memory_found *found, const struct search_page *page)
{
    const struct search_hit hit = {found->entry.event_id, found->entry.start_s};
    const struct search_hit last = {page->after_id, page->after_start_s};

    return found->words && !found->entry.removed &&
           (!page->has_after || compare(&hit, &last) > 0) &&
           (!page->from_s || hit.start_s >= *page->from_s) &&
           (!page->to_s || hit.start_s < *page->to_s) && has_words(found->words, page->words);
}

static bool memory_search_find(struct search_store *store, const struct search_page *page,
                               struct search_hit *hits, size_t *n_hits, struct error *error)
{
    CLEANUP(memory_data_unlock)
    struct memory_data *data = memory_database_read(database_of(store), "search.find", error);
    CLEANUP(memory_freep) struct search_hit *all = NULL;
    size_t n = 0;

    if (!data)
        return false;
    all = memory_array(data->search.n_found + 1, sizeof(*all), error);
    if (!all)
        return false;
    for (size_t i = 0; i < data->search.n_found; i++) {
        const struct memory_found *found = &data->search.found[i];

        if (is_wanted(found, page))
            all[n++] = (struct search_hit){found->entry.event_id, found->entry.start_s};
    }
    qsort(all, n, sizeof(*all), compare);
    *n_hits = n < page->limit ? n : page->limit;
    for (size_t i = 0; i < *n_hits; i++)
        hits[i] = all[i];
    return true;
}

/* ---- what the copy has ---- */

static bool add_view(const struct memory_shelf *shelf, const struct object_id *id,
                     struct memory_views *views, struct error *error)
{
    const struct memory_event *stored = memory_shelf_event(shelf, id);

    if (!stored || stored->is_removed)
        return true;
    if (!memory_shelf_view(shelf, &stored->event, &views->views[views->n_views], error))
        return false;
    views->n_views++;
    return true;
}

static bool list(struct search_store *store, const struct object_id *ids, size_t n_ids,
                 struct memory_views *views, struct error *error)
{
    CLEANUP(memory_data_unlock)
    struct memory_data *data = memory_database_read(database_of(store), "search.events", error);

    if (!data)
        return false;
    views->views = memory_array(n_ids, sizeof(*views->views), error);
    if (!views->views)
        return false;
    for (size_t i = 0; i < n_ids; i++) {
        if (!add_view(&data->copy.shelf, &ids[i], views, error))
            return false;
    }
    return true;
}

/* Copies, so that they can be visited without the lock. */
static bool memory_search_events(struct search_store *store, const struct object_id *ids,
                                 size_t n_ids, event_visit *visit, void *context,
                                 struct error *error)
{
    CLEANUP(memory_views_clear) struct memory_views views = {0};

    return list(store, ids, n_ids, &views, error) &&
           memory_views_visit(&views, visit, context, error);
}

const struct search_store_ops memory_search_ops = {
    .prepare = memory_search_prepare,
    .put = memory_search_put,
    .find = memory_search_find,
    .events = memory_search_events,
};
