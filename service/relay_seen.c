#include "service/relay_seen.h"

#include "base/memory.h"

enum {
    SWEEPS_KEPT = 60
};

bool relay_seen_init(struct relay_seen *seen, size_t n_max, uint64_t salt, struct error *error)
{
    struct relay_seen made = {.oldest = RELAY_NOWHERE, .newest = RELAY_NOWHERE};

    if (!relay_table_init(&made.table, n_max, salt, error))
        return false;
    made.sightings = memory_array(n_max, sizeof(*made.sightings), error);
    if (!made.sightings) {
        relay_seen_clear(&made);
        return false;
    }
    *seen = made;
    return true;
}

void relay_seen_clear(struct relay_seen *seen)
{
    relay_table_clear(&seen->table);
    memory_free(seen->sightings);
    *seen = (struct relay_seen){0};
}

static void unlink_place(struct relay_seen *seen, uint32_t place)
{
    struct relay_sighting *sighting = &seen->sightings[place];

    if (sighting->older == RELAY_NOWHERE)
        seen->oldest = sighting->newer;
    else
        seen->sightings[sighting->older].newer = sighting->newer;
    if (sighting->newer == RELAY_NOWHERE)
        seen->newest = sighting->older;
    else
        seen->sightings[sighting->newer].older = sighting->older;
}

static void link_newest(struct relay_seen *seen, uint32_t place)
{
    struct relay_sighting *sighting = &seen->sightings[place];

    sighting->sweep = seen->sweep;
    sighting->older = seen->newest;
    sighting->newer = RELAY_NOWHERE;
    if (seen->newest == RELAY_NOWHERE)
        seen->oldest = place;
    else
        seen->sightings[seen->newest].newer = place;
    seen->newest = place;
}

static void forget_place(struct relay_seen *seen, uint32_t place)
{
    unlink_place(seen, place);
    relay_table_remove(&seen->table, place);
}

/* A place for an item that is not known yet. */
static uint32_t make_place(struct relay_seen *seen, const struct relay_item *item, int64_t now_ms)
{
    uint32_t place = relay_table_add(&seen->table, &item->key);

    if (place == RELAY_NOWHERE) {
        forget_place(seen, seen->oldest);
        place = relay_table_add(&seen->table, &item->key);
    }
    seen->sightings[place] =
        (struct relay_sighting){.first_ms = now_ms, .committed_ms = item->committed_ms};
    return place;
}

int64_t relay_seen_note(struct relay_seen *seen, const struct relay_item *item, int64_t now_ms)
{
    uint32_t place = relay_table_find(&seen->table, &item->key);

    if (place == RELAY_NOWHERE)
        place = make_place(seen, item, now_ms);
    else
        unlink_place(seen, place);
    link_newest(seen, place);
    return seen->sightings[place].first_ms;
}

void relay_seen_forget(struct relay_seen *seen, const struct relay_key *key)
{
    uint32_t place = relay_table_find(&seen->table, key);

    if (place != RELAY_NOWHERE)
        forget_place(seen, place);
}

void relay_seen_begin_sweep(struct relay_seen *seen)
{
    seen->sweep++;
}

void relay_seen_end_sweep(struct relay_seen *seen, bool whole)
{
    uint64_t kept = whole ? 0 : SWEEPS_KEPT;

    while (seen->oldest != RELAY_NOWHERE &&
           seen->sightings[seen->oldest].sweep + kept < seen->sweep)
        forget_place(seen, seen->oldest);
}

int64_t relay_seen_oldest_ms(const struct relay_seen *seen)
{
    int64_t oldest_ms = INT64_MAX;

    for (uint32_t place = seen->oldest; place != RELAY_NOWHERE;
         place = seen->sightings[place].newer) {
        if (seen->sightings[place].committed_ms < oldest_ms)
            oldest_ms = seen->sightings[place].committed_ms;
    }
    return oldest_ms;
}
