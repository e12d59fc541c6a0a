#include "support.h"

#include "persistence/memory_faults.h"

#include <criterion/criterion.h>
#include <string.h>

static struct answer book(struct fixture *fixture, const char *event_id, const char *key,
                          const char *body)
{
    const struct http_request request = request_to_book(event_id, key, body);

    return fixture_call(fixture, booking_create, &request);
}

Test(booking_create, answers_with_the_booking)
{
    struct fixture fixture;
    fixture_init(&fixture);
    struct object_id event_id = fixture_event(&fixture, 5);

    struct answer answer = book(&fixture, object_id_hex(&event_id).text, NULL, "{\"seats\":2}");

    cr_assert(answer.ok, "%s", answer.error.text);
    cr_expect_eq(answer.status, 201);
    cr_expect(strstr(answer.body, "\"Seats\":2") != NULL, "%s", answer.body);
    cr_expect(strstr(answer.body, "\"Status\":\"booked\"") != NULL, "%s", answer.body);
    cr_expect(strstr(answer.body, "\"UserID\":null") != NULL, "%s", answer.body);
    fixture_clear(&fixture);
}

Test(booking_create, refuses_more_seats_than_are_left)
{
    struct fixture fixture;
    fixture_init(&fixture);
    struct object_id event_id = fixture_event(&fixture, 1);

    struct answer answer = book(&fixture, object_id_hex(&event_id).text, NULL, "{\"seats\":2}");

    cr_assert_not(answer.ok);
    cr_expect_eq(answer.error.code, ERROR_SOLD_OUT);
    cr_assert_eq(answer.error.n_members, 1);
    cr_expect_str_eq(answer.error.members[0].name, "seatsLeft");
    cr_expect_eq(answer.error.members[0].number, 1);
    fixture_clear(&fixture);
}

Test(booking_create, gives_the_same_booking_to_a_repeated_key)
{
    struct fixture fixture;
    fixture_init(&fixture);
    struct object_id event_id = fixture_event(&fixture, 5);
    struct object_id_hex id = object_id_hex(&event_id);

    struct answer first = book(&fixture, id.text, "k-1", "{\"seats\":2}");
    struct answer again = book(&fixture, id.text, "\"k-1\"", "{ \"seats\": 2, \"other\": 1 }");

    cr_assert(first.ok && again.ok, "%s %s", first.error.text, again.error.text);
    cr_expect_not(first.replayed);
    cr_expect(again.replayed);
    cr_expect_str_eq(first.body, again.body);
    fixture_clear(&fixture);
}

Test(booking_create, refuses_a_key_that_stands_for_another_request)
{
    struct fixture fixture;
    fixture_init(&fixture);
    struct object_id event_id = fixture_event(&fixture, 5);
    struct object_id_hex id = object_id_hex(&event_id);

    struct answer first = book(&fixture, id.text, "k-1", "{\"seats\":2}");
    struct answer other = book(&fixture, id.text, "k-1", "{\"seats\":3}");

    cr_assert(first.ok, "%s", first.error.text);
    cr_assert_not(other.ok);
    cr_expect_eq(other.error.code, ERROR_KEY_REUSED);
    fixture_clear(&fixture);
}

Test(booking_create, looks_for_the_key_before_any_limit)
{
    struct fixture fixture;
    fixture_init(&fixture);
    struct object_id event_id = fixture_event(&fixture, 50);
    struct object_id_hex id = object_id_hex(&event_id);

    struct answer first = book(&fixture, id.text, "k-1", "{\"seats\":8}");
    fixture.service.runtime.config.seats_per_booking = 4; /* as after a start with less */
    struct answer again = book(&fixture, id.text, "k-1", "{\"seats\":8}");
    struct answer other = book(&fixture, id.text, "k-1", "{\"seats\":9}");
    struct answer fresh = book(&fixture, id.text, "k-2", "{\"seats\":8}");
    struct answer guest = book(&fixture, id.text, NULL, "{\"seats\":8}");
    memory_faults_plan(fixture.database, "ledger.booking", MEMORY_FAULT_AWAY);
    struct answer asked = book(&fixture, id.text, "k-1", "{\"seats\":8}");

    cr_assert(first.ok && again.ok, "%s %s", first.error.text, again.error.text);
    cr_expect(again.replayed);
    cr_expect_str_eq(first.body, again.body);
    cr_expect_eq(other.error.code, ERROR_KEY_REUSED);
    cr_expect_eq(fresh.error.code, ERROR_INVALID);
    cr_expect_eq(guest.error.code, ERROR_INVALID);
    cr_expect_str_eq(guest.error.text, "/seats: must be an integer from 1 to 4");
    cr_expect_eq(asked.error.code, ERROR_UNAVAILABLE, "whoever cannot look does not refuse");
    fixture_clear(&fixture);
}

Test(booking_create, knows_only_events_with_a_ledger)
{
    struct fixture fixture;
    fixture_init(&fixture);

    struct answer unknown = book(&fixture, "0123456789abcdef01234567", NULL, "{\"seats\":1}");
    struct answer no_id = book(&fixture, "opera", NULL, "{\"seats\":1}");

    cr_expect_eq(unknown.error.code, ERROR_NOT_FOUND);
    cr_expect_eq(no_id.error.code, ERROR_NOT_FOUND);
    fixture_clear(&fixture);
}

static const char *const bad_bodies[] = {
    "{}",
    "{\"seats\":0}",
    "{\"seats\":-1}",
    "{\"seats\":1.5}",
    "{\"seats\":11}",
    "{\"seats\":2147483648}",
    "{\"seats\":9007199254740993}",
    "{\"seats\":\"2\"}",
    "{\"seats\":null}",
    "{\"seats\":{\"$gt\":\"\"}}",
    "{\"seats\":[1]}",
    "{\"seats\":true}",
    "{\"seats\":1,\"SEATS\":2}",
    "{\"seats\":1,\"UserID\":\"nobody\"}",
    "[]",
    "{\"seats\":1",
    "",
};

Test(booking_create, refuses_bad_bodies_and_stores_nothing)
{
    struct fixture fixture;
    fixture_init(&fixture);
    struct object_id event_id = fixture_event(&fixture, 5);
    struct ledger_head head;
    struct error error = {0};

    for (size_t i = 0; i < ARRAY_SIZE(bad_bodies); i++) {
        struct answer answer = book(&fixture, object_id_hex(&event_id).text, NULL, bad_bodies[i]);

        cr_expect_not(answer.ok, "%s", bad_bodies[i]);
        cr_expect_eq(answer.error.code, ERROR_INVALID, "%s: %s", bad_bodies[i], answer.error.text);
    }

    cr_assert(ledger_store_head(fixture.service.ledgers, &event_id, &head, &error));
    cr_expect_eq(head.sequence, 0);
    fixture_clear(&fixture);
}
