#include "base/random.h"
#include "domain/booking.h"

#include <criterion/criterion.h>
#include <string.h>

#define ROUTE "POST /events/{id}/bookings"

static const struct object_id concert = {.bytes = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}};
static const struct object_id opera = {.bytes = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13}};
static const struct object_id ada = {.bytes = {0xa}};
static const struct object_id guest = {0};

static void start(void)
{
    cr_assert(random_init(NULL));
}

TestSuite(booking, .init = start);

Test(booking, id_is_the_same_for_the_same_request)
{
    struct object_id first = booking_id_make(&concert, &ada, ROUTE, "key-1");
    struct object_id again = booking_id_make(&concert, &ada, ROUTE, "key-1");

    cr_expect(object_id_equal(&first, &again));
}

Test(booking, id_stays_what_it_was_in_earlier_releases)
{
    struct object_id id = booking_id_make(&concert, &ada, ROUTE, "key-1");

    /* A key that was used before an upgrade must name the same booking after it. */
    cr_expect_str_eq(object_id_hex(&id).text, "faf0edaf72e2ca47bbc765f2");
}

Test(booking, id_depends_on_event_user_route_and_key)
{
    struct object_id id = booking_id_make(&concert, &ada, ROUTE, "key-1");
    const struct object_id others[] = {
        booking_id_make(&opera, &ada, ROUTE, "key-1"),
        booking_id_make(&concert, &guest, ROUTE, "key-1"),
        booking_id_make(&concert, &ada, "DELETE /bookings/{id}", "key-1"),
        booking_id_make(&concert, &ada, ROUTE, "key-2"),
        booking_id_make(&concert, &ada, ROUTE, ""),
    };

    for (size_t i = 0; i < ARRAY_SIZE(others); i++)
        cr_expect_neq(booking_id_derived(&others[i]), booking_id_derived(&id), "number %zu", i);
}

Test(booking, id_is_random_without_a_key)
{
    struct object_id first = booking_id_make(&concert, &ada, ROUTE, NULL);
    struct object_id second = booking_id_make(&concert, &ada, ROUTE, NULL);

    cr_expect_not(object_id_equal(&first, &second));
}

Test(booking, ids_of_one_event_lie_together_in_the_order_of_their_derived_bytes)
{
    struct object_id lowest = booking_id_of(&concert, 0);
    struct object_id low = booking_id_of(&concert, 0x00ffffffffffffff);
    struct object_id high = booking_id_of(&concert, 0x0100000000000000);
    struct object_id highest = booking_id_of(&concert, UINT64_MAX);
    struct object_id with_key = booking_id_make(&concert, &ada, ROUTE, "key-1");
    struct object_id elsewhere = booking_id_of(&opera, 0x00ffffffffffffff);

    cr_expect_lt(object_id_compare(&lowest, &low), 0);
    cr_expect_lt(object_id_compare(&low, &high), 0);
    cr_expect_lt(object_id_compare(&high, &highest), 0);
    cr_expect_eq(memcmp(with_key.bytes, lowest.bytes, 4), 0);
    cr_expect_neq(memcmp(elsewhere.bytes, lowest.bytes, 4), 0);
}

Test(booking, id_gives_its_derived_bytes_back)
{
    const uint64_t derived = 0x0123456789abcdef;

    struct object_id id = booking_id_of(&concert, derived);

    cr_expect_eq(booking_id_derived(&id), derived);
}

Test(booking, fingerprint_tells_seats_and_users_apart)
{
    uint64_t fingerprint = booking_fingerprint(2, &ada);

    cr_expect_eq(booking_fingerprint(2, &ada), fingerprint);
    cr_expect_neq(booking_fingerprint(3, &ada), fingerprint);
    cr_expect_neq(booking_fingerprint(2, &guest), fingerprint);
}

Test(booking, fingerprint_stays_what_it_was_in_earlier_releases)
{
    cr_expect_eq(booking_fingerprint(2, &ada), UINT64_C(8831680250733854331));
}
