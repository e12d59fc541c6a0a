#include "persistence/memory/memory_ledger.h"

#include "base/memory.h"
#include "persistence/array.h"

#include <string.h>

static void chain_clear(struct memory_chain *chain)
{
    for (size_t i = 0; i < chain->n_entries; i++)
        ledger_entry_clear(&chain->entries[i].entry);
    memory_free(chain->entries);
}

void memory_ledgers_clear(struct memory_ledgers *ledgers)
{
    for (size_t i = 0; i < ledgers->n_chains; i++)
        chain_clear(&ledgers->chains[i]);
    memory_free(ledgers->chains);
    id_index_clear(&ledgers->events);
    memory_free(ledgers->places);
    id_index_clear(&ledgers->bookings);
    id_index_clear(&ledgers->cancellations);
    for (size_t i = 0; i < ledgers->n_late; i++)
        ledger_entry_clear(&ledgers->late[i]);
    memory_free(ledgers->late);
    *ledgers = (struct memory_ledgers){0};
}

const struct memory_chain *memory_ledgers_chain(const struct memory_ledgers *ledgers,
                                                const struct object_id *event_id)
{
    size_t chain;

    return id_index_find(&ledgers->events, event_id, &chain) ? &ledgers->chains[chain] : NULL;
}

size_t memory_chain_place(const struct memory_chain *chain, int64_t sequence)
{
    size_t low = 0;
    size_t high = chain->n_entries;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (chain->entries[middle].entry.key.sequence < sequence)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct memory_entry *memory_ledgers_entry(const struct memory_ledgers *ledgers,
                                          const struct ledger_key *key)
{
    const struct memory_chain *chain = memory_ledgers_chain(ledgers, &key->event_id);
    size_t place;

    if (!chain)
        return NULL;
    place = memory_chain_place(chain, key->sequence);
    if (place == chain->n_entries || chain->entries[place].entry.key.sequence != key->sequence)
        return NULL;
    return &chain->entries[place];
}

/* The unique indexes: across entries, not within one. */
static bool is_duplicate(const struct memory_ledgers *ledgers, const struct ledger_entry *entry)
{
    for (size_t i = 0; i < entry->n_bookings; i++) {
        if (id_index_find(&ledgers->bookings, &entry->bookings[i].id, NULL))
            return true;
    }
    for (size_t i = 0; i < entry->n_cancellations; i++) {
        if (id_index_find(&ledgers->cancellations, &entry->cancellations[i].booking_id, NULL))
            return true;
    }
    return false;
}

static struct memory_chain *chain_made(struct memory_ledgers *ledgers,
                                       const struct object_id *event_id)
{
    struct memory_chain *chains;
    size_t chain;

    if (id_index_find(&ledgers->events, event_id, &chain))
        return &ledgers->chains[chain];
    chains = array_room(ledgers->chains, ledgers->n_chains, 1, &ledgers->chains_capacity,
                        sizeof(*chains), NULL);
    if (!chains)
        return NULL;
    ledgers->chains = chains;
    if (!id_index_put(&ledgers->events, event_id, ledgers->n_chains, NULL))
        return NULL;
    chains[ledgers->n_chains] = (struct memory_chain){.event_id = *event_id};
    return &chains[ledgers->n_chains++];
}

/* Room for all that @entry brings, so that nothing can fail half-way. */
static struct memory_chain *room_for(struct memory_ledgers *ledgers,
                                     const struct ledger_entry *entry)
{
    struct memory_chain *chain = chain_made(ledgers, &entry->key.event_id);
    size_t n_places = entry->n_bookings + entry->n_cancellations;
    struct memory_place *places;
    struct memory_entry *entries;

    if (!chain || !id_index_reserve(&ledgers->bookings, entry->n_bookings, NULL) ||
        !id_index_reserve(&ledgers->cancellations, entry->n_cancellations, NULL))
        return NULL;
    places = array_room(ledgers->places, ledgers->n_places, n_places, &ledgers->places_capacity,
                        sizeof(*places), NULL);
    if (!places)
        return NULL;
    ledgers->places = places;
    entries =
        array_room(chain->entries, chain->n_entries, 1, &chain->capacity, sizeof(*entries), NULL);
    if (!entries)
        return NULL;
    chain->entries = entries;
    return chain;
}

static bool index_place(struct memory_ledgers *ledgers, struct id_index *index,
                        const struct object_id *id, struct memory_place place)
{
    ledgers->places[ledgers->n_places] = place;
    return id_index_put(index, id, ledgers->n_places++, NULL);
}

static bool index_entry(struct memory_ledgers *ledgers, const struct memory_chain *chain,
                        const struct ledger_entry *entry)
{
    struct memory_place place = {.chain = (size_t)(chain - ledgers->chains),
                                 .sequence = entry->key.sequence};
    bool ok = true;

    for (place.index = 0; place.index < entry->n_bookings; place.index++)
        ok =
            index_place(ledgers, &ledgers->bookings, &entry->bookings[place.index].id, place) && ok;
    for (place.index = 0; place.index < entry->n_cancellations; place.index++)
        ok = index_place(ledgers, &ledgers->cancellations,
                         &entry->cancellations[place.index].booking_id, place) &&
             ok;
    return ok;
}

enum ledger_outcome memory_ledgers_insert(struct memory_ledgers *ledgers,
                                          const struct ledger_entry *entry)
{
    CLEANUP(ledger_entry_clear) struct ledger_entry copy = {0};
    struct memory_chain *chain;
    size_t place;

    if (memory_ledgers_entry(ledgers, &entry->key))
        return LEDGER_TAKEN;
    if (is_duplicate(ledgers, entry))
        return LEDGER_DUPLICATE;
    if (!ledger_entry_copy(entry, &copy, NULL))
        return LEDGER_NOT_SENT;
    chain = room_for(ledgers, entry);
    if (!chain || !index_entry(ledgers, chain, entry))
        return LEDGER_NOT_SENT;

    place = memory_chain_place(chain, entry->key.sequence);
    memmove(&chain->entries[place + 1], &chain->entries[place],
            (chain->n_entries - place) * sizeof(chain->entries[0]));
    chain->entries[place] = (struct memory_entry){.entry = copy};
    chain->n_entries++;
    copy = (struct ledger_entry){0};
    return LEDGER_LANDED;
}

/* What finds no memory is lost instead of late: both are what an unknown outcome may mean. */
void memory_ledgers_keep(struct memory_ledgers *ledgers, const struct ledger_entry *const entries[],
                         size_t n_entries)
{
    struct ledger_entry *late = array_room(ledgers->late, ledgers->n_late, n_entries,
                                           &ledgers->late_capacity, sizeof(*late), NULL);

    if (!late)
        return;
    ledgers->late = late;
    for (size_t i = 0; i < n_entries; i++) {
        if (ledger_entry_copy(entries[i], &late[ledgers->n_late], NULL))
            ledgers->n_late++;
    }
}

void memory_ledgers_settle(struct memory_ledgers *ledgers)
{
    for (size_t i = 0; i < ledgers->n_late; i++) {
        memory_ledgers_insert(ledgers, &ledgers->late[i]);
        ledger_entry_clear(&ledgers->late[i]);
    }
    ledgers->n_late = 0;
}
