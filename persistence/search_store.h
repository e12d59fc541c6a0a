/*
 * By which words events are found: an index beside the copy of the catalogue (copy_store.h) in the same
 * database, one entry for each event, to be made from what the copy has. What a word is, is for the
 * caller to say; here it is any text without spaces.
 */
#ifndef EVENTS_PERSISTENCE_SEARCH_STORE_H
#define EVENTS_PERSISTENCE_SEARCH_STORE_H

#include "persistence/database.h"
#include "persistence/event_view.h"

MUST_CHECK bool search_store_prepare(struct search_store *store, struct error *error);

/*
 * Written only over an entry of a lower version of the event, or of the same with a lower version of
 * its place, so that it does not matter in which order two processes have come to theirs.
 */
struct search_entry {
    struct object_id event_id;
    int64_t event_version;
    int64_t place_version; /* of the location whose words are among them; 0: none is known */
    bool removed;          /* then only id and event_version count */
    int64_t start_s;
    const char *words; /* separated by single spaces; borrowed */
};

/* Durable when true comes back, also what is higher and was there before. */
MUST_CHECK bool search_store_put(struct search_store *store, const struct search_entry *entries,
                                 size_t n_entries, struct error *error);

/* Which events, by (start_s, id), unknown start first. {0} with words and a limit is the first page. */
struct search_page {
    bool has_after; /* continue behind this one */
    int64_t after_start_s;
    struct object_id after_id;
    size_t limit;          /* 1 to PAGE_ITEMS_MAX */
    const char *words;     /* all of them; separated by single spaces, "": any event */
    const int64_t *from_s; /* start_s >= *from_s; NULL: any */
    const int64_t *to_s;   /* start_s < *to_s; NULL: any */
};

struct search_hit {
    struct object_id event_id;
    int64_t start_s;
};

/*
 * @hits has room for the limit of @page; with fewer hits than that there are no more. ERROR_CORRUPT: entries that
 * cannot be read were left out, and @hits may be used all the same.
 */
MUST_CHECK bool search_store_find(struct search_store *store, const struct search_page *page,
                                  struct search_hit *hits, size_t *n_hits, struct error *error);

/*
 * What the copy has of these events, in this order. Those that it does not know, or that are removed by
 * now, are left out.
 */
MUST_CHECK bool search_store_events(struct search_store *store, const struct object_id *ids,
                                    size_t n_ids, event_visit *visit, void *context,
                                    struct error *error);

#endif
