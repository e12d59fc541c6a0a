#include "bodies.h"

#include <criterion/criterion.h>

#define EVENT "6566a1f0c3d2b4a596877801"
#define BOOKING "0d9e5b1a4c3f2e1d0c9b8a79"
#define IDS "'eventId':'" EVENT "','bookingId':'" BOOKING "'"
#define MOMENT "'bookedAt':'2026-11-21T09:30:00Z'"
#define SUMS "'seatsSold':4,'seatsLeft':6,'entry':1"

static struct event_booked decode_booking(const char *name, const char *body)
{
    struct message message = {0};
    struct error error = {0};

    cr_assert(decode(name, body, &message, &error), "%s: %s", body, error.text);
    return message.as.booking;
}

Test(event_booked, brings_what_its_example_says)
{
    struct event_booked booking = decode_booking("event.booked", example("event.booked"));

    cr_expect_str_eq(object_id_hex(&booking.event_id).text, EVENT);
    cr_expect_str_eq(object_id_hex(&booking.user_id).text, "6566a1f0c3d2b4a596877601");
    cr_expect_str_eq(object_id_hex(&booking.booking_id).text, BOOKING);
    cr_expect_eq(booking.seats, 2);
    cr_expect_eq(booking.at_ms, 1795253400123);
    cr_expect_eq(booking.seats_sold, 1198);
    cr_expect_eq(booking.seats_left, 2);
    cr_expect_eq(booking.entry, 41);
}

Test(event_booked, is_a_guests_and_without_limit_where_null_stands)
{
    struct event_booked booking = decode_booking("booking.cancelled", example("booking.cancelled"));

    cr_expect(object_id_is_none(&booking.user_id));
    cr_expect_eq(booking.at_ms, 1795253460000);
    cr_expect_eq(booking.seats_left, -1);
}

Test(event_booked, counts_nothing_when_it_comes_as_myevents_first_wrote_it)
{
    struct event_booked booking =
        decode_booking("eventBooked", "{'eventId':'" EVENT "','userId':'someUserID'}");

    cr_expect_str_eq(object_id_hex(&booking.event_id).text, EVENT);
    cr_expect(object_id_is_none(&booking.user_id));
    cr_expect_eq(booking.entry, -1);
}

Test(event_booked, has_the_moment_that_its_name_says)
{
    const char *booked = "{" IDS ",'seats':1," MOMENT "," SUMS "}";

    cr_expect_eq(decode_booking("event.booked", booked).at_ms, 1795253400000);
    refuse("booking.cancelled", booked, "/cancelledAt");
}

Test(event_booked, is_refused_when_a_member_is_missing)
{
    refuse("event.booked", "{'userId':'someUserID'}", "/eventId");
    refuse("event.booked", "{'eventId':'" EVENT "','seats':1," MOMENT "," SUMS "}", "/bookingId");
    refuse("event.booked", "{" IDS "," MOMENT "," SUMS "}", "/seats");
    refuse("event.booked", "{" IDS ",'seats':1," SUMS "}", "/bookedAt");
    refuse("event.booked", "{" IDS ",'seats':1," MOMENT ",'entry':1}", "/seatsSold");
}

Test(event_booked, is_refused_with_a_member_out_of_bounds)
{
    refuse("event.booked", "{" IDS ",'seats':0," MOMENT "," SUMS "}", "/seats");
    refuse("event.booked", "{" IDS ",'seats':1.5," MOMENT "," SUMS "}", "/seats");
    refuse("event.booked", "{" IDS ",'seats':1000001," MOMENT "," SUMS "}", "/seats");
    refuse("event.booked", "{" IDS ",'seats':1,'bookedAt':''," SUMS "}", "/bookedAt");
    refuse("event.booked", "{" IDS ",'seats':1,'bookedAt':'2026-02-30T00:00:00Z'," SUMS "}",
           "/bookedAt");
    refuse("event.booked", "{" IDS ",'seats':1," MOMENT ",'seatsSold':-1,'entry':1}", "/seatsSold");
    refuse("event.booked", "{" IDS ",'seats':1," MOMENT ",'seatsSold':1,'seatsLeft':-1,'entry':1}",
           "/seatsLeft");
    refuse("event.booked", "{" IDS ",'seats':1," MOMENT ",'seatsSold':1,'entry':-1}", "/entry");
    refuse("event.booked", "{" IDS ",'seats':1," MOMENT ",'seatsSold':1,'entry':null}", "/entry");
    refuse("event.booked", "{" IDS ",'userId':'x','seats':1," MOMENT "," SUMS "}", "/userId");
}
