/*
 * The booking service's copy of the catalogue: one document per event and location, replaced only
 * by a higher version, so duplicates and disorder do no harm. A removed one stays as a tombstone
 * with its version.
 */
#ifndef EVENTS_PERSISTENCE_COPY_STORE_H
#define EVENTS_PERSISTENCE_COPY_STORE_H

#include "persistence/catalogue_scan.h"
#include "persistence/database.h"
#include "persistence/event_view.h"
#include "persistence/ledger_store.h"

MUST_CHECK bool copy_store_prepare(struct copy_store *store, struct error *error);

/* One change heard. Of a removal only id and version count. */
struct copy_event {
    const struct event *event; /* borrowed */
    bool removed;
    bool changed; /* out: it was newer than what was there */
};
struct copy_location {
    const struct location *location; /* borrowed */
    bool removed;
    bool changed;
};

/* Durable when true comes back. Several of one id may stand in one call. */
MUST_CHECK bool copy_store_put_events(struct copy_store *store, struct copy_event *events,
                                      size_t n_events, struct error *error);
MUST_CHECK bool copy_store_put_locations(struct copy_store *store, struct copy_location *locations,
                                         size_t n_locations, struct error *error);

/* ERROR_NOT_FOUND; ERROR_GONE for a removed one. entry and seats_sold of the view stay 0. */
MUST_CHECK bool copy_store_event(struct copy_store *store, const struct object_id *id,
                                 struct event_view *view, struct error *error);
/* The same, and in the same look the head of the event's ledger; {0} while that has no entry. */
MUST_CHECK bool copy_store_event_sold(struct copy_store *store, const struct object_id *id,
                                      struct event_view *view, struct ledger_head *head,
                                      struct error *error);
MUST_CHECK bool copy_store_events(struct copy_store *store, const struct event_page *page,
                                  event_visit *visit, void *context, struct error *error);

/*
 * Which copy this is: another number after its collections were dropped, restored or replaced. What was
 * noted about one copy, such as how far the log was read into it, says nothing about another.
 */
MUST_CHECK bool copy_store_generation(struct copy_store *store, uint64_t *generation,
                                      struct error *error);

/* As catalogue_store_scan(). */
MUST_CHECK bool copy_store_scan(struct copy_store *store, const struct catalogue_scan *scan,
                                catalogue_item_visit *visit, void *context, struct error *error);

#endif
