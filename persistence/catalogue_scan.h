/* Which documents of a catalogue, or of the copy of one, to walk over: removed ones and flawed ones too. */
#ifndef EVENTS_PERSISTENCE_CATALOGUE_SCAN_H
#define EVENTS_PERSISTENCE_CATALOGUE_SCAN_H

#include "domain/catalogue_item.h"

struct catalogue_scan {
    enum catalogue_kind kind;
    const struct object_id *only; /* this one alone; NULL: all, in the order of their ids */
    bool has_after;               /* continue behind this one */
    struct object_id after;
    size_t limit; /* 1 to PAGE_ITEMS_MAX */
};

#endif
