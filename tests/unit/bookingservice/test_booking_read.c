#include "support.h"

#include "domain/booking_code.h"

#include <criterion/criterion.h>
#include <ctype.h>
#include <string.h>

/* Book one seat under an id with these derived bytes. */
static struct object_id book(struct fixture *fixture, const struct object_id *event_id,
                             uint64_t derived)
{
    const struct ledger_order order = {.event_id = *event_id,
                                       .booking_id = booking_id_of(event_id, derived),
                                       .seats = 1,
                                       .deadline_ms = fixture_deadline_ms()};
    struct ledger_receipt receipt = {0};
    struct error error = {0};

    cr_assert(ledger_book(fixture->service.ledger, &order, &receipt, &error), "%s", error.text);
    return receipt.booking.id;
}

static struct answer get_coded(struct fixture *fixture, const struct object_id *event_id,
                               const char *code)
{
    const struct object_id_hex hex = object_id_hex(event_id);
    struct http_request request = request_for("id", hex.text);

    request.parameters[request.n_parameters++] = (struct http_parameter){"code", code};
    return fixture_call(fixture, booking_get_coded, &request);
}

Test(booking_get_coded, finds_a_booking_in_any_case_of_letters)
{
    struct fixture fixture;
    fixture_init(&fixture);
    struct object_id event_id = fixture_event(&fixture, 5);
    struct object_id id = book(&fixture, &event_id, 0x123456789abcdef0);
    struct booking_code code = booking_code_of(&id);

    book(&fixture, &event_id, 0x923456789abcdef0);
    struct answer upper = get_coded(&fixture, &event_id, code.text);
    for (char *letter = code.text; *letter; letter++)
        *letter = (char)tolower((unsigned char)*letter);
    struct answer lower = get_coded(&fixture, &event_id, code.text);

    cr_assert(upper.ok && lower.ok, "%s %s", upper.error.text, lower.error.text);
    cr_expect_str_eq(upper.body, lower.body);
    cr_expect(strstr(upper.body, object_id_hex(&id).text) != NULL, "%s", upper.body);
    fixture_clear(&fixture);
}

Test(booking_get_coded, does_not_choose_between_two)
{
    struct fixture fixture;
    fixture_init(&fixture);
    struct object_id event_id = fixture_event(&fixture, 5);
    struct object_id id = book(&fixture, &event_id, 0x123456789abc0001);

    book(&fixture, &event_id, 0x123456789abc0002);
    struct answer answer = get_coded(&fixture, &event_id, booking_code_of(&id).text);

    cr_assert_not(answer.ok);
    cr_expect_eq(answer.error.code, ERROR_AMBIGUOUS);
    cr_expect_eq(http_status_of(answer.error.code), 409);
    fixture_clear(&fixture);
}

Test(booking_get_coded, knows_only_codes_of_the_event)
{
    struct fixture fixture;
    fixture_init(&fixture);
    struct object_id event_id = fixture_event(&fixture, 5);
    struct object_id other = fixture_event(&fixture, 5);
    struct object_id id = book(&fixture, &event_id, 0x123456789abcdef0);
    struct booking_code code = booking_code_of(&id);

    cr_expect_eq(get_coded(&fixture, &other, code.text).error.code, ERROR_NOT_FOUND);
    cr_expect_eq(get_coded(&fixture, &event_id, "22222222222").error.code, ERROR_NOT_FOUND);
    code.text[10] = code.text[10] == '2' ? '3' : '2';
    cr_expect_eq(get_coded(&fixture, &event_id, code.text).error.code, ERROR_NOT_FOUND);
    cr_expect_eq(get_coded(&fixture, &event_id, "").error.code, ERROR_NOT_FOUND);
    fixture_clear(&fixture);
}
