#include "ledger/roster.h"

#include "base/memory.h"

#include <criterion/criterion.h>

enum {
    SLOTS_MAX = 3,
    TICKETS_MAX = 100
};

static struct roster roster;
static struct committer committer;
static struct ticket tickets[TICKETS_MAX];
static size_t n_tickets;
static struct ticket_list answered;

static void make(void)
{
    roster = (struct roster){.slots_max = SLOTS_MAX, .seed = 12345};
}

static void clear(void)
{
    roster_clear(&roster);
    committer_clear(&committer);
}

TestSuite(roster, .init = make, .fini = clear);

static struct object_id event_id(int event)
{
    return (struct object_id){.bytes = {1, [10] = (uint8_t)(event >> 8), [11] = (uint8_t)event}};
}

static struct slot *slot_of(int event)
{
    const struct object_id id = event_id(event);
    struct error error = {0};
    struct slot *slot = NULL;

    cr_assert(roster_find(&roster, &id, &slot, &error), "%s", error.text);
    return slot;
}

static struct slot *put(int event)
{
    struct slot *slot = slot_of(event);

    tickets[n_tickets].command = (struct command){.kind = COMMAND_TAKE_OVER};
    slot_put(slot, &tickets[n_tickets++]);
    roster_call(&roster, slot);
    return slot;
}

static size_t fill(int64_t now_ms)
{
    roster_fill(&roster, now_ms, &committer, &answered);
    return committer.n_slots;
}

/* Out of the round with @step, and back. */
static void finish(struct slot *slot, enum slot_step step, int64_t now_ms)
{
    slot->step = step;
    cr_assert_eq(committer_take_finished(&committer), slot);
    roster_return(&roster, slot, slot_release(slot, &answered), now_ms, 0);
}

static bool is_known(int event)
{
    size_t n_slots = roster.n_slots;

    slot_of(event);
    return roster.n_slots == n_slots;
}

Test(roster, has_one_slot_for_an_event)
{
    const struct object_id id = event_id(1);

    struct slot *slot = slot_of(1);

    cr_expect(object_id_equal(&slot->event_id, &id));
    cr_expect_eq(slot_of(1), slot);
    cr_expect_neq(slot_of(2), slot);
    cr_expect_eq(roster.n_slots, 2);
}

Test(roster, finds_each_of_many)
{
    struct slot *slots[1000];

    roster.slots_max = 1000;
    for (int i = 0; i < 1000; i++)
        slots[i] = slot_of(i);

    for (int i = 0; i < 1000; i++)
        cr_expect_eq(slot_of(i), slots[i]);
}

Test(roster, lets_go_what_rested_longest)
{
    slot_of(1);
    slot_of(2);
    slot_of(3);
    struct slot *slot = put(1);
    cr_assert_eq(fill(0), 1);
    ticket_leave(&tickets[0]);
    finish(slot, SLOT_DECIDED, 0);

    slot_of(4);

    cr_expect_eq(roster.n_slots, SLOTS_MAX);
    cr_expect(is_known(1));
    cr_expect(is_known(3));
    cr_expect(is_known(4));
}

Test(roster, never_lets_go_a_slot_with_work)
{
    const struct object_id id = event_id(4);
    struct error error = {0};
    struct slot *slot;

    put(1);
    put(2);
    cr_assert_eq(fill(0), 2);
    put(3);

    cr_expect_not(roster_find(&roster, &id, &slot, &error));
    cr_expect_eq(error.code, ERROR_BUSY);
    cr_expect_eq(roster.n_at_work, 3);
}

Test(roster, keeps_a_corrupt_one)
{
    slot_of(1)->is_corrupt = true;
    slot_of(2);
    slot_of(3);

    slot_of(4);
    slot_of(5);

    cr_expect(slot_of(1)->is_corrupt);
}

Test(roster, fills_a_round_with_what_is_ready)
{
    struct slot *first = put(1);
    struct slot *second = put(2);
    slot_of(3);

    cr_expect_eq(fill(0), 2);

    cr_expect_eq(committer.slots[0], first);
    cr_expect_eq(committer.slots[1], second);
    cr_expect_eq(fill(0), 2);
    cr_expect_eq(roster.n_at_work, 2);
}

Test(roster, lets_a_slot_rest_whose_callers_have_left)
{
    put(1);
    ticket_leave(&tickets[0]);

    cr_expect_eq(fill(0), 0);

    cr_expect_eq(roster.n_at_work, 0);
}

Test(roster, brings_back_at_once_what_still_has_commands)
{
    struct slot *slot = put(1);
    fill(0);
    put(1);
    ticket_leave(&tickets[0]);

    finish(slot, SLOT_DECIDED, 0);

    cr_expect_eq(fill(0), 1);
}

Test(roster, brings_back_later_what_failed)
{
    struct slot *slot = put(1);
    int64_t due_ms;

    cr_expect_eq(roster_due_ms(&roster), INT64_MAX);
    fill(1000);
    finish(slot, SLOT_FAILED, 1000);
    due_ms = roster_due_ms(&roster);

    cr_expect_gt(due_ms, 1000);
    cr_expect_lt(due_ms, 1100);
    put(1);
    cr_expect_eq(fill(due_ms - 1), 0);
    cr_expect_eq(fill(due_ms), 1);
}

/* The slot of event 1 was taken at @now_ms, and gathers until @n commands wait. */
static struct slot *gather(size_t n, int64_t now_ms)
{
    struct slot *slot = put(1);

    fill(now_ms);
    ticket_leave(&tickets[0]);
    slot->step = SLOT_DECIDED;
    cr_assert_eq(committer_take_finished(&committer), slot);
    slot_release(slot, &answered);
    slot->gathers_to = n;
    roster_return(&roster, slot, SLOT_GATHERS, now_ms + 1, 0);
    return slot;
}

Test(roster, brings_back_what_gathers_some_ms_after_it_was_taken)
{
    int64_t due_ms;

    gather(3, 1000);
    due_ms = roster_due_ms(&roster);
    put(1);

    cr_expect_gt(due_ms, 1001);
    cr_expect_leq(due_ms, 1010);
    cr_expect_eq(fill(due_ms - 1), 0);
    cr_expect_eq(fill(due_ms), 1);
}

Test(roster, brings_back_what_gathers_as_soon_as_enough_wait)
{
    const struct slot *slot = gather(2, 1000);

    put(1);
    cr_expect_eq(fill(1001), 0);
    put(1);

    cr_expect_eq(fill(1001), 1);
    cr_expect_eq(committer.slots[0], slot);
}

Test(roster, lets_a_slot_rest_for_which_nobody_has_gathered)
{
    gather(2, 1000);

    cr_expect_eq(fill(roster_due_ms(&roster)), 0);

    cr_expect_eq(roster.n_at_work, 0);
    cr_expect_eq(roster_due_ms(&roster), INT64_MAX);
}

Test(roster, does_not_hasten_what_failed_after_it_had_gathered)
{
    struct slot *slot = gather(1, 1000);

    put(1);
    fill(1001);
    finish(slot, SLOT_FAILED, 1001);
    put(1);

    cr_expect_eq(fill(1002), 0);
}

Test(roster, waits_longer_each_time_until_something_works)
{
    struct slot *slot = put(1);
    int64_t waited_ms = 0;

    for (int64_t i = 0; i < 4; i++) {
        int64_t now_ms = 100000 * i;
        int64_t wait_ms;

        fill(now_ms);
        finish(slot, SLOT_FAILED, now_ms);
        wait_ms = roster_due_ms(&roster) - now_ms;
        cr_expect_gt(wait_ms, waited_ms);
        waited_ms = wait_ms;
    }
    fill(1000000);
    put(1);
    ticket_leave(&tickets[0]);
    finish(slot, SLOT_DECIDED, 0);
    fill(2000000);
    finish(slot, SLOT_FAILED, 2000000);

    cr_expect_lt(roster_due_ms(&roster) - 2000000, waited_ms);
}

Test(roster, brings_unknown_outcomes_back_together_and_alone)
{
    struct slot *first = put(1);
    struct slot *second = put(2);

    fill(0);
    first->is_sent = second->is_sent = true;
    finish(first, SLOT_UNKNOWN, 0);
    finish(second, SLOT_UNKNOWN, 0);
    put(3);

    cr_expect_eq(fill(1000), 1);
    cr_expect_eq(committer.slots[0], slot_of(3));
    committer.n_slots = 0;
    cr_expect_eq(fill(1000), 2);
    cr_expect_eq(first->step, SLOT_INSERT);
    cr_expect_eq(second->step, SLOT_INSERT);
}

Test(roster, says_when_there_is_no_memory)
{
    for (long n = 1; n <= 3; n++) {
        const struct object_id id = event_id(1);
        struct error error = {0};
        struct slot *slot;

        memory_fail_at(n, false);
        cr_expect_not(roster_find(&roster, &id, &slot, &error), "allocation %ld not needed", n);
        memory_fail_at(0, false);
        cr_expect_eq(error.code, ERROR_MEMORY);
        cr_expect_eq(roster.n_slots, 0);
    }
    cr_expect_not_null(slot_of(1));
}
