#include "persistence/memory/memory_shelf.h"

#include "base/memory.h"
#include "persistence/array.h"

#include <stdlib.h>
#include <string.h>

void memory_shelf_clear(struct memory_shelf *shelf)
{
    memory_free(shelf->events);
    id_index_clear(&shelf->events_index);
    for (size_t i = 0; i < shelf->n_locations; i++)
        location_clear(&shelf->locations[i].location);
    memory_free(shelf->locations);
    id_index_clear(&shelf->locations_index);
    *shelf = (struct memory_shelf){0};
}

struct memory_event *memory_shelf_event(const struct memory_shelf *shelf,
                                        const struct object_id *id)
{
    size_t place;

    return id_index_find(&shelf->events_index, id, &place) ? &shelf->events[place] : NULL;
}

struct memory_location *memory_shelf_location(const struct memory_shelf *shelf,
                                              const struct object_id *id)
{
    size_t place;

    return id_index_find(&shelf->locations_index, id, &place) ? &shelf->locations[place] : NULL;
}

bool memory_shelf_add_event(struct memory_shelf *shelf, const struct event *event,
                            struct error *error)
{
    struct memory_event *events = array_room(shelf->events, shelf->n_events, 1,
                                             &shelf->events_capacity, sizeof(*events), error);

    if (!events)
        return false;
    shelf->events = events;
    if (!id_index_put(&shelf->events_index, &event->id, shelf->n_events, error))
        return false;
    events[shelf->n_events++] = (struct memory_event){.event = *event};
    return true;
}

bool memory_shelf_add_location(struct memory_shelf *shelf, const struct location *location,
                               struct error *error)
{
    CLEANUP(location_clear) struct location copy = {0};
    struct memory_location *locations =
        array_room(shelf->locations, shelf->n_locations, 1, &shelf->locations_capacity,
                   sizeof(*locations), error);

    if (!locations)
        return false;
    shelf->locations = locations;
    if (!location_copy(location, &copy, error) ||
        !id_index_put(&shelf->locations_index, &location->id, shelf->n_locations, error))
        return false;
    locations[shelf->n_locations++] = (struct memory_location){.location = copy};
    copy = (struct location){0};
    return true;
}

bool memory_shelf_set_location(struct memory_location *stored, const struct location *location,
                               struct error *error)
{
    struct location copy = {0};

    if (!location_copy(location, &copy, error))
        return false;
    location_clear(&stored->location);
    stored->location = copy;
    return true;
}

/* A removed location is shown while it has a name; a removal that came alone brought none. */
bool memory_shelf_view(const struct memory_shelf *shelf, const struct event *event,
                       struct event_view *view, struct error *error)
{
    const struct memory_location *stored = memory_shelf_location(shelf, &event->location_id);
    struct event_view made = {.event = *event};

    if (stored && stored->location.name[0]) {
        if (!location_copy(&stored->location, &made.location, error))
            return false;
        made.has_location = true;
    }
    *view = made;
    return true;
}

/* ---- pages ---- */

static int compare_events(const void *a, const void *b)
{
    const struct event *const *left = a;
    const struct event *const *right = b;

    if ((*left)->start_s != (*right)->start_s)
        return (*left)->start_s < (*right)->start_s ? -1 : 1;
    return object_id_compare(&(*left)->id, &(*right)->id);
}

static bool is_after(const struct event *event, const struct event_page *page)
{
    const struct event last = {.start_s = page->after_start_s, .id = page->after_id};
    const struct event *const left = event;
    const struct event *const right = &last;

    return !page->has_after || compare_events(&left, &right) > 0;
}

/* The id none is no place, although one may ask for it. */
static bool is_at(const struct event *event, const struct object_id *location_id)
{
    return !object_id_is_none(&event->location_id) &&
           object_id_equal(&event->location_id, location_id);
}

static bool is_wanted(const struct memory_event *stored, const struct event_page *page)
{
    const struct event *event = &stored->event;

    return !stored->is_removed && is_after(event, page) &&
           (!page->name || strcmp(event->name, page->name) == 0) &&
           (!page->location_id || is_at(event, page->location_id)) &&
           (!page->from_s || event->start_s >= *page->from_s) &&
           (!page->to_s || event->start_s < *page->to_s);
}

void memory_views_clear(struct memory_views *views)
{
    for (size_t i = 0; i < views->n_views; i++)
        event_view_clear(&views->views[i]);
    memory_free(views->views);
    *views = (struct memory_views){0};
}

bool memory_views_visit(const struct memory_views *views, event_visit *visit, void *context,
                        struct error *error)
{
    for (size_t i = 0; i < views->n_views; i++) {
        if (!visit(context, &views->views[i], error))
            return false;
    }
    return true;
}

bool memory_shelf_events(const struct memory_shelf *shelf, const struct event_page *page,
                         struct memory_views *views, struct error *error)
{
    CLEANUP(memory_freep)
    const struct event **events = memory_array(shelf->n_events + 1, sizeof(*events), error);
    size_t n = 0;

    if (!events)
        return false;
    for (size_t i = 0; i < shelf->n_events; i++) {
        if (is_wanted(&shelf->events[i], page))
            events[n++] = &shelf->events[i].event;
    }
    qsort(events, n, sizeof(*events), compare_events);
    if (n > page->limit)
        n = page->limit;
    views->views = memory_array(n + 1, sizeof(*views->views), error);
    if (!views->views)
        return false;
    while (views->n_views < n) {
        if (!memory_shelf_view(shelf, events[views->n_views], &views->views[views->n_views], error))
            return false;
        views->n_views++;
    }
    return true;
}

static int compare_locations(const void *a, const void *b)
{
    const struct location *const *left = a;
    const struct location *const *right = b;

    return object_id_compare(&(*left)->id, &(*right)->id);
}

static bool is_wanted_location(const struct memory_location *stored,
                               const struct location_page *page)
{
    const struct location *location = &stored->location;

    return !stored->is_removed &&
           (!page->has_after || object_id_compare(&location->id, &page->after_id) > 0) &&
           (!page->name || strcmp(location->name, page->name) == 0);
}

void memory_locations_clear(struct memory_locations *locations)
{
    for (size_t i = 0; i < locations->n_locations; i++)
        location_clear(&locations->locations[i]);
    memory_free(locations->locations);
    *locations = (struct memory_locations){0};
}

bool memory_locations_visit(const struct memory_locations *locations, location_visit *visit,
                            void *context, struct error *error)
{
    for (size_t i = 0; i < locations->n_locations; i++) {
        if (!visit(context, &locations->locations[i], error))
            return false;
    }
    return true;
}

bool memory_shelf_locations(const struct memory_shelf *shelf, const struct location_page *page,
                            struct memory_locations *locations, struct error *error)
{
    CLEANUP(memory_freep)
    const struct location **wanted = memory_array(shelf->n_locations + 1, sizeof(*wanted), error);
    size_t n = 0;

    if (!wanted)
        return false;
    for (size_t i = 0; i < shelf->n_locations; i++) {
        if (is_wanted_location(&shelf->locations[i], page))
            wanted[n++] = &shelf->locations[i].location;
    }
    qsort(wanted, n, sizeof(*wanted), compare_locations);
    if (n > page->limit)
        n = page->limit;
    locations->locations = memory_array(n + 1, sizeof(*locations->locations), error);
    if (!locations->locations)
        return false;
    while (locations->n_locations < n) {
        size_t next = locations->n_locations;

        if (!location_copy(wanted[next], &locations->locations[next], error))
            return false;
        locations->n_locations++;
    }
    return true;
}
