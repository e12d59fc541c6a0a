#include "domain/catalogue_item.h"

#include <inttypes.h>
#include <stdio.h>

enum {
    NAME_BYTES = 40,
    NUMBER_BYTES = 24
};

const char *catalogue_kind_name(enum catalogue_kind kind)
{
    static const char *const names[] = {
        [CATALOGUE_EVENT] = "event", [CATALOGUE_LOCATION] = "location"};

    return names[kind];
}

void catalogue_item_clear(struct catalogue_item *item)
{
    location_clear(&item->location);
    *item = (struct catalogue_item){0};
}

/* Who hears of the members. */
struct listener {
    catalogue_member_visit *visit;
    void *context;
};

static void tell(const struct listener *listener, const char *name, const char *text)
{
    listener->visit(listener->context, name, text);
}

static void tell_number(const struct listener *listener, const char *name, int64_t number)
{
    char text[NUMBER_BYTES];

    snprintf(text, sizeof(text), "%" PRId64, number);
    tell(listener, name, text);
}

static void tell_flag(const struct listener *listener, const char *name, bool flag)
{
    tell(listener, name, flag ? "true" : "false");
}

static void tell_event(const struct listener *listener, const struct event *event)
{
    const bool has_location = !object_id_is_none(&event->location_id);

    tell(listener, "name", event->name);
    tell(listener, "location_id", has_location ? object_id_hex(&event->location_id).text : "none");
    tell(listener, "hall", event->hall);
    if (event->capacity == CAPACITY_UNKNOWN)
        tell(listener, "capacity", "none");
    else
        tell_number(listener, "capacity", event->capacity);
    tell_flag(listener, "closed", event->closed);
    tell_number(listener, "duration", event->duration_minutes);
    tell_number(listener, "start", event->start_s);
    tell_number(listener, "end", event->end_s);
}

static void tell_hall(const struct listener *listener, const struct hall *hall, size_t index)
{
    char name[NAME_BYTES];

    snprintf(name, sizeof(name), "halls/%zu/name", index);
    tell(listener, name, hall->name);
    snprintf(name, sizeof(name), "halls/%zu/location", index);
    tell(listener, name, hall->location);
    snprintf(name, sizeof(name), "halls/%zu/capacity", index);
    tell_number(listener, name, hall->capacity);
}

static void tell_location(const struct listener *listener, const struct location *location)
{
    tell(listener, "name", location->name);
    tell(listener, "address", location->address);
    tell(listener, "country", location->country);
    tell_number(listener, "open", location->open_hour);
    tell_number(listener, "close", location->close_hour);
    tell_number(listener, "halls", (int64_t)location->n_halls);
    for (size_t i = 0; i < location->n_halls; i++)
        tell_hall(listener, &location->halls[i], i);
}

void catalogue_item_members(const struct catalogue_item *item, catalogue_member_visit *visit,
                            void *context)
{
    const struct listener listener = {.visit = visit, .context = context};

    if (item->flaw[0]) {
        tell(&listener, "flaw", item->flaw);
        return;
    }
    tell_number(&listener, "version", item->version);
    tell_flag(&listener, "removed", item->removed);
    if (item->removed)
        return;
    if (item->kind == CATALOGUE_EVENT)
        tell_event(&listener, &item->event);
    else
        tell_location(&listener, &item->location);
}
