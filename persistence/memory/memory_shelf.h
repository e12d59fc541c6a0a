/*
 * Events and locations side by side, as catalogue and copy both keep them: found by id, listed in
 * order, each event shown with its location. Called under the lock of the data it belongs to.
 */
#ifndef EVENTS_PERSISTENCE_MEMORY_SHELF_H
#define EVENTS_PERSISTENCE_MEMORY_SHELF_H

#include "persistence/event_view.h"
#include "persistence/id_index.h"

struct memory_event {
    struct event event;
    bool is_removed;
};

struct memory_location {
    struct location location; /* owned */
    bool is_removed;
};

struct memory_shelf {
    struct memory_event *events; /* owned */
    size_t n_events;
    size_t events_capacity;
    struct id_index events_index;

    struct memory_location *locations; /* owned */
    size_t n_locations;
    size_t locations_capacity;
    struct id_index locations_index;
};

void memory_shelf_clear(struct memory_shelf *shelf);

/* NULL when there is none, removed ones included. Borrowed until the next change. */
struct memory_event *memory_shelf_event(const struct memory_shelf *shelf,
                                        const struct object_id *id);
struct memory_location *memory_shelf_location(const struct memory_shelf *shelf,
                                              const struct object_id *id);

/* Add one whose id is not there. ERROR_MEMORY. */
MUST_CHECK bool memory_shelf_add_event(struct memory_shelf *shelf, const struct event *event,
                                       struct error *error);
MUST_CHECK bool memory_shelf_add_location(struct memory_shelf *shelf,
                                          const struct location *location, struct error *error);

/* Replace the location of one that is there. ERROR_MEMORY. */
MUST_CHECK bool memory_shelf_set_location(struct memory_location *stored,
                                          const struct location *location, struct error *error);

/* @event with its location; event_view_clear() afterwards. */
MUST_CHECK bool memory_shelf_view(const struct memory_shelf *shelf, const struct event *event,
                                  struct event_view *view, struct error *error);

/* A page of events, without removed ones: copies, so that they can be visited without the lock. */
struct memory_views {
    struct event_view *views; /* owned */
    size_t n_views;
};

MUST_CHECK bool memory_shelf_events(const struct memory_shelf *shelf, const struct event_page *page,
                                    struct memory_views *views, struct error *error);
MUST_CHECK bool memory_views_visit(const struct memory_views *views, event_visit *visit,
                                   void *context, struct error *error);
void memory_views_clear(struct memory_views *views);

/* The same of locations. */
struct memory_locations {
    struct location *locations; /* owned */
    size_t n_locations;
};

MUST_CHECK bool memory_shelf_locations(const struct memory_shelf *shelf,
                                       const struct location_page *page,
                                       struct memory_locations *locations, struct error *error);
MUST_CHECK bool memory_locations_visit(const struct memory_locations *locations,
                                       location_visit *visit, void *context, struct error *error);
void memory_locations_clear(struct memory_locations *locations);

#endif
