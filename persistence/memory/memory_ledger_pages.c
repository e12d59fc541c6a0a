/*
 * Bookings as people ask for them: those of an event, of a user, and those that share a code; and the
 * sums and entries of all ledgers.
 */
#include "base/memory.h"
#include "persistence/memory/memory_database.h"

#include <stdlib.h>

/* Which bookings are wanted. */
struct wanted {
    const struct booking_page *page;
    const struct object_id *user_id;   /* NULL: anybody's */
    const struct booking_range *range; /* NULL: any id */
};

/* Copies, so that they can be visited without the lock. */
struct listed {
    struct booking booking;
    int64_t sequence;
    size_t index;
};

struct listing {
    struct listed *items; /* owned */
    size_t n_items;
};

static void listing_clear(struct listing *listing)
{
    memory_free(listing->items);
}

static bool is_wanted(const struct wanted *wanted, const struct ledger_booking *booking)
{
    if (wanted->user_id && !object_id_equal(wanted->user_id, &booking->user_id))
        return false;
    return !wanted->range || (object_id_compare(&wanted->range->first, &booking->id) <= 0 &&
                              object_id_compare(&booking->id, &wanted->range->last) <= 0);
}

static void list_entry(const struct memory_ledgers *ledgers, const struct ledger_entry *entry,
                       size_t first, const struct wanted *wanted, struct listing *listing)
{
    for (size_t i = first; i < entry->n_bookings && listing->n_items < wanted->page->limit; i++) {
        if (!is_wanted(wanted, &entry->bookings[i]))
            continue;
        const struct ledger_found found = memory_ledgers_found(ledgers, entry, i);

        listing->items[listing->n_items++] = (struct listed){
            .booking = memory_booking_of(&found), .sequence = entry->key.sequence, .index = i};
    }
}

/* The page begins within this chain, or before it. */
static void list_chain(const struct memory_ledgers *ledgers, const struct memory_chain *chain,
                       const struct wanted *wanted, struct listing *listing)
{
    const struct booking_page *page = wanted->page;
    bool is_first = object_id_equal(&chain->event_id, &page->event_id);

    for (size_t i = is_first ? memory_chain_place(chain, page->sequence) : 0; i < chain->n_entries;
         i++) {
        const struct ledger_entry *entry = &chain->entries[i].entry;
        bool begins_here = is_first && entry->key.sequence == page->sequence;

        list_entry(ledgers, entry, begins_here ? page->index : 0, wanted, listing);
    }
}

/* The bookings of one event that are @wanted: listing_clear(). */
static bool list_event(struct ledger_store *store, const char *operation,
                       const struct wanted *wanted, struct listing *listing, struct error *error)
{
    CLEANUP(memory_data_unlock)
    struct memory_data *data =
        memory_database_read(CONTAINER_OF(store, struct memory_database, ledger), operation, error);
    const struct memory_chain *chain;

    if (!data)
        return false;
    listing->items = memory_array(wanted->page->limit, sizeof(*listing->items), error);
    if (!listing->items)
        return false;
    chain = memory_ledgers_chain(&data->ledgers, &wanted->page->event_id);
    if (chain)
        list_chain(&data->ledgers, chain, wanted, listing);
    return true;
}

static int compare_chains(const void *a, const void *b)
{
    const struct memory_chain *const *left = a;
    const struct memory_chain *const *right = b;

    return object_id_compare(&(*left)->event_id, &(*right)->event_id);
}

/* All chains in the order of their events' ids; the caller frees the array. */
static const struct memory_chain **sort_chains(const struct memory_ledgers *ledgers,
                                               struct error *error)
{
    const struct memory_chain **chains =
        memory_array(ledgers->n_chains + 1, sizeof(*chains), error);

    if (!chains)
        return NULL;
    for (size_t i = 0; i < ledgers->n_chains; i++)
        chains[i] = &ledgers->chains[i];
    qsort(chains, ledgers->n_chains, sizeof(*chains), compare_chains);
    return chains;
}

/* The bookings of all events, in the order of the events' ids. */
static bool list_events(struct ledger_store *store, const struct wanted *wanted,
                        struct listing *listing, struct error *error)
{
    CLEANUP(memory_data_unlock)
    struct memory_data *data = memory_database_read(
        CONTAINER_OF(store, struct memory_database, ledger), "ledger.bookings_of", error);
    CLEANUP(memory_freep) const struct memory_chain **chains = NULL;

    if (!data)
        return false;
    listing->items = memory_array(wanted->page->limit, sizeof(*listing->items), error);
    chains = sort_chains(&data->ledgers, error);
    if (!listing->items || !chains)
        return false;
    for (size_t i = 0; i < data->ledgers.n_chains; i++) {
        if (object_id_compare(&wanted->page->event_id, &chains[i]->event_id) <= 0)
            list_chain(&data->ledgers, chains[i], wanted, listing);
    }
    return true;
}

static bool visit_all(const struct listing *listing, booking_visit *visit, void *context,
                      struct error *error)
{
    for (size_t i = 0; i < listing->n_items; i++) {
        const struct listed *item = &listing->items[i];

        if (!visit(context, &item->booking, item->sequence, item->index, error))
            return false;
    }
    return true;
}

bool memory_ledger_bookings(struct ledger_store *store, const struct booking_page *page,
                            booking_visit *visit, void *context, struct error *error)
{
    const struct wanted wanted = {.page = page};
    CLEANUP(listing_clear) struct listing listing = {0};

    return list_event(store, "ledger.bookings", &wanted, &listing, error) &&
           visit_all(&listing, visit, context, error);
}

bool memory_ledger_bookings_of(struct ledger_store *store, const struct object_id *user_id,
                               const struct booking_page *page, booking_visit *visit, void *context,
                               struct error *error)
{
    const struct wanted wanted = {.page = page, .user_id = user_id};
    CLEANUP(listing_clear) struct listing listing = {0};

    return list_events(store, &wanted, &listing, error) &&
           visit_all(&listing, visit, context, error);
}

bool memory_ledger_bookings_between(struct ledger_store *store, const struct booking_range *range,
                                    struct booking *bookings, size_t n_max, size_t *n_bookings,
                                    struct error *error)
{
    const struct booking_page page = {.event_id = range->event_id, .limit = n_max};
    const struct wanted wanted = {.page = &page, .range = range};
    CLEANUP(listing_clear) struct listing listing = {0};

    if (!list_event(store, "ledger.bookings_between", &wanted, &listing, error))
        return false;
    for (size_t i = 0; i < listing.n_items; i++)
        bookings[i] = listing.items[i].booking;
    *n_bookings = listing.n_items;
    return true;
}

/* ---- sums ---- */

struct sums {
    struct ledger_sum *items; /* owned */
    size_t n_items;
};

static void sums_clear(struct sums *sums)
{
    memory_free(sums->items);
}

static struct ledger_sum sum_of(const struct ledger_entry *entry)
{
    struct ledger_sum sum = {.key = entry->key, .state = entry->state};

    for (size_t i = 0; i < entry->n_bookings; i++)
        sum.seats_booked += entry->bookings[i].seats;
    for (size_t i = 0; i < entry->n_cancellations; i++)
        sum.seats_cancelled += entry->cancellations[i].seats;
    return sum;
}

static bool is_behind(const struct ledger_key *key, const struct ledger_scan *scan)
{
    int order = object_id_compare(&key->event_id, &scan->after.event_id);

    if (scan->only && !object_id_equal(&key->event_id, scan->only))
        return false;
    return !scan->has_after || order > 0 || (order == 0 && key->sequence > scan->after.sequence);
}

static void sum_chain(const struct memory_chain *chain, const struct ledger_scan *scan,
                      struct sums *sums)
{
    for (size_t i = 0; i < chain->n_entries && sums->n_items < scan->limit; i++) {
        const struct ledger_entry *entry = &chain->entries[i].entry;

        if (is_behind(&entry->key, scan))
            sums->items[sums->n_items++] = sum_of(entry);
    }
}

static bool list_sums(struct ledger_store *store, const struct ledger_scan *scan, struct sums *sums,
                      struct error *error)
{
    CLEANUP(memory_data_unlock)
    struct memory_data *data = memory_database_read(
        CONTAINER_OF(store, struct memory_database, ledger), "ledger.scan", error);
    CLEANUP(memory_freep) const struct memory_chain **chains = NULL;

    if (!data)
        return false;
    sums->items = memory_array(scan->limit, sizeof(*sums->items), error);
    chains = sort_chains(&data->ledgers, error);
    if (!sums->items || !chains)
        return false;
    for (size_t i = 0; i < data->ledgers.n_chains; i++)
        sum_chain(chains[i], scan, sums);
    return true;
}

bool memory_ledger_scan(struct ledger_store *store, const struct ledger_scan *scan,
                        ledger_sum_visit *visit, void *context, struct error *error)
{
    CLEANUP(sums_clear) struct sums sums = {0};

    if (!list_sums(store, scan, &sums, error))
        return false;
    for (size_t i = 0; i < sums.n_items; i++) {
        if (!visit(context, &sums.items[i], error))
            return false;
    }
    return true;
}

/* ---- entries ---- */

/* Copies, to be visited without the lock. */
struct copies {
    struct ledger_entry *items; /* owned */
    size_t n_items;
};

static void copies_clear(struct copies *copies)
{
    for (size_t i = 0; i < copies->n_items; i++)
        ledger_entry_clear(&copies->items[i]);
    memory_free(copies->items);
}

static bool copy_chain(const struct memory_chain *chain, const struct ledger_scan *scan,
                       struct copies *copies, struct error *error)
{
    for (size_t i = 0; i < chain->n_entries && copies->n_items < scan->limit; i++) {
        const struct ledger_entry *entry = &chain->entries[i].entry;

        if (!is_behind(&entry->key, scan))
            continue;
        if (!ledger_entry_copy(entry, &copies->items[copies->n_items], error))
            return false;
        copies->n_items++;
    }
    return true;
}

static bool copy_entries(struct ledger_store *store, const struct ledger_scan *scan,
                         struct copies *copies, struct error *error)
{
    CLEANUP(memory_data_unlock)
    struct memory_data *data = memory_database_read(
        CONTAINER_OF(store, struct memory_database, ledger), "ledger.entries", error);
    CLEANUP(memory_freep) const struct memory_chain **chains = NULL;

    if (!data)
        return false;
    copies->items = memory_array(scan->limit, sizeof(*copies->items), error);
    chains = sort_chains(&data->ledgers, error);
    if (!copies->items || !chains)
        return false;
    for (size_t i = 0; i < data->ledgers.n_chains; i++) {
        if (!copy_chain(chains[i], scan, copies, error))
            return false;
    }
    return true;
}

bool memory_ledger_entries(struct ledger_store *store, const struct ledger_scan *scan,
                           ledger_visit *visit, void *context, struct error *error)
{
    CLEANUP(copies_clear) struct copies copies = {0};

    if (!copy_entries(store, scan, &copies, error))
        return false;
    for (size_t i = 0; i < copies.n_items; i++) {
        if (!visit(context, &copies.items[i], error))
            return false;
    }
    return true;
}
