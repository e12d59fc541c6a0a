#include "entry_rows.h"

#include <criterion/criterion.h>

/* clang-format off */

/* ---- booking ---- */

Test(entry, gives_seats_in_the_order_of_the_commands)
{
    struct row rows[] = {
        {"all of them", 0, open_head(), {book(1, 4), book(2, 6)},
         {landed(ERROR_NONE, 6), landed(ERROR_NONE, 0)},
         entry(sold(100), 2, 0)},
        {"no limit", 0, head_with(CAPACITY_UNKNOWN, 90), {book(1, 1000)},
         {landed(ERROR_NONE, CAPACITY_UNKNOWN)},
         entry(version(3, CAPACITY_UNKNOWN, 1090), 1, 0)},
        {"a smaller one still fits", 0, open_head(), {book(1, 8), book(2, 3), book(3, 2)},
         {landed(ERROR_NONE, 2), landed(ERROR_SOLD_OUT, 2), landed(ERROR_NONE, 0)},
         entry(sold(100), 2, 0)},
        {"who left takes nothing", 0, open_head(), {left(book(1, 10)), book(2, 10)},
         {passed_over(), landed(ERROR_NONE, 0)},
         entry(sold(100), 1, 0)},
        {"the last seat", 0, head_with(100, 99), {book(1, 1)},
         {landed(ERROR_NONE, 0)},
         entry(sold(100), 1, 0)},
    };

    rows_check(rows, ARRAY_SIZE(rows));
}

Test(entry, refuses_at_once_what_a_fresh_head_refuses)
{
    struct row rows[] = {
        {"one too many", 0, open_head(), {book(1, FREE + 1)},
         {now(ERROR_SOLD_OUT, FREE)}, nothing()},
        {"more sold than there is", 0, head_with(5, 9), {book(1, 1)},
         {now(ERROR_SOLD_OUT, 0)}, nothing()},
        {"closed", 0, closed_head(), {book(1, 1)},
         {now(ERROR_GONE, 0)}, nothing()},
        {"removed", 0, open_head(), {book(1, 1)},
         {now(ERROR_GONE, 0)}, nothing()},
        {"over", 0, open_head(), {book(1, 1)},
         {now(ERROR_GONE, 0)}, nothing()},
        {"unknown event", 0, no_head(), {book(1, 1)},
         {now(ERROR_NOT_FOUND, 0)}, nothing()},
        {"with what the head has left", 0, open_head(), {book(1, 1), book(2, FREE + 1)},
         {landed(ERROR_NONE, FREE - 1), now(ERROR_SOLD_OUT, FREE)},
         entry(sold(91), 1, 0)},
    };

    rows[3].head.state.removed = true;
    rows[4].head.state.end_s = NOW_MS / 1000;
    rows_check(rows, ARRAY_SIZE(rows));
}

Test(entry, does_not_refuse_on_an_older_head)
{
    struct row rows[] = {
        {"sold out", 0, open_head(), {stale(book(1, FREE + 1))},
         {again()}, nothing()},
        {"closed", 0, closed_head(), {stale(book(1, 1))},
         {again()}, nothing()},
        {"unknown event", 0, no_head(), {stale(book(1, 1))},
         {again()}, nothing()},
        {"the landing proves the head", 0, open_head(), {book(1, 1), stale(book(2, FREE + 1))},
         {landed(ERROR_NONE, FREE - 1), landed(ERROR_SOLD_OUT, FREE - 1)},
         entry(sold(91), 1, 0)},
        {"in any order", 0, open_head(), {stale(book(2, FREE + 1)), book(1, 1)},
         {landed(ERROR_SOLD_OUT, FREE), landed(ERROR_NONE, FREE - 1)},
         entry(sold(91), 1, 0)},
        {"only that one", 0, open_head(), {stale(book(2, FREE + 1)), book(1, FREE + 1)},
         {again(), now(ERROR_SOLD_OUT, FREE)}, nothing()},
    };

    rows_check(rows, ARRAY_SIZE(rows));
}

Test(entry, lets_a_refusal_that_rests_on_the_batch_wait_for_its_landing)
{
    struct row rows[] = {
        {"seats", 0, open_head(), {book(1, 10), book(2, 1)},
         {landed(ERROR_NONE, 0), landed(ERROR_SOLD_OUT, 0)},
         entry(sold(100), 1, 0)},
        {"capacity", 0, open_head(), {take_over(4, 92, false), book(1, 3)},
         {landed(ERROR_NONE, 2), landed(ERROR_SOLD_OUT, 2)},
         entry(version(4, 92, 90), 0, 0)},
        {"closing", 0, open_head(), {take_over(4, 100, true), book(1, 3)},
         {landed(ERROR_NONE, 10), landed(ERROR_GONE, 10)},
         entry(closed(version(4, 100, 90)), 0, 0)},
        {"another reason than the head's", 0, closed_head(),
         {take_over(4, 100, false), book(1, FREE + 1)},
         {landed(ERROR_NONE, 10), landed(ERROR_SOLD_OUT, 10)},
         entry(version(4, 100, 90), 0, 0)},
    };

    rows_check(rows, ARRAY_SIZE(rows));
}

Test(entry, answers_a_repeat_with_what_is_stored)
{
    struct row rows[] = {
        {"the same order", 0, open_head(), {found(book(1, 2), 3, 2)},
         {repeated(now(ERROR_NONE, FREE))}, nothing()},
        {"older head", 0, open_head(), {stale(found(book(1, 2), 3, 2))},
         {repeated(now(ERROR_NONE, FREE))}, nothing()},
        {"newer than the head", 0, open_head(), {found(book(1, 2), 8, 2)},
         {repeated(now(ERROR_NONE, FREE))}, nothing()},
        {"closed", 0, closed_head(), {found(book(1, 2), 3, 2)},
         {repeated(now(ERROR_NONE, FREE))}, nothing()},
        {"sold out", 0, head_with(90, 90), {found(book(1, 2), 3, 2)},
         {repeated(now(ERROR_NONE, 0))}, nothing()},
        {"cancelled since", 0, open_head(), {found_cancelled(book(1, 2), 3, 2)},
         {repeated(now(ERROR_NONE, FREE))}, nothing()},
        {"at the limit of the user", 2, open_head(), {found(book_for(1, 2, 1, 2), 3, 2)},
         {repeated(now(ERROR_NONE, FREE))}, nothing()},
        {"another order", 0, open_head(), {found(book(1, 2), 3, 1)},
         {now(ERROR_KEY_REUSED, 0)}, nothing()},
        {"another order, older head", 0, open_head(), {stale(found(book(1, 2), 3, 1))},
         {now(ERROR_KEY_REUSED, 0)}, nothing()},
        {"another event", 0, open_head(), {found_elsewhere(book(1, 2))},
         {now(ERROR_KEY_REUSED, 0)}, nothing()},
        {"beside others", 0, open_head(), {book(2, 1), found(book(1, 2), 3, 2)},
         {landed(ERROR_NONE, FREE - 1), repeated(now(ERROR_NONE, FREE))},
         entry(sold(91), 1, 0)},
    };

    rows_check(rows, ARRAY_SIZE(rows));
}

Test(entry, books_one_id_once_within_a_batch)
{
    struct row rows[] = {
        {"the same order", 0, open_head(), {book(1, 2), book(1, 2)},
         {landed(ERROR_NONE, 8), repeated(landed(ERROR_NONE, 8))},
         entry(sold(92), 1, 0)},
        {"before any limit", 0, open_head(), {book(1, 10), book(1, 10)},
         {landed(ERROR_NONE, 0), repeated(landed(ERROR_NONE, 0))},
         entry(sold(100), 1, 0)},
        {"another order", 0, open_head(), {book(1, 2), book(1, 3)},
         {landed(ERROR_NONE, 8), landed(ERROR_KEY_REUSED, 8)},
         entry(sold(92), 1, 0)},
        {"refused before", 0, open_head(), {book(1, FREE + 1), book(1, 1)},
         {now(ERROR_SOLD_OUT, FREE), landed(ERROR_NONE, 9)},
         entry(sold(91), 1, 0)},
        {"left before", 0, open_head(), {left(book(1, 2)), book(1, 3)},
         {passed_over(), landed(ERROR_NONE, 7)},
         entry(sold(93), 1, 0)},
        {"two twice", 0, open_head(), {book(1, 2), book(2, 1), book(1, 2), book(2, 1)},
         {landed(ERROR_NONE, 8), landed(ERROR_NONE, 7), repeated(landed(ERROR_NONE, 7)),
          repeated(landed(ERROR_NONE, 7))},
         entry(sold(93), 2, 0)},
    };

    rows_check(rows, ARRAY_SIZE(rows));
}

Test(entry, holds_a_user_to_the_limit)
{
    struct row rows[] = {
        {"stored", 5, open_head(), {book_for(1, 3, 1, 3)},
         {now(ERROR_USER_LIMIT, 0)}, nothing()},
        {"just fits", 5, open_head(), {book_for(1, 3, 1, 2)},
         {landed(ERROR_NONE, 8)},
         entry(sold(92), 1, 0)},
        {"stored, older head", 5, open_head(), {stale(book_for(1, 3, 1, 3))},
         {again()}, nothing()},
        {"in this batch", 5, open_head(),
         {book_for(1, 1, 1, 3), book_for(2, 0, 2, 3), book_for(1, 1, 3, 2), book_for(1, 1, 4, 1)},
         {landed(ERROR_NONE, 7), landed(ERROR_NONE, 4), landed(ERROR_USER_LIMIT, 4),
          landed(ERROR_NONE, 3)},
         entry(sold(97), 3, 0)},
        {"given back in this batch", 5, open_head(),
         {found(cancel(7), 2, 4), book_for(1, 5, 1, 4), book_for(1, 5, 2, 1)},
         {landed(ERROR_NONE, 14), landed(ERROR_NONE, 10), now(ERROR_USER_LIMIT, 0)},
         entry(sold(90), 1, 1)},
        {"guests have none", 1, open_head(), {book(1, 3), book(2, 3)},
         {landed(ERROR_NONE, 7), landed(ERROR_NONE, 4)},
         entry(sold(96), 2, 0)},
        {"no limit", 0, open_head(), {book_for(1, 1000, 1, 3)},
         {landed(ERROR_NONE, 7)},
         entry(sold(93), 1, 0)},
        {"sold out goes before", 5, open_head(), {book_for(1, 3, 1, 30)},
         {now(ERROR_SOLD_OUT, FREE)}, nothing()},
    };

    rows_check(rows, ARRAY_SIZE(rows));
}

/* ---- giving back ---- */

Test(entry, gives_seats_back_once)
{
    struct row rows[] = {
        {"stored", 0, open_head(), {found(cancel(1), 2, 4)},
         {landed(ERROR_NONE, 14)},
         entry(sold(86), 0, 1)},
        {"older head", 0, open_head(), {stale(found(cancel(1), 2, 4))},
         {landed(ERROR_NONE, 14)},
         entry(sold(86), 0, 1)},
        {"closed event", 0, closed_head(), {found(cancel(1), 2, 4)},
         {landed(ERROR_NONE, 14)},
         entry(closed(sold(86)), 0, 1)},
        {"cancelled before", 0, open_head(), {found_cancelled(cancel(1), 2, 4)},
         {repeated(now(ERROR_NONE, FREE))}, nothing()},
        {"twice in a batch", 0, open_head(), {found(cancel(1), 2, 4), found(cancel(1), 2, 4)},
         {landed(ERROR_NONE, 14), repeated(landed(ERROR_NONE, 14))},
         entry(sold(86), 0, 1)},
        {"for who comes after", 0, open_head(), {found(cancel(1), 2, 4), book(2, 14)},
         {landed(ERROR_NONE, 14), landed(ERROR_NONE, 0)},
         entry(sold(100), 1, 1)},
        {"not for who came before", 0, open_head(), {book(2, 14), found(cancel(1), 2, 4)},
         {now(ERROR_SOLD_OUT, FREE), landed(ERROR_NONE, 14)},
         entry(sold(86), 0, 1)},
        {"booked in this batch", 0, open_head(), {book(1, 3), cancel(1), cancel(1), book(1, 3)},
         {landed(ERROR_NONE, 7), landed(ERROR_NONE, 10), repeated(landed(ERROR_NONE, 10)),
          repeated(landed(ERROR_NONE, 10))},
         entry(sold(90), 1, 1)},
        {"the head is older than the booking", 0, open_head(), {found(cancel(1), 7, 4)},
         {again()}, nothing()},
        {"no head, and yet a booking", 0, no_head(), {found(cancel(1), 0, 4)},
         {again()}, nothing()},
        {"the same beside others", 0, open_head(), {book(2, 1), found(cancel(1), 7, 4)},
         {landed(ERROR_NONE, 9), again()},
         entry(sold(91), 1, 0)},
        {"unknown", 0, open_head(), {cancel(1)},
         {now(ERROR_NOT_FOUND, 0)}, nothing()},
        {"unknown, older head", 0, open_head(), {stale(cancel(1))},
         {again()}, nothing()},
        {"the same beside others", 0, open_head(), {stale(cancel(1)), stale(book(2, 1))},
         {again(), landed(ERROR_NONE, 9)},
         entry(sold(91), 1, 0)},
        {"of another event", 0, open_head(), {found_elsewhere(cancel(1))},
         {now(ERROR_NOT_FOUND, 0)}, nothing()},
        {"more than was sold", 0, head_with(100, 3), {found(cancel(1), 2, 4)},
         {passed_over()}, contradiction()},
    };

    rows_check(rows, ARRAY_SIZE(rows));
}

/* ---- taking over ---- */

Test(entry, takes_over_each_newer_version)
{
    struct row rows[] = {
        {"nothing differs", 0, open_head(), {take_over(4, 100, false)},
         {landed(ERROR_NONE, 10)},
         entry(version(4, 100, 90), 0, 0)},
        {"older head", 0, open_head(), {stale(take_over(4, 100, false))},
         {landed(ERROR_NONE, 10)},
         entry(version(4, 100, 90), 0, 0)},
        {"the same version", 0, open_head(), {take_over(3, 7, true)},
         {repeated(now(ERROR_NONE, FREE))}, nothing()},
        {"an older one", 0, open_head(), {stale(take_over(2, 7, true))},
         {repeated(now(ERROR_NONE, FREE))}, nothing()},
        {"the first", 0, no_head(), {take_over(1, 50, false)},
         {landed(ERROR_NONE, 50)},
         entry(version(1, 50, 0), 0, 0)},
        {"the first, then bookings", 0, no_head(), {take_over(1, 50, false), book(1, 50)},
         {landed(ERROR_NONE, 50), landed(ERROR_NONE, 0)},
         entry(version(1, 50, 50), 1, 0)},
        {"a booking before the first", 0, no_head(), {book(1, 1), take_over(1, 50, false)},
         {now(ERROR_NOT_FOUND, 0), landed(ERROR_NONE, 50)},
         entry(version(1, 50, 0), 0, 0)},
        {"two out of order", 0, open_head(), {take_over(5, 200, false), take_over(4, 10, true)},
         {landed(ERROR_NONE, 110), repeated(landed(ERROR_NONE, FREE))},
         entry(version(5, 200, 90), 0, 0)},
        {"less than is sold", 0, open_head(), {take_over(4, 7, false)},
         {landed(ERROR_NONE, 0)},
         entry(version(4, 7, 90), 0, 0)},
        {"reopened and enlarged", 0, closed_head(), {take_over(4, 101, false), book(1, 11)},
         {landed(ERROR_NONE, 11), landed(ERROR_NONE, 0)},
         entry(version(4, 101, 101), 1, 0)},
    };

    rows_check(rows, ARRAY_SIZE(rows));
}

Test(entry, keeps_all_but_the_sale_of_an_event_that_is_removed)
{
    struct ledger_state unseen = removed(version(4, CAPACITY_UNKNOWN, 0));
    struct row rows[] = {
        {"removed", 0, open_head(), {remove_event(4), book(1, 1)},
         {landed(ERROR_NONE, 10), landed(ERROR_GONE, 10)},
         entry(removed(version(4, 100, 90)), 0, 0)},
        {"before anything was known", 0, no_head(), {remove_event(4), book(1, 1)},
         {landed(ERROR_NONE, CAPACITY_UNKNOWN), landed(ERROR_GONE, CAPACITY_UNKNOWN)},
         entry(unseen, 0, 0)},
        {"and only then heard of", 0, no_head(), {remove_event(4), take_over(3, 50, false)},
         {landed(ERROR_NONE, CAPACITY_UNKNOWN), repeated(landed(ERROR_NONE, CAPACITY_UNKNOWN))},
         entry(unseen, 0, 0)},
    };

    rows[1].made.state.end_s = 0;
    rows[2].made.state.end_s = 0;
    rows_check(rows, ARRAY_SIZE(rows));
}

/*
 * Else an entry could end with more sold than there is, or somebody be refused by a version that no
 * entry shows, and nobody could say afterwards whether that was right.
 */
Test(entry, begins_another_one_for_each_version)
{
    struct row rows[] = {
        {"after bookings", 0, open_head(),
         {book(1, 10), take_over(4, 5, false), book(2, 1), found(cancel(3), 2, 1)},
         {landed(ERROR_NONE, 0), next(), next(), next()},
         entry(sold(100), 1, 0)},
        {"after cancellations", 0, open_head(), {found(cancel(3), 2, 1), take_over(4, 95, false)},
         {landed(ERROR_NONE, 11), next()},
         entry(sold(89), 0, 1)},
        {"after another version", 0, open_head(),
         {take_over(4, 90, false), book(1, 1), take_over(5, 200, false), book(2, 1)},
         {landed(ERROR_NONE, 0), landed(ERROR_SOLD_OUT, 0), next(), next()},
         entry(version(4, 90, 90), 0, 0)},
        {"not newer", 0, open_head(), {book(1, 4), take_over(3, 5, false), book(2, 1)},
         {landed(ERROR_NONE, 6), repeated(now(ERROR_NONE, FREE)), landed(ERROR_NONE, 5)},
         entry(sold(95), 2, 0)},
        {"after a refusal", 0, open_head(), {book(1, FREE + 1), take_over(4, 101, false)},
         {now(ERROR_SOLD_OUT, FREE), landed(ERROR_NONE, 11)},
         entry(version(4, 101, 90), 0, 0)},
    };

    rows_check(rows, ARRAY_SIZE(rows));
}

/* clang-format on */

/* ---- what it holds and says ---- */

static enum entry_result decide(struct ledger_head head, struct entry_line *lines, size_t n_lines,
                                struct ledger_entry *made)
{
    const struct entry_basis basis = {.event_id = row_event, .head = &head, .now_ms = NOW_MS};

    *made = empty_entry();
    return entry_decide(&basis, lines, n_lines, made);
}

Test(entry, holds_what_was_booked)
{
    struct entry_line lines[] = {book_for(1, 0, 1, 2), found_cancelled(book(2, 3), 4, 3)};
    const struct booking *booked = &lines[0].answer.booking;
    const struct booking *stored = &lines[1].answer.booking;
    struct ledger_entry made;

    cr_assert_eq(decide(open_head(), lines, ARRAY_SIZE(lines), &made), ENTRY_MADE);

    cr_expect(object_id_equal(&made.bookings[0].id, &lines[0].command.booking_id));
    cr_expect(object_id_equal(&made.bookings[0].user_id, &lines[0].command.user_id));
    cr_expect_eq(made.bookings[0].seats, 2);
    cr_expect_eq(made.bookings[0].fingerprint, 2);
    cr_expect(object_id_equal(&booked->id, &lines[0].command.booking_id));
    cr_expect(object_id_equal(&booked->event_id, &row_event));
    cr_expect(object_id_equal(&booked->user_id, &lines[0].command.user_id));
    cr_expect_eq(booked->seats, 2);
    cr_expect_eq(booked->made_at_ms, NOW_MS);
    cr_expect_not(booked->cancelled);
    cr_expect_eq(stored->seats, 3);
    cr_expect_eq(stored->made_at_ms, 77);
    cr_expect(stored->cancelled);
}

Test(entry, holds_what_was_given_back)
{
    struct entry_line lines[] = {found(cancel(1), 2, 4)};
    const struct booking *given_back = &lines[0].answer.booking;
    struct ledger_entry made;

    cr_assert_eq(decide(open_head(), lines, ARRAY_SIZE(lines), &made), ENTRY_MADE);

    cr_expect(object_id_equal(&made.cancellations[0].booking_id, &given_back->id));
    cr_expect(object_id_equal(&made.cancellations[0].user_id, &given_back->user_id));
    cr_expect(object_id_equal(&given_back->user_id, &lines[0].found.booking.user_id));
    cr_expect_eq(made.cancellations[0].seats, 4);
    cr_expect(given_back->cancelled);
    cr_expect_eq(given_back->made_at_ms, 77);
}

Test(entry, decides_a_full_batch)
{
    struct entry_line lines[LEDGER_BATCH_MAX];
    struct ledger_entry made;

    for (int i = 0; i < LEDGER_BATCH_MAX; i++) {
        lines[i] = book(i, 1);
        lines[i].command.booking_id.bytes[0] = 1;
    }

    cr_expect_eq(decide(head_with(LEDGER_BATCH_MAX - 1, 0), lines, LEDGER_BATCH_MAX, &made),
                 ENTRY_MADE);

    cr_expect_eq(made.n_bookings, LEDGER_BATCH_MAX - 1);
    cr_expect_eq(lines[LEDGER_BATCH_MAX - 1].answer.code, ERROR_SOLD_OUT);
}

Test(entry, finds_repeats_among_ids_that_collide)
{
    struct entry_line lines[LEDGER_BATCH_MAX];
    struct ledger_entry made;

    for (int i = 0; i < LEDGER_BATCH_MAX; i++) {
        lines[i] = book(1, 1);
        lines[i].command.booking_id.bytes[0] = (uint8_t)(i / 2);
    }

    cr_expect_eq(decide(head_with(CAPACITY_UNKNOWN, 0), lines, LEDGER_BATCH_MAX, &made),
                 ENTRY_MADE);

    cr_expect_eq(made.n_bookings, LEDGER_BATCH_MAX / 2);
    for (int i = 0; i < LEDGER_BATCH_MAX; i++)
        cr_expect_eq(lines[i].answer.repeated, i % 2 == 1);
}
