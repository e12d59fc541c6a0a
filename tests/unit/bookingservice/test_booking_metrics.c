#include "bookingservice/booking_metrics.h"
#include "support.h"
#include "tests/unit/service/metrics_text.h"

#include <criterion/criterion.h>

static bool book(struct fixture *fixture, const struct object_id *event_id, const char *key,
                 const char *body)
{
    const struct object_id_hex hex = object_id_hex(event_id);
    const struct http_request request = request_to_book(hex.text, key, body);

    return fixture_call(fixture, booking_create, &request).ok;
}

Test(booking_metrics, count_what_has_landed_and_no_repeat)
{
    struct fixture fixture;
    fixture_init(&fixture);
    struct object_id event_id = fixture_event(&fixture, 5);

    booking_metrics_register(fixture.service.ledger, true);
    cr_assert(book(&fixture, &event_id, "k-1", "{\"seats\":2}"));
    cr_assert(book(&fixture, &event_id, "k-1", "{\"seats\":2}"));
    cr_assert(book(&fixture, &event_id, NULL, "{\"seats\":1}"));
    cr_assert_not(book(&fixture, &event_id, NULL, "{\"seats\":3}"));

    cr_expect(metrics_have("myevents_bookings_total", "2"));
    cr_expect(metrics_have("myevents_bookings_count", "2"));
    cr_expect(metrics_have("myevents_seats_booked_total", "3"));
    cr_expect(metrics_have("myevents_seats_per_booking_count", "2"));
    cr_expect(metrics_have("myevents_seats_per_booking_sum", "3"));
    cr_expect(metrics_have("myevents_bookings_rejected_total{reason=\"sold-out\"}", "1"));
    booking_metrics_forget();
    fixture_clear(&fixture);
}

Test(booking_metrics, count_the_bookings_of_an_entry_whoever_still_waits_for_them)
{
    struct ledger_booking bookings[] = {{.seats = 4}, {.seats = 1}, {.seats = 1}};
    const struct ledger_entry entry = {.bookings = bookings, .n_bookings = 3};
    const struct ledger_entry version = {.state = {.event_version = 2}};
    struct fixture fixture;
    fixture_init(&fixture);

    booking_metrics_register(fixture.service.ledger, false);
    booking_metrics_landed(&entry);
    booking_metrics_landed(&version);

    cr_expect(metrics_have("myevents_bookings_total", "3"));
    cr_expect(metrics_have("myevents_seats_booked_total", "6"));
    cr_expect(metrics_have("myevents_seats_per_booking_bucket{le=\"1\"}", "2"));
    cr_expect(metrics_have("myevents_ledger_batch_bookings_count", "1"));
    booking_metrics_forget();
    fixture_clear(&fixture);
}
