/*
 * One event or location as a store of the catalogue keeps it, removed ones included: what the event
 * service's catalogue and any copy of it can be compared by.
 */
#ifndef EVENTS_DOMAIN_CATALOGUE_ITEM_H
#define EVENTS_DOMAIN_CATALOGUE_ITEM_H

#include "domain/event.h"
#include "domain/location.h"

enum catalogue_kind {
    CATALOGUE_EVENT,
    CATALOGUE_LOCATION,
    N_CATALOGUE_KINDS
};

const char *catalogue_kind_name(enum catalogue_kind kind); /* "event"; static text */

struct catalogue_item {
    enum catalogue_kind kind;
    struct object_id id;
    int64_t version;
    bool removed;             /* a tombstone: of what it was nothing counts any more */
    struct event event;       /* of an event that is not removed */
    struct location location; /* of one that is not removed; owned by who made the item */

    /* What is wrong with the stored document; empty: nothing. Otherwise only kind and id are sure. */
    char flaw[ERROR_TEXT_BYTES];
};

void catalogue_item_clear(struct catalogue_item *item);

/*
 * Called for each item of a scan, in the order of their ids; the item is borrowed for the call. False
 * (with @error set) ends the scan with that error.
 */
typedef bool catalogue_item_visit(void *context, const struct catalogue_item *item,
                                  struct error *error);

/*
 * Name every member of @item that a copy must have too, with its value as text: two items are equal
 * when all their members are. A capacity without limit, a location that is not named are "none". Both
 * texts are borrowed for the call.
 */
typedef void catalogue_member_visit(void *context, const char *name, const char *text);
void catalogue_item_members(const struct catalogue_item *item, catalogue_member_visit *visit,
                            void *context);

#endif
