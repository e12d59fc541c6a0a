#include "eventservice/catalogue_tag.h"

#include <inttypes.h>
#include <stdio.h>

struct catalogue_tag event_tag_of(const struct event_view *view)
{
    struct catalogue_tag tag;

    snprintf(tag.text, sizeof(tag.text), "%" PRId64 ".%" PRId64 ".%" PRId64, view->event.version,
             view->has_location ? view->location.version : 0, view->entry);
    return tag;
}

struct catalogue_tag location_tag_of(const struct location *location)
{
    struct catalogue_tag tag;

    snprintf(tag.text, sizeof(tag.text), "%" PRId64, location->version);
    return tag;
}
