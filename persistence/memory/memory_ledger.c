#include "persistence/memory/memory_ledger.h"

#include "base/memory.h"
#include "persistence/array.h"
#include "persistence/memory/memory_database.h"

#include <stdlib.h>

static struct memory_database *database_of(struct ledger_store *store)
{
    return CONTAINER_OF(store, struct memory_database, ledger);
}

static void insert_all(struct memory_ledgers *ledgers, const struct ledger_entry *const entries[],
                       size_t n_entries, enum ledger_outcome *outcomes)
{
    for (size_t i = 0; i < n_entries; i++)
        outcomes[i] = memory_ledgers_insert(ledgers, entries[i]);
}

static void set_all(enum ledger_outcome *outcomes, size_t n, enum ledger_outcome outcome)
{
    for (size_t i = 0; i < n; i++)
        outcomes[i] = outcome;
}

static void memory_ledger_insert(struct ledger_store *store,
                                 const struct ledger_entry *const entries[], size_t n_entries,
                                 enum ledger_outcome *outcomes)
{
    enum memory_fault fault = MEMORY_FAULT_NONE;
    CLEANUP(memory_data_unlock)
    struct memory_data *data =
        memory_database_write(database_of(store), "ledger.insert", &fault, NULL);

    if (!data) {
        set_all(outcomes, n_entries, LEDGER_NOT_SENT);
        return;
    }
    if (memory_fault_applies(fault))
        insert_all(&data->ledgers, entries, n_entries, outcomes);
    if (fault == MEMORY_FAULT_REPEAT)
        insert_all(&data->ledgers, entries, n_entries, outcomes);
    else if (fault == MEMORY_FAULT_FALSE_TAKEN)
        set_all(outcomes, n_entries, LEDGER_TAKEN);
    else if (fault != MEMORY_FAULT_NONE)
        set_all(outcomes, n_entries, LEDGER_UNKNOWN);
    if (fault == MEMORY_FAULT_LATE)
        memory_ledgers_keep(&data->ledgers, entries, n_entries);
}

static bool memory_ledger_prepare(struct ledger_store *store, struct error *error)
{
    CLEANUP(memory_data_unlock)
    struct memory_data *data = memory_database_read(database_of(store), "ledger.prepare", error);

    return data != NULL;
}

struct ledger_head memory_ledgers_head(const struct memory_ledgers *ledgers,
                                       const struct object_id *event_id)
{
    const struct memory_chain *chain = memory_ledgers_chain(ledgers, event_id);
    const struct ledger_entry *entry;

    if (!chain || chain->n_entries == 0)
        return (struct ledger_head){0};
    entry = &chain->entries[chain->n_entries - 1].entry;
    return (struct ledger_head){.exists = true,
                                .sequence = entry->key.sequence,
                                .token = entry->token,
                                .state = entry->state};
}

static bool read_heads(struct ledger_store *store, const char *operation,
                       const struct object_id *event_ids, size_t n_events,
                       struct ledger_head *heads, struct error *error)
{
    CLEANUP(memory_data_unlock)
    struct memory_data *data = memory_database_read(database_of(store), operation, error);

    if (!data)
        return false;
    for (size_t i = 0; i < n_events; i++)
        heads[i] = memory_ledgers_head(&data->ledgers, &event_ids[i]);
    return true;
}

static bool memory_ledger_heads(struct ledger_store *store, const struct object_id *event_ids,
                                const int64_t *n_known, size_t n_events, struct ledger_head *heads,
                                struct error *error)
{
    (void)n_known;
    return read_heads(store, "ledger.heads", event_ids, n_events, heads, error);
}

static bool memory_ledger_heads_shown(struct ledger_store *store, const struct object_id *event_ids,
                                      size_t n_events, struct ledger_head *heads,
                                      struct error *error)
{
    return read_heads(store, "ledger.heads_shown", event_ids, n_events, heads, error);
}

static bool memory_ledger_head(struct ledger_store *store, const struct object_id *event_id,
                               struct ledger_head *head, struct error *error)
{
    CLEANUP(memory_data_unlock)
    struct memory_data *data = memory_database_read(database_of(store), "ledger.head", error);

    struct ledger_head found;

    if (!data)
        return false;
    found = memory_ledgers_head(&data->ledgers, event_id);
    if (!found.exists)
        return error_set(error, ERROR_NOT_FOUND, "there is no ledger of event %s",
                         object_id_hex(event_id).text);
    *head = found;
    return true;
}

struct ledger_found memory_ledgers_found(const struct memory_ledgers *ledgers,
                                         const struct ledger_entry *entry, size_t index)
{
    return (struct ledger_found){
        .exists = true,
        .is_cancelled = id_index_find(&ledgers->cancellations, &entry->bookings[index].id, NULL),
        .event_id = entry->key.event_id,
        .sequence = entry->key.sequence,
        .at_ms = entry->at_ms,
        .booking = entry->bookings[index],
    };
}

static struct ledger_found found_of(const struct memory_ledgers *ledgers,
                                    const struct object_id *booking_id)
{
    const struct memory_place *place;
    const struct memory_chain *chain;
    size_t number;

    if (!id_index_find(&ledgers->bookings, booking_id, &number))
        return (struct ledger_found){0};
    place = &ledgers->places[number];
    chain = &ledgers->chains[place->chain];
    return memory_ledgers_found(
        ledgers, &chain->entries[memory_chain_place(chain, place->sequence)].entry, place->index);
}

static int64_t seats_held(const struct ledger_entry *entry, const struct object_id *user_id)
{
    int64_t seats = 0;

    for (size_t i = 0; i < entry->n_bookings; i++) {
        if (object_id_equal(&entry->bookings[i].user_id, user_id))
            seats += entry->bookings[i].seats;
    }
    for (size_t i = 0; i < entry->n_cancellations; i++) {
        if (object_id_equal(&entry->cancellations[i].user_id, user_id))
            seats -= entry->cancellations[i].seats;
    }
    return seats;
}

static int64_t held_in(const struct memory_ledgers *ledgers, const struct ledger_holding *holding)
{
    const struct memory_chain *chain = memory_ledgers_chain(ledgers, &holding->event_id);
    int64_t seats = 0;

    for (size_t i = 0; chain && i < chain->n_entries; i++)
        seats += seats_held(&chain->entries[i].entry, &holding->user_id);
    return seats;
}

static bool memory_ledger_look_up(struct ledger_store *store, struct ledger_look_up *look_up,
                                  struct error *error)
{
    CLEANUP(memory_data_unlock)
    struct memory_data *data = memory_database_read(database_of(store), "ledger.look_up", error);

    if (!data)
        return false;
    for (size_t i = 0; i < look_up->n_bookings; i++)
        look_up->found[i] = found_of(&data->ledgers, &look_up->booking_ids[i]);
    for (size_t i = 0; i < look_up->n_holdings; i++)
        look_up->holdings[i].seats = held_in(&data->ledgers, &look_up->holdings[i]);
    return true;
}

static bool memory_ledger_tokens(struct ledger_store *store, const struct ledger_key *keys,
                                 size_t n_keys, struct object_id *tokens, struct error *error)
{
    CLEANUP(memory_data_unlock)
    struct memory_data *data = memory_database_read(database_of(store), "ledger.tokens", error);

    if (!data)
        return false;
    for (size_t i = 0; i < n_keys; i++) {
        const struct memory_entry *stored = memory_ledgers_entry(&data->ledgers, &keys[i]);

        tokens[i] = stored ? stored->entry.token : (struct object_id){0};
    }
    return true;
}

struct booking memory_booking_of(const struct ledger_found *found)
{
    return (struct booking){
        .id = found->booking.id,
        .event_id = found->event_id,
        .user_id = found->booking.user_id,
        .seats = found->booking.seats,
        .made_at_ms = found->at_ms,
        .cancelled = found->is_cancelled,
    };
}

static bool memory_ledger_booking(struct ledger_store *store, const struct object_id *id,
                                  struct booking *booking, struct error *error)
{
    CLEANUP(memory_data_unlock)
    struct memory_data *data = memory_database_read(database_of(store), "ledger.booking", error);
    struct ledger_found found;

    if (!data)
        return false;
    found = found_of(&data->ledgers, id);
    if (!found.exists)
        return error_set(error, ERROR_NOT_FOUND, "there is no booking %s", object_id_hex(id).text);
    *booking = memory_booking_of(&found);
    return true;
}

/* Entries that wait to be published, the first @limit by age. */
struct waiting {
    const struct ledger_entry **entries; /* owned, borrowed each */
    size_t n_entries;
    size_t capacity;
};

static void waiting_clear(struct waiting *waiting)
{
    memory_free(waiting->entries);
}

static bool gather_chain(const struct memory_chain *chain, struct waiting *waiting,
                         struct error *error)
{
    const struct ledger_entry **entries =
        array_room(waiting->entries, waiting->n_entries, chain->n_entries, &waiting->capacity,
                   sizeof(*entries), error);

    if (!entries)
        return false;
    waiting->entries = entries;
    for (size_t i = 0; i < chain->n_entries; i++) {
        if (!chain->entries[i].is_published)
            entries[waiting->n_entries++] = &chain->entries[i].entry;
    }
    return true;
}

static int compare_numbers(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

static int compare_age(const void *a, const void *b)
{
    const struct ledger_entry *const *left = a;
    const struct ledger_entry *const *right = b;
    int order = compare_numbers((*left)->at_ms, (*right)->at_ms);

    if (order == 0)
        order = object_id_compare(&(*left)->key.event_id, &(*right)->key.event_id);
    return order ? order : compare_numbers((*left)->key.sequence, (*right)->key.sequence);
}

static bool gather_waiting(const struct memory_ledgers *ledgers, size_t limit,
                           struct waiting *waiting, struct error *error)
{
    for (size_t i = 0; i < ledgers->n_chains; i++) {
        if (!gather_chain(&ledgers->chains[i], waiting, error))
            return false;
    }
    if (waiting->n_entries > 0)
        qsort(waiting->entries, waiting->n_entries, sizeof(*waiting->entries), compare_age);
    if (waiting->n_entries > limit)
        waiting->n_entries = limit;
    return true;
}

/* Copies of entries, to be visited without the lock. */
struct entry_list {
    struct ledger_entry *entries; /* owned */
    size_t n_entries;
};

static void entry_list_clear(struct entry_list *list)
{
    for (size_t i = 0; i < list->n_entries; i++)
        ledger_entry_clear(&list->entries[i]);
    memory_free(list->entries);
}

/* Always from the oldest: who simulates wants the same again from the same seed. */
static bool copy_waiting(struct ledger_store *store, size_t limit, struct entry_list *list,
                         struct error *error)
{
    CLEANUP(memory_data_unlock)
    struct memory_data *data =
        memory_database_read(database_of(store), "ledger.unpublished", error);
    CLEANUP(waiting_clear) struct waiting waiting = {0};

    if (!data || !gather_waiting(&data->ledgers, limit, &waiting, error))
        return false;
    list->entries = memory_array(waiting.n_entries + 1, sizeof(*list->entries), error);
    if (!list->entries)
        return false;
    while (list->n_entries < waiting.n_entries) {
        if (!ledger_entry_copy(waiting.entries[list->n_entries], &list->entries[list->n_entries],
                               error))
            return false;
        list->n_entries++;
    }
    return true;
}

static bool memory_ledger_unpublished(struct ledger_store *store, size_t limit, ledger_visit *visit,
                                      void *context, struct error *error)
{
    CLEANUP(entry_list_clear) struct entry_list list = {0};

    if (!copy_waiting(store, limit, &list, error))
        return false;
    for (size_t i = 0; i < list.n_entries; i++) {
        if (!visit(context, &list.entries[i], error))
            return false;
    }
    return true;
}

static bool memory_ledger_mark(struct ledger_store *store, const struct ledger_key *keys,
                               size_t n_keys, struct error *error)
{
    enum memory_fault fault = MEMORY_FAULT_NONE;
    CLEANUP(memory_data_unlock)
    struct memory_data *data =
        memory_database_write(database_of(store), "ledger.mark", &fault, error);

    if (!data)
        return false;
    for (size_t i = 0; i < n_keys && memory_fault_applies(fault); i++) {
        struct memory_entry *stored = memory_ledgers_entry(&data->ledgers, &keys[i]);

        if (stored)
            stored->is_published = true;
    }
    return memory_fault_answer(fault, error);
}

const struct ledger_store_ops memory_ledger_ops = {
    .prepare = memory_ledger_prepare,
    .heads = memory_ledger_heads,
    .look_up = memory_ledger_look_up,
    .tokens = memory_ledger_tokens,
    .insert = memory_ledger_insert,
    .booking = memory_ledger_booking,
    .head = memory_ledger_head,
    .heads_shown = memory_ledger_heads_shown,
    .bookings = memory_ledger_bookings,
    .bookings_of = memory_ledger_bookings_of,
    .bookings_between = memory_ledger_bookings_between,
    .scan = memory_ledger_scan,
    .entries = memory_ledger_entries,
    .unpublished = memory_ledger_unpublished,
    .mark = memory_ledger_mark,
};
