/*
 * Entries of the index, made from what the copy has by now. Each says from which versions it was made and
 * the store keeps the highest, so it is right to write the copy first and make entries afterwards, in
 * whatever order several processes do that. Any thread; errors as of the stores.
 */
#ifndef EVENTS_SEARCHSERVICE_FINDING_H
#define EVENTS_SEARCHSERVICE_FINDING_H

#include "searchservice/search_service.h"

/* Words of places carry it, so that those of names are others. */
#define PLACE_MARK "@"

/* These events are found by what the copy says of them. Those it does not have are left out. */
MUST_CHECK bool finding_events(const struct search_service *service,
                               const struct object_id *event_ids, size_t n_events,
                               struct error *error);

/* So are all that take place there; with ERROR_CORRUPT all but those that cannot be read. */
MUST_CHECK bool finding_place(const struct search_service *service,
                              const struct object_id *location_id, struct error *error);

#endif
