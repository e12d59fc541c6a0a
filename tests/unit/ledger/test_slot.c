#include "committer_hand.h"

#include <criterion/criterion.h>

TestSuite(slot, .init = hand_init, .fini = hand_clear);

/* ---- callers that leave ---- */

Test(slot, never_sends_what_its_caller_left_before)
{
    struct ticket *waiting = hand_book(0, 1, 1);
    struct ticket *in_hand = hand_book(0, 2, 1);
    const struct ticket *stays = hand_book(0, 3, 1);

    cr_expect_eq(ticket_leave(waiting), TICKET_WAITING);
    hand_take(0);
    hand_wants(COMMITTER_READ_HEADS, 1);
    cr_expect_eq(ticket_leave(in_hand), TICKET_IN_HAND);
    hand_heads(0, 0);
    hand_decide();
    hand_wants(COMMITTER_INSERT, 1);

    cr_assert_eq(hand.entries[0]->n_bookings, 1);
    cr_expect(object_id_equal(&hand.entries[0]->bookings[0].id, &stays->command.booking_id));
    cr_expect_eq(hand_slots[0].n_waiting, 1);
}

Test(slot, sends_nothing_when_all_have_left)
{
    struct ticket *in_hand = hand_book(0, 2, 1);

    hand_take(0);
    hand_wants(COMMITTER_READ_HEADS, 1);
    ticket_leave(in_hand);
    hand_heads(0, 0);
    hand_decide();

    hand_wants(COMMITTER_DONE, 0);
    cr_expect_eq(hand_rests[0], SLOT_RESTS);
    cr_expect_not(hand_take(0));
}

Test(slot, keeps_what_was_sent_until_its_outcome_is_known)
{
    struct ticket *ticket = hand_book(0, 1, 4);

    hand_to_insert(0, 0, 0);
    hand_inserted(LEDGER_UNKNOWN);
    cr_expect_eq(ticket_leave(ticket), TICKET_SENT);
    cr_expect_eq(hand_slots[0].n_waiting, 0);
    *ticket = (struct ticket){0}; /* its caller's memory is gone */
    hand_take(0);
    hand_wants(COMMITTER_INSERT, 1);
    cr_expect_eq(hand.entries[0]->n_bookings, 1);
    hand_inserted(LEDGER_LANDED);

    cr_expect_eq(hand_slots[0].head.state.seats_sold, 4);
}

Test(slot, does_not_decide_anew_for_one_who_left)
{
    struct ticket *ticket = hand_book(0, 1, 4);
    const struct ticket *stays = hand_book(0, 2, 1);

    hand_to_insert(0, 0, 0);
    ticket_leave(ticket);
    hand_inserted(LEDGER_TAKEN);
    hand_wants(COMMITTER_READ_TOKENS, 1);
    hand_token_other();
    hand_to_insert(0, 1, 4);

    cr_assert_eq(hand.entries[0]->n_bookings, 1);
    cr_expect(object_id_equal(&hand.entries[0]->bookings[0].id, &stays->command.booking_id));
}

Test(slot, tells_one_who_waits_for_a_refusal_that_nothing_of_it_was_sent)
{
    struct ticket *booked = hand_book(0, 1, HAND_CAPACITY);
    struct ticket *refused = hand_book(0, 2, 1);
    struct ticket *repeat = hand_book(0, 1, HAND_CAPACITY);
    struct ticket *reused = hand_book(0, 1, 1);

    hand_to_insert(0, 0, 0);

    cr_expect_eq(ticket_leave(booked), TICKET_SENT);
    cr_expect_eq(ticket_leave(refused), TICKET_IN_HAND);
    cr_expect_eq(ticket_leave(repeat), TICKET_SENT);
    cr_expect_eq(ticket_leave(reused), TICKET_IN_HAND);
}

Test(slot, has_the_answer_for_one_who_leaves_too_late)
{
    struct ticket *ticket = hand_book(0, 1, 1);

    hand_to_insert(0, 0, 0);
    hand_inserted(LEDGER_LANDED);

    cr_expect_eq(ticket_leave(ticket), TICKET_ANSWERED);
    hand_expect(ticket, ERROR_NONE);
}

/* ---- what is known of the head ---- */

Test(slot, refuses_only_on_a_head_read_after_the_command_arrived)
{
    hand_book(0, 1, 1);
    hand_to_insert(0, 0, HAND_CAPACITY - 2);
    const struct ticket *before = hand_book(0, 2, 2);
    hand_inserted(LEDGER_LANDED);

    hand_take(0);
    hand_wants(COMMITTER_DECIDE, 1);
    hand_decide();
    hand_expect_place(before, TICKET_WAITING);
    cr_expect_eq(hand_rests[0], SLOT_IS_READY);
    hand_take(0);
    hand_wants(COMMITTER_READ_HEADS, 1);
    hand_heads(2, HAND_CAPACITY - 1);
    hand_decide();

    hand_expect(before, ERROR_SOLD_OUT);
    cr_expect_eq(before->answer.seats_left, 1);
}

Test(slot, counts_its_own_landing_as_a_head_for_those_who_had_arrived_before_it_was_sent)
{
    hand_book(0, 1, 1);
    hand_take(0);
    hand_wants(COMMITTER_READ_HEADS, 1);
    const struct ticket *before = hand_book(0, 2, 2);
    hand_heads(0, HAND_CAPACITY - 2);
    hand_decide();
    hand_wants(COMMITTER_INSERT, 1);
    hand_inserted(LEDGER_LANDED);

    hand_take(0);
    hand_wants(COMMITTER_DECIDE, 1);
    hand_decide();

    hand_expect(before, ERROR_SOLD_OUT);
    cr_expect_eq(before->answer.seats_left, 1);
}

Test(slot, does_not_count_a_head_for_one_who_arrived_while_it_was_read)
{
    hand_book(0, 1, HAND_CAPACITY + 1);
    hand_take(0);
    hand_wants(COMMITTER_READ_HEADS, 1);
    const struct ticket *meanwhile = hand_book(0, 2, HAND_CAPACITY + 1);
    hand_heads(0, 0);
    hand_decide();

    hand_take(0);
    hand_wants(COMMITTER_DECIDE, 1);
    hand_decide();

    hand_expect_place(meanwhile, TICKET_WAITING);
}

Test(slot, reads_a_head_that_sells_nothing_again_before_it_refuses)
{
    hand_book(0, 1, HAND_CAPACITY);
    hand_to_insert(0, 0, 0);
    hand_inserted(LEDGER_LANDED);
    hand_book(0, 2, 1);

    hand_take(0);

    hand_wants(COMMITTER_READ_HEADS, 1);
}

/* The head is at 5 by somebody else's doing. */
static void lose_to_entry_5(void)
{
    hand_book(0, 1, 1);
    hand_to_insert(0, 4, 0);
    hand_inserted(LEDGER_TAKEN);
    hand_wants(COMMITTER_READ_TOKENS, 1);
    hand_token_other();
    hand_to_insert(0, 5, 0);
    hand_inserted(LEDGER_LANDED);
}

Test(slot, reads_the_head_first_while_another_replica_writes_too)
{
    lose_to_entry_5();

    for (int i = 1; i < SLOT_CONTENTION_BATCHES; i++) {
        hand_book(0, 2, HAND_CAPACITY + 1); /* asks for a head, lands nothing */
        hand_take(0);
        hand_wants(COMMITTER_READ_HEADS, 1);
        cr_expect_eq(hand.n_known[0], 7);
        hand.heads[0] = hand_slots[0].head;
        hand_performed();
        hand_decide();
    }
    hand_book(0, 3, 1);
    hand_take(0);
    hand_wants(COMMITTER_DECIDE, 1);
}

Test(slot, goes_on_reading_heads_that_bring_news)
{
    lose_to_entry_5();

    for (int i = 0; i < 2 * SLOT_CONTENTION_BATCHES; i++) {
        hand_book(0, 2, 1);
        hand_to_insert(0, 7 + 2 * i, 0);
        hand_inserted(LEDGER_LANDED);
    }
}

Test(slot, lets_no_head_go_back)
{
    const struct ticket *ticket = hand_book(0, 1, 1);

    hand_to_insert(0, 5, 0);
    hand_inserted(LEDGER_TAKEN);
    hand_wants(COMMITTER_READ_TOKENS, 1);
    hand_token_other();
    hand_take(0);
    hand_wants(COMMITTER_READ_HEADS, 1);
    hand_heads(5, 0); /* entry 6 was seen just now */
    hand_expect_place(ticket, TICKET_WAITING);
    cr_expect_eq(hand_rests[0], SLOT_IS_LATER);
    hand_take(0);
    hand_wants(COMMITTER_READ_HEADS, 1);
    hand_heads(-1, 0);
    hand_expect_place(ticket, TICKET_WAITING);

    hand_to_insert(0, 6, 0);
    cr_expect_eq(hand.entries[0]->key.sequence, 7);
}

Test(slot, closes_when_an_entry_has_become_another)
{
    const struct ticket *landed = hand_book(0, 1, HAND_CAPACITY);

    hand_to_insert(0, 5, 0);
    hand_inserted(LEDGER_LANDED);
    const struct ticket *ticket = hand_book(0, 2, 1);
    hand_take(0);
    hand_wants(COMMITTER_READ_HEADS, 1);
    hand_heads(6, HAND_CAPACITY); /* with a token that is not the one of its insert */

    hand_expect(landed, ERROR_NONE);
    hand_expect(ticket, ERROR_CORRUPT);
    cr_expect(hand_slots[0].is_corrupt);
}

Test(slot, closes_when_the_version_of_the_event_falls)
{
    hand_take_over(0, 5, 0);
    hand_to_insert(0, 5, 0);
    hand_inserted(LEDGER_LANDED);
    const struct ticket *ticket = hand_book(0, 2, 1);

    hand_take(0);
    hand_wants(COMMITTER_READ_HEADS, 1);
    hand_heads(7, 0); /* of version 1 */

    hand_expect(ticket, ERROR_CORRUPT);
}

/* ---- what cannot be ---- */

/* Booking @id, of 2 seats, stands in entry 3. */
static void find_stored(size_t slot, int id)
{
    hand_wants(COMMITTER_LOOK_UP, 1);
    hand.look_up.found[0] = (struct ledger_found){.exists = true,
                                                  .event_id = hand_slots[slot].event_id,
                                                  .sequence = 3,
                                                  .booking = {hand_id(id), {{0}}, 2, 2}};
    hand_performed();
}

/* The look-up shows nothing, and a unique key refuses what was made of that. */
static void be_refused_by_a_booking(void)
{
    hand_wants(COMMITTER_LOOK_UP, 1);
    hand_looked_up();
    hand_decide();
    hand_wants(COMMITTER_INSERT, 1);
    hand_inserted(LEDGER_DUPLICATE);
    hand_wants(COMMITTER_READ_TOKENS, 1);
    hand_token_none();
}

/* Entry 6 is its own, and known. */
static void land_entry_6(size_t slot)
{
    hand_book(slot, 100, 1);
    hand_to_insert(slot, 5, 2);
    hand_inserted(LEDGER_LANDED);
}

Test(slot, asks_again_from_the_head_on_when_a_key_is_taken_that_the_look_up_did_not_see)
{
    land_entry_6(0);
    struct ticket *repeat = hand_book_keyed(0, 1, 2);
    hand_take(0);
    be_refused_by_a_booking();
    hand_expect_place(repeat, TICKET_WAITING);
    cr_expect_eq(hand_rests[0], SLOT_IS_LATER);

    hand_take(0);
    hand_wants(COMMITTER_READ_HEADS, 1);
    hand_failed(ERROR_UNAVAILABLE);
    hand_take(0);
    hand_wants(COMMITTER_READ_HEADS, 1);
    hand_heads(5, 2); /* not caught up yet */
    cr_expect_eq(hand_rests[0], SLOT_IS_LATER);
    hand_take(0);
    hand_wants(COMMITTER_READ_HEADS, 1);
    hand.heads[0] = hand_slots[0].head;
    hand_performed();
    find_stored(0, 1);
    hand_decide();

    hand_expect(repeat, ERROR_NONE);
    cr_expect(repeat->answer.repeated);
    cr_expect_not(hand_slots[0].is_doubted);
    cr_expect_eq(hand.counts.corrupt, 0);
}

Test(slot, reads_the_head_in_each_round_while_it_doubts)
{
    land_entry_6(0);
    hand_book_keyed(0, 1, 2);
    hand_take(0);
    be_refused_by_a_booking();
    hand_take(0);
    hand_wants(COMMITTER_READ_HEADS, 1);
    hand.heads[0] = hand_slots[0].head;
    hand_performed();
    hand_wants(COMMITTER_LOOK_UP, 1);
    hand_failed(ERROR_UNAVAILABLE);

    hand_take(0);

    hand_wants(COMMITTER_READ_HEADS, 1);
}

Test(slot, closes_when_a_taken_key_cannot_be_seen_twice_in_a_row)
{
    const struct ticket *repeat = hand_book_keyed(0, 1, 2);
    const struct ticket *beside = hand_book(0, 2, 6);

    hand_take(0);
    hand_wants(COMMITTER_READ_HEADS, 1);
    hand_heads(5, 2);
    be_refused_by_a_booking();
    hand_take(0);
    hand_wants(COMMITTER_READ_HEADS, 1);
    hand_heads(5, 2);
    const struct ticket *waiting = hand_book(0, 3, 1);
    be_refused_by_a_booking();

    hand_expect(repeat, ERROR_CORRUPT);
    hand_expect(beside, ERROR_CORRUPT);
    hand_expect(waiting, ERROR_CORRUPT);
    cr_expect(hand_slots[0].is_corrupt);
    cr_expect_eq(hand_rests[0], SLOT_RESTS);
    cr_expect_eq(hand.counts.corrupt, 1);
}

Test(slot, closes_when_more_comes_back_than_was_sold_twice_in_a_row)
{
    const struct ticket *ticket = hand_cancel(0, 1);

    hand_take(0);
    hand_wants(COMMITTER_READ_HEADS, 1);
    hand_heads(5, 1);
    find_stored(0, 1);
    hand_decide();
    hand_expect_place(ticket, TICKET_WAITING);
    cr_expect_eq(hand_rests[0], SLOT_IS_LATER);
    hand_take(0);
    hand_wants(COMMITTER_READ_HEADS, 1);
    hand_heads(5, 1);
    find_stored(0, 1);
    hand_decide();

    hand_expect(ticket, ERROR_CORRUPT);
    cr_expect_eq(hand.counts.corrupt, 1);
}

Test(slot, says_of_no_booking_that_it_is_not_there_before_the_head_was_read)
{
    land_entry_6(0);
    const struct ticket *ticket = hand_cancel(0, 1);
    hand_take(0);
    hand_wants(COMMITTER_LOOK_UP, 1);
    hand_looked_up();
    hand_decide();
    hand_expect_place(ticket, TICKET_WAITING);
    cr_expect_eq(hand_rests[0], SLOT_IS_READY);

    hand_take(0);
    hand_wants(COMMITTER_READ_HEADS, 1);
    hand.heads[0] = hand_slots[0].head;
    hand_performed();
    hand_wants(COMMITTER_LOOK_UP, 1);
    hand_looked_up();
    hand_decide();

    hand_expect(ticket, ERROR_NOT_FOUND);
}
