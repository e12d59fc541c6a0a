#include "persistence/event_view.h"

void event_view_clear(struct event_view *view)
{
    location_clear(&view->location);
    *view = (struct event_view){0};
}
