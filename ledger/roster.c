#include "ledger/roster.h"

#include "base/backoff.h"
#include "base/memory.h"

#define HASH_NONFATAL_OOM 1 /* what could not be added has no table */
#define uthash_malloc(size_bytes) memory_new(size_bytes, NULL)
#define uthash_free(pointer, size_bytes) memory_free(pointer)
#include <uthash.h>
#include <utlist.h>

#include <string.h>

enum {
    /*
     * From one entry of several commands to the next of the same event. An entry costs the database and its disk much
     * the same whatever it holds: an even 2 000 bookings a second came in entries of two.
     */
    GATHER_MS = 4,
    FIRST_WAIT_MS = 10,
    MOST_WAIT_MS = 500
};

struct roster_slot {
    struct slot slot;
    enum roster_place place;
    int64_t taken_ms; /* the last time, monotonic */
    int64_t due_ms;   /* later: the same */
    bool is_gathering;
    struct backoff backoff;

    UT_hash_handle hh;
    struct roster_slot *prev; /* in the list of its place */
    struct roster_slot *next;
};

static struct roster_slot *outer(struct slot *slot)
{
    return CONTAINER_OF(slot, struct roster_slot, slot);
}

static unsigned hash_of(const struct roster *roster, const struct object_id *event_id)
{
    uint64_t head;
    uint32_t tail;

    memcpy(&head, event_id->bytes, sizeof(head));
    memcpy(&tail, event_id->bytes + sizeof(head), sizeof(tail));
    head = ((head ^ roster->seed) * UINT64_C(0x9e3779b97f4a7c15)) >> 32 ^ head ^ tail;
    return (unsigned)((head * (roster->seed | 1)) >> 32);
}

static void leave_place(struct roster *roster, struct roster_slot *slot)
{
    DL_DELETE(roster->lists[slot->place], slot);
    roster->n_at_work -= slot->place != ROSTER_RESTING;
}

static void enter_place(struct roster *roster, struct roster_slot *slot, enum roster_place place)
{
    DL_APPEND(roster->lists[place], slot);
    roster->n_at_work += place != ROSTER_RESTING;
    slot->place = place;
}

static void move(struct roster *roster, struct roster_slot *slot, enum roster_place place)
{
    leave_place(roster, slot);
    enter_place(roster, slot, place);
}

static void remove_slot(struct roster *roster, struct roster_slot *slot)
{
    leave_place(roster, slot);
    HASH_DEL(roster->slots, slot);
    roster->n_slots--;
    slot_clear(&slot->slot);
    memory_free(slot);
}

void roster_clear(struct roster *roster)
{
    while (roster->slots)
        remove_slot(roster, roster->slots);
    *roster = (struct roster){0};
}

/* A corrupt one is kept: its event stays closed until somebody has looked at it. */
static bool make_room(struct roster *roster)
{
    if (roster->n_slots < roster->slots_max)
        return true;
    for (struct roster_slot *slot = roster->lists[ROSTER_RESTING]; slot; slot = slot->next) {
        if (!slot->slot.is_corrupt) {
            remove_slot(roster, slot);
            return true;
        }
    }
    return false;
}

static struct roster_slot *add_slot(struct roster *roster, const struct object_id *event_id,
                                    struct error *error)
{
    struct roster_slot *slot = memory_new(sizeof(*slot), error);
    unsigned hash = hash_of(roster, event_id);

    if (!slot)
        return NULL;
    slot_init(&slot->slot, event_id);
    slot->backoff = (struct backoff){.first_ms = FIRST_WAIT_MS, .most_ms = MOST_WAIT_MS};
    HASH_ADD_KEYPTR_BYHASHVALUE(hh, roster->slots, &slot->slot.event_id, sizeof(*event_id), hash,
                                slot);
    if (!slot->hh.tbl) {
        memory_free(slot);
        error_set(error, ERROR_MEMORY, "no memory for another event");
        return NULL;
    }
    roster->n_slots++;
    enter_place(roster, slot, ROSTER_RESTING);
    return slot;
}

bool roster_find(struct roster *roster, const struct object_id *event_id, struct slot **slot,
                 struct error *error)
{
    struct roster_slot *found;
    unsigned hash = hash_of(roster, event_id);

    HASH_FIND_BYHASHVALUE(hh, roster->slots, event_id, sizeof(*event_id), hash, found);
    if (!found) {
        if (!make_room(roster))
            return error_set(error, ERROR_BUSY, "%zu events are at work already", roster->n_slots);
        found = add_slot(roster, event_id, error);
    }
    if (!found)
        return false;
    *slot = &found->slot;
    return true;
}

bool roster_call(struct roster *roster, struct slot *slot)
{
    struct roster_slot *called = outer(slot);
    bool has_gathered = called->is_gathering && slot->n_line >= slot->gathers_to;

    if (called->place != ROSTER_RESTING && !has_gathered)
        return false;
    called->is_gathering = false;
    move(roster, called, ROSTER_READY);
    return true;
}

static void wake_due(struct roster *roster, int64_t now_ms)
{
    struct roster_slot *slot;
    struct roster_slot *next;

    for (slot = roster->lists[ROSTER_LATER]; slot; slot = next) {
        next = slot->next;
        if (slot->due_ms > now_ms)
            continue;
        slot->is_gathering = false;
        move(roster, slot, ROSTER_READY);
    }
}

void roster_fill(struct roster *roster, int64_t now_ms, struct committer *committer,
                 struct ticket_list *answered)
{
    struct roster_slot *slot;
    struct roster_slot *next;

    wake_due(roster, now_ms);
    for (slot = roster->lists[ROSTER_READY]; slot && committer->n_slots < LEDGER_BULK_MAX;
         slot = next) {
        next = slot->next;
        if (!committer_has_room_for(committer, &slot->slot))
            continue;
        if (slot_take(&slot->slot, answered)) {
            slot->taken_ms = now_ms;
            move(roster, slot, ROSTER_IN_HAND);
            committer_add(committer, &slot->slot);
        } else {
            move(roster, slot, ROSTER_RESTING);
        }
    }
}

static void move_later(struct roster *roster, struct roster_slot *slot, int64_t due_ms)
{
    slot->due_ms = due_ms;
    move(roster, slot, ROSTER_LATER);
}

void roster_return(struct roster *roster, struct slot *slot, enum slot_rest rest, int64_t now_ms,
                   uint64_t random)
{
    struct roster_slot *returned = outer(slot);

    if (rest != SLOT_IS_LATER)
        backoff_reset(&returned->backoff);
    switch (rest) {
    case SLOT_RESTS:
        move(roster, returned, ROSTER_RESTING);
        break;
    case SLOT_IS_READY:
        move(roster, returned, ROSTER_READY);
        break;
    case SLOT_GATHERS:
        returned->is_gathering = true;
        move_later(roster, returned, returned->taken_ms + GATHER_MS);
        break;
    case SLOT_IS_LATER:
        move_later(roster, returned, now_ms + backoff_next_ms(&returned->backoff, random));
        break;
    }
}

int64_t roster_due_ms(const struct roster *roster)
{
    int64_t due_ms = INT64_MAX;

    for (const struct roster_slot *slot = roster->lists[ROSTER_LATER]; slot; slot = slot->next) {
        if (slot->due_ms < due_ms)
            due_ms = slot->due_ms;
    }
    return due_ms;
}

void roster_give_up(struct roster *roster, enum error_code code, struct ticket_list *answered)
{
    for (struct roster_slot *slot = roster->slots; slot; slot = slot->hh.next)
        slot_give_up(&slot->slot, code, answered);
}
