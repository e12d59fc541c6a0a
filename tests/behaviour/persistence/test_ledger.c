#include "samples.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <stdlib.h>

TestSuite(ledger_store, .init = world_begin, .fini = world_end, .timeout = 120);

Test(ledger_store, can_be_prepared_again)
{
    struct error error = {0};

    cr_expect(ledger_store_prepare(world.ledger, &error), "%s", error.text);
}

Test(ledger_store, has_no_head_for_an_event_without_entries)
{
    const struct object_id event_id = id_of(1);
    struct ledger_head head = {.exists = true};
    struct error error = {0};

    cr_assert(ledger_store_heads(world.ledger, &event_id, NULL, 1, &head, &error), "%s",
              error.text);
    cr_expect_not(head.exists);

    cr_assert_not(ledger_store_head(world.ledger, &event_id, &head, &error));
    cr_expect_eq(error.code, ERROR_NOT_FOUND);
}

static void check_head(const struct ledger_head *head, const struct ledger_entry *entry)
{
    cr_assert(head->exists);
    cr_expect_eq(head->sequence, entry->key.sequence);
    cr_expect(object_id_equal(&head->token, &entry->token));
    cr_expect_eq(head->state.event_version, entry->state.event_version);
    cr_expect_eq(head->state.capacity, entry->state.capacity);
    cr_expect_eq(head->state.closed, entry->state.closed);
    cr_expect_eq(head->state.removed, entry->state.removed);
    cr_expect_eq(head->state.end_s, entry->state.end_s);
    cr_expect_eq(head->state.seats_sold, entry->state.seats_sold);
}

Test(ledger_store, takes_entries_in_bulk_and_shows_the_highest_of_each_event)
{
    struct ledger_entry first = entry_of(1, 0, NULL, 0);
    struct ledger_entry second = entry_of(1, 1, NULL, 0);
    struct ledger_entry other = entry_of(2, 0, NULL, 0);
    const struct ledger_entry *const bulk[] = {&second, &other};
    const struct object_id event_ids[] = {id_of(2), id_of(3), id_of(1)};
    enum ledger_outcome outcomes[2];
    struct ledger_head heads[3];
    struct ledger_head head;
    struct error error = {0};

    other.state = (struct ledger_state){.event_version = 7,
                                        .capacity = CAPACITY_UNKNOWN,
                                        .closed = true,
                                        .removed = true,
                                        .end_s = 1234567890,
                                        .seats_sold = 3};

    cr_assert_eq(insert_one(&first), LEDGER_LANDED);
    ledger_store_insert(world.ledger, bulk, 2, outcomes);
    cr_assert(ledger_store_heads(world.ledger, event_ids, NULL, 3, heads, &error), "%s",
              error.text);
    cr_assert(ledger_store_head(world.ledger, &event_ids[2], &head, &error), "%s", error.text);

    cr_expect_eq(outcomes[0], LEDGER_LANDED);
    cr_expect_eq(outcomes[1], LEDGER_LANDED);
    check_head(&heads[0], &other);
    cr_expect_not(heads[1].exists);
    check_head(&heads[2], &second);
    check_head(&head, &second);
}

/* Six entries of event 1, one of event 2, none of event 3. */
static void insert_heads(struct ledger_entry *last, struct ledger_entry *other)
{
    for (int64_t sequence = 0; sequence < 6; sequence++) {
        *last = entry_of(1, sequence, NULL, 0);
        cr_assert_eq(insert_one(last), LEDGER_LANDED);
    }
    *other = entry_of(2, 0, NULL, 0);
    cr_assert_eq(insert_one(other), LEDGER_LANDED);
}

Test(ledger_store, shows_the_same_heads_whatever_is_known_of_them)
{
    const struct object_id event_ids[] = {id_of(1), id_of(2), id_of(3)};
    struct ledger_entry last;
    struct ledger_entry other;
    struct error error = {0};

    insert_heads(&last, &other);
    for (int64_t n_known = 0; n_known <= 6; n_known++) {
        const int64_t known[] = {n_known, n_known > 0, 0};
        struct ledger_head heads[3] = {{.exists = true}, {.exists = true}, {.exists = true}};

        cr_assert(ledger_store_heads(world.ledger, event_ids, known, 3, heads, &error), "%s",
                  error.text);
        check_head(&heads[0], &last);
        check_head(&heads[1], &other);
        cr_expect_not(heads[2].exists);
    }
}

Test(ledger_store, refuses_a_second_entry_under_a_taken_key)
{
    struct ledger_entry first = entry_of(1, 0, NULL, 0);
    struct ledger_entry second = entry_of(1, 0, NULL, 0);
    const struct ledger_key keys[] = {{id_of(1), 1}, {id_of(1), 0}, {id_of(2), 0}};
    struct object_id tokens[3];
    struct error error = {0};

    cr_assert_eq(insert_one(&first), LEDGER_LANDED);
    cr_expect_eq(insert_one(&second), LEDGER_TAKEN);
    cr_expect_eq(insert_one(&first), LEDGER_TAKEN);

    cr_assert(ledger_store_tokens(world.ledger, keys, 3, tokens, &error), "%s", error.text);
    cr_expect(object_id_is_none(&tokens[0]));
    cr_expect(object_id_equal(&tokens[1], &first.token));
    cr_expect(object_id_is_none(&tokens[2]));
}

Test(ledger_store, leaves_gaps_to_its_callers_and_shows_what_is_highest)
{
    struct ledger_entry entry = entry_of(1, 9, NULL, 0);
    struct ledger_entry lower = entry_of(1, 4, NULL, 0);
    struct ledger_head head;
    struct error error = {0};

    cr_assert_eq(insert_one(&entry), LEDGER_LANDED);
    cr_assert_eq(insert_one(&lower), LEDGER_LANDED);

    cr_assert(ledger_store_head(world.ledger, &entry.key.event_id, &head, &error));
    cr_expect_eq(head.sequence, 9);
}

Test(ledger_store, tells_the_outcome_of_each_entry_of_a_bulk)
{
    struct ledger_booking bookings[] = {{.id = id_of(100), .seats = 1}};
    struct ledger_booking others[] = {{.id = id_of(101), .seats = 1}};
    struct ledger_entry stored = entry_of(1, 0, bookings, 1);
    struct ledger_entry fresh = entry_of(2, 0, others, 1);
    struct ledger_entry taken = entry_of(1, 0, NULL, 0);
    struct ledger_entry again = entry_of(3, 0, bookings, 1);
    struct ledger_entry empty = entry_of(4, 0, NULL, 0);
    const struct ledger_entry *const bulk[] = {&taken, &fresh, &again, &empty};
    enum ledger_outcome outcomes[4];
    struct ledger_head head;
    const struct object_id refused = id_of(3);
    struct error error = {0};

    cr_assert_eq(insert_one(&stored), LEDGER_LANDED);
    ledger_store_insert(world.ledger, bulk, 4, outcomes);

    cr_expect_eq(outcomes[0], LEDGER_TAKEN);
    cr_expect_eq(outcomes[1], LEDGER_LANDED);
    cr_expect_eq(outcomes[2], LEDGER_DUPLICATE);
    cr_expect_eq(outcomes[3], LEDGER_LANDED);
    cr_expect_not(ledger_store_head(world.ledger, &refused, &head, &error));
}

Test(ledger_store, holds_a_booking_once_and_its_cancellation_once_in_all_ledgers)
{
    struct ledger_booking bookings[] = {{.id = id_of(100), .seats = 2}};
    struct ledger_cancellation cancellations[] = {{.booking_id = id_of(100), .seats = 2}};
    struct ledger_entry booked = entry_of(1, 0, bookings, 1);
    struct ledger_entry cancelled = entry_of(1, 1, NULL, 0);
    struct ledger_entry booked_again = entry_of(2, 0, bookings, 1);
    struct ledger_entry cancelled_again = entry_of(1, 2, NULL, 0);

    cancelled.cancellations = cancellations;
    cancelled.n_cancellations = 1;
    cancelled_again.cancellations = cancellations;
    cancelled_again.n_cancellations = 1;

    cr_assert_eq(insert_one(&booked), LEDGER_LANDED);
    cr_assert_eq(insert_one(&cancelled), LEDGER_LANDED);
    cr_expect_eq(insert_one(&booked_again), LEDGER_DUPLICATE);
    cr_expect_eq(insert_one(&cancelled_again), LEDGER_DUPLICATE);
}

Test(ledger_store, takes_many_entries_that_hold_nothing)
{
    for (int64_t sequence = 0; sequence < 5; sequence++) {
        struct ledger_entry entry = entry_of(1, sequence, NULL, 0);

        cr_expect_eq(insert_one(&entry), LEDGER_LANDED);
    }
}

enum {
    RACE_ENTRIES = 200
};

static void *insert_all(void *context)
{
    enum ledger_outcome *outcomes = context;

    for (int64_t sequence = 0; sequence < RACE_ENTRIES; sequence++) {
        struct ledger_entry entry = entry_of(1, sequence, NULL, 0);

        outcomes[sequence] = insert_one(&entry);
    }
    return NULL;
}

Test(ledger_store, lets_exactly_one_of_two_inserters_have_each_key)
{
    static enum ledger_outcome ours[RACE_ENTRIES];
    static enum ledger_outcome theirs[RACE_ENTRIES];
    pthread_t other;

    cr_assert_eq(pthread_create(&other, NULL, insert_all, theirs), 0);
    insert_all(ours);
    pthread_join(other, NULL);

    for (size_t i = 0; i < RACE_ENTRIES; i++) {
        cr_assert((ours[i] == LEDGER_LANDED) != (theirs[i] == LEDGER_LANDED), "entry %zu", i);
        cr_assert((ours[i] == LEDGER_TAKEN) != (theirs[i] == LEDGER_TAKEN), "entry %zu", i);
    }
}

/* ---- look-ups ---- */

/* @user 0 is a guest. */
static struct ledger_booking booking_of(uint32_t number, uint32_t user, int32_t seats)
{
    struct ledger_booking booking = {
        .id = id_of(number), .seats = seats, .fingerprint = UINT64_MAX - number};

    if (user)
        booking.user_id = id_of(user);
    return booking;
}

static void store_sale(void)
{
    struct ledger_booking first[] = {booking_of(100, 7, 2), booking_of(101, 8, 3),
                                     booking_of(102, 0, 4)};
    struct ledger_booking second[] = {booking_of(103, 7, 5)};
    struct ledger_booking elsewhere[] = {booking_of(200, 7, 1)};
    struct ledger_cancellation back[] = {
        {.booking_id = id_of(100), .user_id = id_of(7), .seats = 2},
        {.booking_id = id_of(102), .seats = 4},
    };
    struct ledger_entry entries[] = {
        entry_of(1, 0, NULL, 0), entry_of(1, 1, first, 3),     entry_of(1, 2, second, 1),
        entry_of(1, 3, NULL, 0), entry_of(2, 0, elsewhere, 1),
    };

    entries[3].cancellations = back;
    entries[3].n_cancellations = 2;
    for (size_t i = 0; i < ARRAY_SIZE(entries); i++)
        cr_assert_eq(insert_one(&entries[i]), LEDGER_LANDED);
}

Test(ledger_store, finds_bookings_by_their_ids_and_knows_which_were_cancelled)
{
    const struct object_id ids[] = {id_of(103), id_of(999), id_of(100), id_of(103), id_of(200)};
    struct ledger_found found[5];
    struct ledger_look_up look_up = {.booking_ids = ids, .found = found, .n_bookings = 5};
    struct error error = {0};
    const struct object_id user_id = id_of(7);
    const struct object_id event_id = id_of(1);

    store_sale();
    cr_assert(ledger_store_look_up(world.ledger, &look_up, &error), "%s", error.text);

    cr_assert(found[0].exists);
    cr_expect_not(found[0].is_cancelled);
    cr_expect(object_id_equal(&found[0].event_id, &event_id));
    cr_expect_eq(found[0].sequence, 2);
    cr_expect_eq(found[0].at_ms, 1002);
    cr_expect(object_id_equal(&found[0].booking.id, &ids[0]));
    cr_expect(object_id_equal(&found[0].booking.user_id, &user_id));
    cr_expect_eq(found[0].booking.seats, 5);
    cr_expect_eq(found[0].booking.fingerprint, UINT64_MAX - 103);
    cr_expect_not(found[1].exists);
    cr_expect(found[2].exists && found[2].is_cancelled);
    cr_expect(found[3].exists && !found[3].is_cancelled && found[3].sequence == 2);
    cr_expect(found[4].exists && !found[4].is_cancelled);
}

Test(ledger_store, looks_up_nothing_and_a_full_bulk_of_ids)
{
    enum {
        N = LEDGER_BULK_MAX * LEDGER_BATCH_MAX
    };
    struct object_id *ids = calloc(N, sizeof(*ids));
    struct ledger_found *found = calloc(N, sizeof(*found));
    struct ledger_look_up nothing = {0};
    struct ledger_look_up look_up = {.booking_ids = ids, .found = found, .n_bookings = N};
    struct error error = {0};
    size_t n_found = 0;

    store_sale();
    for (uint32_t i = 0; i < N; i++)
        ids[i] = id_of(i);
    cr_assert(ledger_store_look_up(world.ledger, &nothing, &error), "%s", error.text);
    cr_assert(ledger_store_look_up(world.ledger, &look_up, &error), "%s", error.text);

    for (size_t i = 0; i < N; i++)
        n_found += found[i].exists ? 1 : 0;
    cr_expect_eq(n_found, 5);
    cr_expect(found[101].exists);
    cr_expect(found[200].exists);
    free(ids);
    free(found);
}

Test(ledger_store, counts_what_users_hold_at_an_event)
{
    struct ledger_holding holdings[] = {
        {.event_id = id_of(2), .user_id = id_of(7)}, {.event_id = id_of(1), .user_id = id_of(8)},
        {.event_id = id_of(1), .user_id = id_of(7)}, {.event_id = id_of(1), .user_id = id_of(9)},
        {.event_id = id_of(1), .user_id = id_of(7)}, {.event_id = id_of(3), .user_id = id_of(7)},
    };
    struct ledger_look_up look_up = {.holdings = holdings, .n_holdings = ARRAY_SIZE(holdings)};
    struct error error = {0};

    store_sale();
    cr_assert(ledger_store_look_up(world.ledger, &look_up, &error), "%s", error.text);

    cr_expect_eq(holdings[0].seats, 1);
    cr_expect_eq(holdings[1].seats, 3);
    cr_expect_eq(holdings[2].seats, 5, "2 booked and given back, 5 booked");
    cr_expect_eq(holdings[3].seats, 0);
    cr_expect_eq(holdings[4].seats, 5);
    cr_expect_eq(holdings[5].seats, 0);
}

Test(ledger_store, shows_one_booking)
{
    const struct object_id ids[] = {id_of(101), id_of(102), id_of(999)};
    const struct object_id event_id = id_of(1);
    const struct object_id user_id = id_of(8);
    struct booking booking;
    struct error error = {0};

    store_sale();

    cr_assert(ledger_store_booking(world.ledger, &ids[0], &booking, &error), "%s", error.text);
    cr_expect(object_id_equal(&booking.id, &ids[0]));
    cr_expect(object_id_equal(&booking.event_id, &event_id));
    cr_expect(object_id_equal(&booking.user_id, &user_id));
    cr_expect_eq(booking.seats, 3);
    cr_expect_eq(booking.made_at_ms, 1001);
    cr_expect_not(booking.cancelled);

    cr_assert(ledger_store_booking(world.ledger, &ids[1], &booking, &error), "%s", error.text);
    cr_expect(object_id_is_none(&booking.user_id));
    cr_expect(booking.cancelled);

    cr_assert_not(ledger_store_booking(world.ledger, &ids[2], &booking, &error));
    cr_expect_eq(error.code, ERROR_NOT_FOUND);
}
