#include "support.h"

#include <criterion/criterion.h>
#include <string.h>

/* Book @seats, and give the booking's id. */
static struct object_id_hex book(struct fixture *fixture, const struct object_id *event_id,
                                 int32_t seats)
{
    const struct ledger_order order = {
        .event_id = *event_id,
        .booking_id = booking_id_make(event_id, &order.user_id, "test", NULL),
        .seats = seats,
        .deadline_ms = fixture_deadline_ms(),
    };
    struct ledger_receipt receipt = {0};
    struct error error = {0};

    cr_assert(ledger_book(fixture->service.ledger, &order, &receipt, &error), "%s", error.text);
    return object_id_hex(&receipt.booking.id);
}

static struct answer cancel(struct fixture *fixture, const char *id)
{
    const struct http_request request = request_for("id", id);

    return fixture_call(fixture, booking_cancel, &request);
}

static int64_t seats_sold(struct fixture *fixture, const struct object_id *event_id)
{
    struct ledger_head head;
    struct error error = {0};

    cr_assert(ledger_store_head(fixture->service.ledgers, event_id, &head, &error), "%s",
              error.text);
    return head.state.seats_sold;
}

Test(booking_cancel, gives_the_seats_back)
{
    struct fixture fixture;
    fixture_init(&fixture);
    struct object_id event_id = fixture_event(&fixture, 5);
    struct object_id_hex id = book(&fixture, &event_id, 2);

    struct answer answer = cancel(&fixture, id.text);

    cr_assert(answer.ok, "%s", answer.error.text);
    cr_expect_eq(answer.status, 200);
    cr_expect(strstr(answer.body, "\"Status\":\"cancelled\"") != NULL, "%s", answer.body);
    cr_expect_eq(seats_sold(&fixture, &event_id), 0);
    fixture_clear(&fixture);
}

Test(booking_cancel, answers_the_same_twice)
{
    struct fixture fixture;
    fixture_init(&fixture);
    struct object_id event_id = fixture_event(&fixture, 5);
    struct object_id_hex id = book(&fixture, &event_id, 2);
    const struct http_request request = request_for("id", id.text);

    struct answer first = cancel(&fixture, id.text);
    struct answer again = cancel(&fixture, id.text);
    struct answer shown = fixture_call(&fixture, booking_get, &request);

    cr_assert(first.ok && again.ok && shown.ok);
    cr_expect_str_eq(first.body, again.body);
    cr_expect_str_eq(first.body, shown.body);
    cr_expect_eq(seats_sold(&fixture, &event_id), 0);
    fixture_clear(&fixture);
}

Test(booking_cancel, works_after_the_event_was_removed)
{
    struct fixture fixture;
    fixture_init(&fixture);
    struct object_id event_id = fixture_event(&fixture, 5);
    struct object_id_hex id = book(&fixture, &event_id, 2);
    struct ledger_change removal = {
        .event_id = event_id, .event_version = 2, .capacity = CAPACITY_UNKNOWN, .removed = true};
    struct error error = {0};

    cr_assert(ledger_take_over(fixture.service.ledger, &removal, 1, fixture_deadline_ms(), &error),
              "%s", error.text);
    struct answer answer = cancel(&fixture, id.text);

    cr_assert(answer.ok, "%s", answer.error.text);
    cr_expect_eq(seats_sold(&fixture, &event_id), 0);
    fixture_clear(&fixture);
}

Test(booking_cancel, knows_only_bookings)
{
    struct fixture fixture;
    fixture_init(&fixture);

    cr_expect_eq(cancel(&fixture, "0123456789abcdef01234567").error.code, ERROR_NOT_FOUND);
    cr_expect_eq(cancel(&fixture, "opera").error.code, ERROR_NOT_FOUND);
    fixture_clear(&fixture);
}
