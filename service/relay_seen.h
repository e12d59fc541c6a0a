/*
 * What the relay has seen unmarked and has not in hand: since when, by its own monotonic clock. Bounded:
 * when it is full the sighting that is longest ago is forgotten, and begins anew when it is seen again.
 * One thread at a time.
 */
#ifndef EVENTS_SERVICE_RELAY_SEEN_H
#define EVENTS_SERVICE_RELAY_SEEN_H

#include "service/relay_table.h"

struct relay_sighting {
    int64_t first_ms;     /* monotonic */
    int64_t committed_ms; /* UTC */
    uint64_t sweep;       /* number of the sweep that saw it last */
    uint32_t older;       /* neighbours in the order of the last sighting */
    uint32_t newer;
};

struct relay_seen {
    struct relay_table table;
    struct relay_sighting *sightings; /* by place */
    uint32_t oldest;                  /* last seen the longest ago */
    uint32_t newest;
    uint64_t sweep; /* number of the sweep that runs, or ran last */
};

MUST_CHECK bool relay_seen_init(struct relay_seen *seen, size_t n_max, uint64_t salt,
                                struct error *error);
void relay_seen_clear(struct relay_seen *seen); /* {0} is fine */

/* @item is unmarked now. Returns when it was first seen so. */
int64_t relay_seen_note(struct relay_seen *seen, const struct relay_item *item, int64_t now_ms);

void relay_seen_forget(struct relay_seen *seen, const struct relay_key *key); /* unknown is fine */

void relay_seen_begin_sweep(struct relay_seen *seen);

/*
 * What a @whole sweep, over all that is unmarked, did not see is marked: forget it. After another sweep
 * forget what was not seen for many of them.
 */
void relay_seen_end_sweep(struct relay_seen *seen, bool whole);

/* When the oldest of them was committed; INT64_MAX when there is none. Walks all of them. */
int64_t relay_seen_oldest_ms(const struct relay_seen *seen);

#endif
