/* Entity tags of events and locations, without their quotes, for http/conditional.h. */
#ifndef EVENTS_EVENTSERVICE_CATALOGUE_TAG_H
#define EVENTS_EVENTSERVICE_CATALOGUE_TAG_H

#include "persistence/event_view.h"

/* "version.location version.entry": what is shown changes with each; editors change the first. */
struct catalogue_tag {
    char text[64];
};

struct catalogue_tag event_tag_of(const struct event_view *view);
struct catalogue_tag location_tag_of(const struct location *location);

#endif
