#include "committer_hand.h"

#include "base/memory.h"

#include <criterion/criterion.h>

#include <string.h>

TestSuite(committer, .init = hand_init, .fini = hand_clear);

/* ---- the order of the protocol ---- */

Test(committer, reads_the_head_then_looks_up_then_inserts)
{
    const struct ticket *ticket = hand_book_keyed(0, 1, 2);

    cr_assert(hand_take(0));
    hand_wants(COMMITTER_READ_HEADS, 1);
    cr_expect(object_id_equal(&hand.event_ids[0], &hand_slots[0].event_id));
    hand_heads(4, 3);
    hand_wants(COMMITTER_LOOK_UP, 1);
    cr_expect_eq(hand.look_up.n_bookings, 1);
    cr_expect(object_id_equal(&hand.look_up.booking_ids[0], &ticket->command.booking_id));
    hand_looked_up();
    hand_wants(COMMITTER_DECIDE, 1);
    hand_decide();
    hand_wants(COMMITTER_INSERT, 1);
    cr_expect_eq(hand.entries[0]->key.sequence, 5);
    cr_expect_eq(hand.entries[0]->state.seats_sold, 5);
    hand_expect_place(ticket, TICKET_SENT);
    hand_inserted(LEDGER_LANDED);

    hand_wants(COMMITTER_DONE, 0);
    hand_expect(ticket, ERROR_NONE);
    cr_expect_eq(hand_rests[0], SLOT_RESTS);
}

Test(committer, needs_neither_a_known_head_nor_a_look_up_of_random_ids)
{
    hand_book(0, 1, 2);
    hand_to_insert(0, 4, 3);
    hand_inserted(LEDGER_LANDED);
    const struct ticket *ticket = hand_book(0, 2, 1);

    cr_assert(hand_take(0));
    hand_wants(COMMITTER_DECIDE, 1);
    hand_decide();
    hand_wants(COMMITTER_INSERT, 1);
    cr_expect_eq(hand.entries[0]->key.sequence, 6);
    cr_expect_eq(hand.entries[0]->state.seats_sold, 6);
    hand_inserted(LEDGER_LANDED);

    hand_expect(ticket, ERROR_NONE);
    cr_expect_eq(ticket->answer.seats_left, HAND_CAPACITY - 6);
}

Test(committer, looks_up_what_is_keyed_cancelled_or_limited)
{
    hand.seats_per_user = 4;
    hand_book(0, 1, 1);
    hand_book_keyed(0, 2, 1);
    hand_cancel(0, 3);
    const struct ticket *limited = hand_book_for(0, 9, 4, 2);
    const struct ticket *fits = hand_book_for(1, 9, 5, 2);
    hand_take_over(1, 2, 10);
    hand_take(0);
    hand_take(1);
    hand_wants(COMMITTER_READ_HEADS, 2);
    hand_heads(0, 0);

    hand_wants(COMMITTER_LOOK_UP, 2);
    cr_assert_eq(hand.look_up.n_bookings, 2);
    cr_assert_eq(hand.look_up.n_holdings, 2);
    cr_expect(object_id_equal(&hand.look_up.holdings[0].event_id, &hand_slots[0].event_id));
    cr_expect(object_id_equal(&hand.look_up.holdings[1].event_id, &hand_slots[1].event_id));
    cr_expect(object_id_equal(&hand.look_up.holdings[0].user_id, &limited->command.user_id));
    hand.look_up.holdings[0].seats = 3;
    hand.look_up.holdings[1].seats = 2;
    hand_looked_up();
    hand_decide();

    hand_expect(limited, ERROR_USER_LIMIT);
    hand_expect_place(fits, TICKET_SENT);
}

Test(committer, gives_each_line_what_was_found_for_it)
{
    hand_book(0, 1, 1);
    const struct ticket *keyed = hand_book_keyed(0, 2, 1);
    const struct ticket *cancelled = hand_cancel(1, 3);
    hand_take(0);
    hand_take(1);
    hand_wants(COMMITTER_READ_HEADS, 2);
    hand_heads(5, 5);
    hand_wants(COMMITTER_LOOK_UP, 2);
    hand.look_up.found[0] =
        (struct ledger_found){.exists = true,
                              .event_id = hand_slots[0].event_id,
                              .booking = {keyed->command.booking_id, {{0}}, 1, 1}};
    hand.look_up.found[1] =
        (struct ledger_found){.exists = true,
                              .is_cancelled = true,
                              .event_id = hand_slots[1].event_id,
                              .booking = {cancelled->command.booking_id, {{0}}, 2, 2}};
    hand_performed();
    hand_decide();

    hand_expect(keyed, ERROR_NONE);
    cr_expect(keyed->answer.repeated);
    hand_expect(cancelled, ERROR_NONE);
    cr_expect(cancelled->answer.booking.cancelled);
    cr_expect_eq(cancelled->answer.booking.seats, 2);
}

Test(committer, sends_one_entry_for_each_slot_and_takes_outcomes_by_their_index)
{
    const struct ticket *landed = hand_book(0, 1, 1);
    const struct ticket *unknown = hand_book(1, 2, 1);
    const struct ticket *not_sent = hand_book(2, 3, 1);
    hand_take(0);
    hand_take(1);
    hand_take(2);
    hand_wants(COMMITTER_READ_HEADS, 3);
    hand_heads(0, 0);
    hand_decide();
    hand_wants(COMMITTER_INSERT, 3);
    for (size_t i = 0; i < 3; i++)
        cr_expect(object_id_equal(&hand.entries[i]->key.event_id, &hand.asked[i]->event_id));
    hand.outcomes[0] = LEDGER_LANDED;
    hand.outcomes[1] = LEDGER_UNKNOWN;
    hand.outcomes[2] = LEDGER_NOT_SENT;
    hand_performed();

    hand_wants(COMMITTER_DONE, 0);
    hand_expect(landed, ERROR_NONE);
    hand_expect_place(unknown, TICKET_SENT);
    hand_expect_place(not_sent, TICKET_WAITING);
    cr_expect_eq(hand_rests[0], SLOT_RESTS);
    cr_expect_eq(hand_rests[1], SLOT_IS_LATER);
    cr_expect_eq(hand_rests[2], SLOT_IS_LATER);
}

Test(committer, releases_what_landed_before_it_reads_tokens)
{
    const struct ticket *landed = hand_book(0, 1, 1);
    const struct ticket *taken = hand_book(1, 2, 1);
    hand_take(0);
    hand_take(1);
    hand_wants(COMMITTER_READ_HEADS, 2);
    hand_heads(0, 0);
    hand_decide();
    hand_wants(COMMITTER_INSERT, 2);
    hand.outcomes[0] = LEDGER_LANDED;
    hand.outcomes[1] = LEDGER_TAKEN;
    hand_performed();

    hand_expect(landed, ERROR_NONE);
    hand_expect_place(taken, TICKET_SENT);
    hand_wants(COMMITTER_READ_TOKENS, 1);
    cr_expect_eq(hand.keys[0].sequence, 1);
    cr_expect(object_id_equal(&hand.keys[0].event_id, &hand_slots[1].event_id));
}

/* ---- step 5 of the protocol ---- */

Test(committer, believes_a_taken_key_that_bears_its_own_token)
{
    const struct ticket *ticket = hand_book(0, 1, 1);

    hand_to_insert(0, 0, 0);
    hand_inserted(LEDGER_TAKEN);
    hand_wants(COMMITTER_READ_TOKENS, 1);
    hand_token_own();

    hand_expect(ticket, ERROR_NONE);
    cr_expect_eq(hand.counts.own_found, 1);
    cr_expect_eq(hand.counts.lost_races, 0);
    cr_expect_eq(hand_slots[0].head.sequence, 1);
}

Test(committer, decides_anew_after_a_lost_race)
{
    const struct ticket *first = hand_book_keyed(0, 1, 2);
    const struct ticket *second = hand_book_keyed(0, 2, 2);

    hand_to_insert(0, 3, 0);
    const struct ticket *later = hand_book(0, 3, 1);
    hand_inserted(LEDGER_TAKEN);
    hand_wants(COMMITTER_READ_TOKENS, 1);
    hand_token_other();

    cr_expect_eq(hand.counts.lost_races, 1);
    cr_expect_eq(hand_rests[0], SLOT_IS_READY);
    cr_expect_eq(hand_slots[0].line, first);
    cr_expect_eq(first->next, second);
    cr_expect_eq(second->next, later);
    hand_take(0);
    hand_wants(COMMITTER_READ_HEADS, 1);
    hand_heads(4, HAND_CAPACITY - 3);
    hand_wants(COMMITTER_LOOK_UP, 1);
    cr_expect_eq(hand.look_up.n_bookings, 2);
    hand_looked_up();
    hand_decide();
    hand_wants(COMMITTER_INSERT, 1);
    cr_expect_eq(hand.entries[0]->key.sequence, 5);
    hand_inserted(LEDGER_LANDED);
    hand_expect(first, ERROR_NONE);
    hand_expect(second, ERROR_SOLD_OUT);
    hand_expect(later, ERROR_NONE);
}

Test(committer, does_not_believe_a_taken_key_that_is_not_found)
{
    const struct ticket *ticket = hand_book(0, 1, 1);

    hand_to_insert(0, 0, 0);
    hand_inserted(LEDGER_TAKEN);
    hand_wants(COMMITTER_READ_TOKENS, 1);
    hand_token_none();

    hand_expect_place(ticket, TICKET_SENT);
    cr_expect_eq(hand_rests[0], SLOT_IS_LATER);
    hand_take(0);
    hand_wants(COMMITTER_INSERT, 1);
}

/* Two entries alike, bookings and all. */
static void expect_equal(const struct ledger_entry *a, const struct ledger_entry *b)
{
    cr_expect_eq(a->key.sequence, b->key.sequence);
    cr_expect(object_id_equal(&a->token, &b->token));
    cr_expect_eq(a->at_ms, b->at_ms);
    cr_expect_eq(a->state.seats_sold, b->state.seats_sold);
    cr_expect_eq(a->state.event_version, b->state.event_version);
    cr_assert_eq(a->n_bookings, b->n_bookings);
    cr_expect_eq(memcmp(a->bookings, b->bookings, a->n_bookings * sizeof(*a->bookings)), 0);
}

Test(committer, sends_the_same_document_until_its_fate_is_known)
{
    CLEANUP(ledger_entry_clear) struct ledger_entry sent = {0};
    const enum ledger_outcome outcomes[] = {LEDGER_UNKNOWN, LEDGER_NOT_SENT, LEDGER_UNKNOWN};
    const struct ticket *ticket = hand_book(0, 1, 1);

    hand_to_insert(0, 0, 0);
    cr_assert(ledger_entry_copy(hand.entries[0], &sent, NULL));
    const struct ticket *later = hand_book(0, 2, 1);
    for (size_t i = 0; i < ARRAY_SIZE(outcomes); i++) {
        hand_inserted(outcomes[i]);
        hand_wants(COMMITTER_DONE, 0);
        hand_expect_place(ticket, TICKET_SENT);
        hand_expect_place(later, TICKET_WAITING);
        cr_expect_eq(hand_rests[0], SLOT_IS_LATER);
        hand_take(0);
        hand_wants(COMMITTER_INSERT, 1);
        expect_equal(hand.entries[0], &sent);
    }
    hand_inserted(LEDGER_LANDED);

    hand_expect(ticket, ERROR_NONE);
    cr_expect_eq(hand.counts.resends, 3);
    cr_expect_eq(hand_rests[0], SLOT_IS_READY);
}

Test(committer, finds_its_own_token_after_a_lost_reply)
{
    const struct ticket *ticket = hand_book(0, 1, 1);

    hand_to_insert(0, 0, 0);
    hand_inserted(LEDGER_UNKNOWN);
    hand_take(0);
    hand_wants(COMMITTER_INSERT, 1);
    hand_inserted(LEDGER_TAKEN);
    hand_wants(COMMITTER_READ_TOKENS, 1);
    hand_token_own();

    hand_expect(ticket, ERROR_NONE);
    cr_expect_eq(hand.counts.own_found, 1);
}

Test(committer, loses_the_race_after_an_unknown_outcome_too)
{
    const struct ticket *ticket = hand_book(0, 1, 1);

    hand_to_insert(0, 0, 0);
    hand_inserted(LEDGER_UNKNOWN);
    hand_take(0);
    hand_wants(COMMITTER_INSERT, 1);
    hand_inserted(LEDGER_TAKEN);
    hand_wants(COMMITTER_READ_TOKENS, 1);
    hand_token_other();

    hand_expect_place(ticket, TICKET_WAITING);
    hand_take(0);
    hand_wants(COMMITTER_READ_HEADS, 1);
}

Test(committer, settles_a_duplicate_by_the_entry_at_its_key)
{
    const struct ticket *own = hand_book_keyed(0, 1, 1);
    const struct ticket *lost = hand_book_keyed(1, 2, 1);
    const struct ticket *doubted = hand_book_keyed(2, 3, 1);
    const struct ticket *landed = hand_book(3, 5, 1);

    for (size_t i = 0; i < 4; i++)
        hand_take(i);
    hand_wants(COMMITTER_READ_HEADS, 4);
    hand_heads(0, 0);
    hand_wants(COMMITTER_LOOK_UP, 3);
    hand_looked_up();
    hand_decide();
    hand_wants(COMMITTER_INSERT, 4);
    for (size_t i = 0; i < 4; i++)
        hand.outcomes[i] = hand.asked[i] == &hand_slots[3] ? LEDGER_LANDED : LEDGER_DUPLICATE;
    hand_performed();
    hand_wants(COMMITTER_READ_TOKENS, 3);
    for (size_t i = 0; i < 3; i++) {
        hand.tokens[i] = (struct object_id){0};
        if (hand.asked[i] == &hand_slots[0])
            hand.tokens[i] = hand.asked[i]->batch->entry.token;
        if (hand.asked[i] == &hand_slots[1])
            hand.tokens[i] = hand_id(77);
    }
    hand_performed();

    hand_expect(own, ERROR_NONE);
    hand_expect_place(lost, TICKET_WAITING);
    hand_expect_place(doubted, TICKET_WAITING);
    cr_expect_eq(hand_rests[2], SLOT_IS_LATER);
    cr_expect_eq(hand.counts.corrupt, 0);
    hand_expect(landed, ERROR_NONE);
}

Test(committer, gives_commands_back_that_were_certainly_not_sent)
{
    struct ticket *ticket = hand_book(0, 1, 1);

    hand_to_insert(0, 2, 0);
    hand_inserted(LEDGER_NOT_SENT);

    hand_expect_place(ticket, TICKET_WAITING);
    cr_expect_eq(hand_rests[0], SLOT_IS_LATER);
    cr_expect_null(hand_slots[0].batch);
    hand_take(0);
    hand_wants(COMMITTER_DECIDE, 1);
    hand_decide();
    hand_wants(COMMITTER_INSERT, 1);
    cr_expect_eq(hand.entries[0]->key.sequence, 3);
    hand_inserted(LEDGER_LANDED);
    hand_expect(ticket, ERROR_NONE);
}

/* ---- reads that fail ---- */

Test(committer, gives_commands_back_when_a_read_fails)
{
    struct ticket *ticket = hand_book_keyed(0, 1, 1);

    hand_take(0);
    hand_wants(COMMITTER_READ_HEADS, 1);
    hand_failed(ERROR_UNAVAILABLE);
    hand_expect_place(ticket, TICKET_WAITING);
    cr_expect_eq(hand_rests[0], SLOT_IS_LATER);

    hand_take(0);
    hand_wants(COMMITTER_READ_HEADS, 1);
    hand_heads(0, 0);
    hand_wants(COMMITTER_LOOK_UP, 1);
    hand_failed(ERROR_UNAVAILABLE);
    hand_expect_place(ticket, TICKET_WAITING);
    cr_expect_eq(hand_rests[0], SLOT_IS_LATER);

    hand_take(0);
    hand_wants(COMMITTER_LOOK_UP, 1);
}

Test(committer, sends_again_when_the_token_cannot_be_read)
{
    const struct ticket *ticket = hand_book(0, 1, 1);

    hand_to_insert(0, 0, 0);
    hand_inserted(LEDGER_TAKEN);
    hand_wants(COMMITTER_READ_TOKENS, 1);
    hand_failed(ERROR_UNAVAILABLE);

    hand_expect_place(ticket, TICKET_SENT);
    hand_take(0);
    hand_wants(COMMITTER_INSERT, 1);
}

Test(committer, closes_the_one_event_whose_ledger_cannot_be_read)
{
    const struct ticket *bad = hand_book(0, 1, 1);
    const struct ticket *good = hand_book(1, 2, 1);

    hand_take(0);
    hand_take(1);
    hand_wants(COMMITTER_READ_HEADS, 2);
    hand_failed(ERROR_CORRUPT);
    hand_expect_place(bad, TICKET_WAITING);
    hand_expect_place(good, TICKET_WAITING);
    hand_take(0);
    cr_expect_not(committer_has_room_for(&hand, &hand_slots[1]));
    hand_wants(COMMITTER_READ_HEADS, 1);
    hand_failed(ERROR_CORRUPT);
    hand_expect(bad, ERROR_CORRUPT);

    hand_to_insert(1, 0, 0);
    hand_inserted(LEDGER_LANDED);
    hand_expect(good, ERROR_NONE);
    cr_expect_not(hand_slots[1].is_alone);
    cr_expect_eq(hand.counts.corrupt, 1);
}

/* ---- memory ---- */

Test(committer, refuses_before_anything_is_sent_when_there_is_no_memory)
{
    for (long n = 1; n <= 5; n++) {
        const struct ticket *ticket = hand_book(0, (int)n, 1);

        memory_fail_at(n, false);
        cr_expect_not(hand_take(0), "allocation %ld was not needed", n);
        memory_fail_at(0, false);

        hand_expect(ticket, ERROR_MEMORY);
        cr_expect_eq(hand_slots[0].n_waiting, 0);
    }
}

Test(committer, gives_commands_back_when_there_is_no_memory_for_a_look_up)
{
    for (long n = 1; n <= 3; n++) {
        struct ticket *ticket = hand_book_keyed((size_t)n, (int)n, 1);

        hand_take((size_t)n);
        hand_wants(COMMITTER_READ_HEADS, 1);
        hand_heads(0, 0);
        memory_fail_at(n, false);
        cr_expect_eq(committer_next(&hand), COMMITTER_DONE);
        memory_fail_at(0, false);
        cr_assert_not_null(committer_take_finished(&hand));

        cr_expect_eq(hand_slots[n].step, SLOT_FAILED);
        hand_expect_place(ticket, TICKET_IN_HAND);
    }
}

/* ---- rounds ---- */

Test(committer, keeps_repeats_of_unknown_outcome_to_themselves)
{
    hand_book(0, 1, 1);
    hand_to_insert(0, 0, 0);
    hand_inserted(LEDGER_UNKNOWN);
    hand_book(1, 2, 1);

    hand_take(1);
    cr_expect_not(committer_has_room_for(&hand, &hand_slots[0]));
}

Test(committer, takes_as_many_slots_as_a_bulk_holds)
{
    for (size_t i = 0; i < LEDGER_BULK_MAX; i++) {
        hand_book(i, (int)i, 1);
        cr_assert(committer_has_room_for(&hand, &hand_slots[i]));
        hand_take(i);
    }

    cr_expect_not(committer_has_room_for(&hand, &hand_slots[LEDGER_BULK_MAX]));
    hand_wants(COMMITTER_READ_HEADS, LEDGER_BULK_MAX);
    hand_heads(0, 0);
    hand_decide();
    hand_wants(COMMITTER_INSERT, LEDGER_BULK_MAX);
    hand_inserted(LEDGER_LANDED);
    hand_wants(COMMITTER_DONE, 0);
    for (size_t i = 0; i < LEDGER_BULK_MAX; i++)
        hand_expect(&hand_tickets[i], ERROR_NONE);
}
