/* Who waits, and for how long the next entry waits for more. */
#include "committer_hand.h"

#include <criterion/criterion.h>

TestSuite(slot_line, .init = hand_init, .fini = hand_clear);

Test(slot_line, takes_a_full_batch_and_leaves_the_rest_in_order)
{
    for (int i = 0; i < LEDGER_BATCH_MAX + 2; i++)
        hand_book(0, i, 1);

    hand_to_insert(0, 0, -LEDGER_BATCH_MAX);

    cr_expect_eq(hand.entries[0]->n_bookings, LEDGER_BATCH_MAX);
    cr_expect_eq(hand_slots[0].n_line, 2);
    cr_expect_eq(hand_slots[0].line, &hand_tickets[LEDGER_BATCH_MAX]);
    hand_inserted(LEDGER_LANDED);
    cr_expect_eq(hand_rests[0], SLOT_IS_READY);
    cr_expect_eq(hand_slots[0].n_waiting, 2);
}

/* @n commands land in one entry, and @n_waiting wait by then. */
static void land_together(int n, int n_waiting)
{
    for (int i = 0; i < n; i++)
        hand_book(0, i, 1);
    hand_to_insert(0, 0, -LEDGER_BATCH_MAX);
    for (int i = 0; i < n_waiting; i++)
        hand_book(0, n + i, 1);
    hand_inserted(LEDGER_LANDED);
}

Test(slot_line, begins_the_next_entry_at_once_after_one_command)
{
    land_together(1, 1);

    cr_expect_eq(hand_rests[0], SLOT_IS_READY);
}

Test(slot_line, lets_others_gather_where_a_few_came_together)
{
    land_together(3, 1);

    cr_expect_eq(hand_rests[0], SLOT_GATHERS);
    cr_expect_eq(hand_slots[0].gathers_to, 4);
}

Test(slot_line, lets_others_gather_although_nobody_waits_yet)
{
    land_together(3, 0);

    cr_expect_eq(hand_rests[0], SLOT_GATHERS);
    cr_expect_eq(hand_slots[0].gathers_to, 3);
}

Test(slot_line, has_gathered_enough_with_a_few)
{
    land_together(SLOT_GATHERED_MAX - 1, SLOT_GATHERED_MAX - 1);

    cr_expect_eq(hand_rests[0], SLOT_GATHERS);
    cr_expect_eq(hand_slots[0].gathers_to, SLOT_GATHERED_MAX);
}

Test(slot_line, begins_the_next_entry_at_once_after_many)
{
    land_together(SLOT_GATHERED_MAX, 1);

    cr_expect_eq(hand_rests[0], SLOT_IS_READY);
}

/* They are commands of its entry as well, and nobody comes again who was not answered. */
Test(slot_line, waits_for_nobody_because_of_those_who_went_back_to_the_line)
{
    (void)hand_book(0, 1, 1);
    (void)hand_take_over(0, 2, 5);
    (void)hand_book(0, 2, 1);

    hand_to_insert(0, 0, 0);
    hand_inserted(LEDGER_LANDED);

    cr_expect_eq(hand_rests[0], SLOT_IS_READY);
    cr_expect_eq(hand_slots[0].n_line, 2);
}

Test(slot_line, carries_what_follows_a_new_version_in_the_next_entry)
{
    const struct ticket *booked = hand_book(0, 1, 4);
    const struct ticket *version = hand_take_over(0, 2, 5);
    const struct ticket *refused = hand_book(0, 2, 2);

    hand_to_insert(0, 0, 0);
    const struct ticket *later = hand_book(0, 3, 1);
    cr_expect_eq(hand_slots[0].line, version);
    cr_expect_eq(version->next, refused);
    cr_expect_eq(refused->next, later);
    hand_inserted(LEDGER_LANDED);
    hand_expect(booked, ERROR_NONE);
    hand_take(0);
    hand_wants(COMMITTER_DECIDE, 1);
    hand_decide();
    hand_wants(COMMITTER_INSERT, 1);
    cr_expect_eq(hand.entries[0]->key.sequence, 2);
    hand_inserted(LEDGER_LANDED);

    hand_expect(version, ERROR_NONE);
    hand_expect(refused, ERROR_SOLD_OUT);
    hand_expect(later, ERROR_NONE);
}

Test(slot_line, tells_all_at_the_end_what_can_be_said)
{
    struct ticket_list answered = {0};
    const struct ticket *sent = hand_book(0, 1, HAND_CAPACITY);
    const struct ticket *refused = hand_book(0, 2, 1);

    hand_to_insert(0, 0, 0);
    const struct ticket *waiting = hand_book(0, 3, 1);
    hand_inserted(LEDGER_UNKNOWN);
    slot_give_up(&hand_slots[0], ERROR_UNAVAILABLE, &answered);

    hand_expect(sent, ERROR_OUTCOME_UNKNOWN);
    hand_expect(refused, ERROR_UNAVAILABLE);
    hand_expect(waiting, ERROR_UNAVAILABLE);
    cr_expect_eq(hand_slots[0].n_waiting, 0);
}
