#include "support.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static struct fixture fixture;

static void begin(void)
{
    fixture_init(&fixture);
}

static void end(void)
{
    fixture_clear(&fixture);
}

TestSuite(event_change, .init = begin, .fini = end);

static struct answer patch(struct object_id_hex id, const char *body)
{
    return fixture_call(&fixture, event_patch, id.text, body);
}

/* An event at a location with the halls A (10) and B (20). */
static struct object_id_hex create_at_halls(const char *hall)
{
    char body[256];

    snprintf(body, sizeof(body),
             "{\"Name\":\"Aida\",\"Hall\":\"%s\",\"Location\":{\"Name\":\"Opera\",\"Halls\":["
             "{\"name\":\"A\",\"capacity\":10},{\"name\":\"B\",\"capacity\":20}]}}",
             hall);
    return fixture_create(&fixture, event_create, body);
}

Test(event_change, leaves_what_a_partial_one_does_not_name)
{
    struct object_id_hex id =
        fixture_create(&fixture, event_create,
                       "{\"Name\":\"Aida\",\"Duration\":90,\"Capacity\":5,\"StartDate\":7}");
    struct answer answer = patch(id, "{\"name\":\"Tosca\"}");

    cr_assert(answer.ok, "%s", answer.error.text);
    cr_expect_eq(answer.status, 200);
    expect_says(answer, "\"Name\":\"Tosca\",\"Duration\":90,\"StartDate\":7");
    expect_says(answer, "\"Capacity\":5");
    expect_says(answer, "\"Version\":2");
}

Test(event_change, empties_what_a_partial_one_says_is_null)
{
    struct object_id_hex id =
        fixture_create(&fixture, event_create,
                       "{\"Name\":\"Aida\",\"Duration\":90,\"StartDate\":7,\"EndDate\":8,"
                       "\"Closed\":true,\"Capacity\":5}");
    struct answer answer = patch(id, "{\"Duration\":null,\"StartDate\":null,\"EndDate\":null,"
                                     "\"Closed\":null,\"Capacity\":null}");
    struct answer refused = patch(id, "{\"Name\":null}");

    cr_assert(answer.ok, "%s", answer.error.text);
    expect_says(answer, "\"Duration\":0,\"StartDate\":0,\"EndDate\":0");
    expect_says(answer, "\"Capacity\":null,\"Closed\":false");
    cr_assert_not(refused.ok);
    cr_expect_eq(refused.error.code, ERROR_INVALID);
    cr_expect_str_eq(refused.error.details[0].pointer, "/Name");
}

Test(event_change, takes_the_capacity_from_what_it_names)
{
    struct object_id_hex id = create_at_halls("A");

    expect_says(patch(id, "{\"Duration\":5}"), "\"Capacity\":10");
    expect_says(patch(id, "{\"Hall\":\"B\"}"), "\"Capacity\":20");
    expect_says(patch(id, "{\"Hall\":null}"), "\"Capacity\":30");
    expect_says(patch(id, "{\"Capacity\":4}"), "\"Capacity\":4");
    expect_says(patch(id, "{\"Name\":\"x\"}"), "\"Capacity\":4");
    expect_says(patch(id, "{\"Capacity\":null}"), "\"Capacity\":30");
    expect_says(patch(id, "{\"LocationID\":null}"), "\"Capacity\":null");
}

Test(event_change, wants_a_hall_that_the_location_has)
{
    struct object_id_hex id = create_at_halls("A");
    struct answer refused = patch(id, "{\"Hall\":\"C\"}");
    struct answer nowhere = patch(id, "{\"LocationID\":null}");

    cr_assert_not(refused.ok);
    cr_expect_str_eq(refused.error.details[0].pointer, "/Hall");
    cr_assert_not(nowhere.ok);
    cr_expect_str_eq(nowhere.error.details[0].pointer, "/Hall");
}

Test(event_change, by_what_get_has_shown_changes_nothing)
{
    struct object_id_hex id = create_at_halls("A");
    struct answer shown = fixture_call(&fixture, event_get, id.text, NULL);
    struct answer put = fixture_call(&fixture, event_put, id.text, shown.body);

    cr_assert(put.ok, "%s", put.error.text);
    cr_expect_eq(put.status, 200);
    cr_expect_str_eq(put.body, shown.body);
    cr_expect_str_eq(put.tag, shown.tag);
}

Test(event_change, replaces_all_but_a_capacity_that_nothing_decides)
{
    struct object_id_hex id = create_at_halls("A");
    struct answer answer = fixture_call(&fixture, event_put, id.text, "{\"Name\":\"Tosca\"}");

    cr_assert(answer.ok, "%s", answer.error.text);
    expect_says(answer, "\"LocationID\":\"\",\"Hall\":\"\",\"Capacity\":10");
}

Test(event_change, creates_what_is_put_at_a_new_id)
{
    static const char id[] = "0123456789abcdef01234567";
    struct answer answer = fixture_call(&fixture, event_put, id, "{\"Name\":\"Tosca\"}");
    struct answer other = fixture_call(&fixture, event_put, id,
                                       "{\"Name\":\"Tosca\",\"ID\":\"aaaaaaaaaaaaaaaaaaaaaaaa\"}");

    cr_assert(answer.ok, "%s", answer.error.text);
    cr_expect_eq(answer.status, 201);
    expect_says(answer, "\"ID\":\"0123456789abcdef01234567\"");
    cr_assert_not(other.ok);
    cr_expect_str_eq(other.error.details[0].pointer, "/ID");
}

Test(event_change, finds_only_what_is_there)
{
    static const char id[] = "0123456789abcdef01234567";

    cr_expect_eq(fixture_call(&fixture, event_patch, id, "{\"Name\":\"x\"}").error.code,
                 ERROR_NOT_FOUND);
    cr_expect_eq(fixture_call(&fixture, event_remove, id, NULL).error.code, ERROR_NOT_FOUND);
    cr_expect_eq(fixture_call(&fixture, event_put, "1", "{\"Name\":\"x\"}").error.code,
                 ERROR_NOT_FOUND);
    cr_expect_eq(fixture_call(&fixture, event_remove, "1", NULL).error.code, ERROR_NOT_FOUND);
}

Test(event_change, ends_with_a_removal)
{
    struct object_id_hex id = fixture_create(&fixture, event_create, "{\"Name\":\"Aida\"}");
    struct answer removed = fixture_call(&fixture, event_remove, id.text, NULL);

    cr_assert(removed.ok, "%s", removed.error.text);
    cr_expect_eq(removed.status, 204);
    cr_expect_eq(fixture_call(&fixture, event_remove, id.text, NULL).error.code, ERROR_NOT_FOUND);
    cr_expect_eq(patch(id, "{\"Name\":\"x\"}").error.code, ERROR_NOT_FOUND);
    cr_expect_eq(fixture_call(&fixture, event_put, id.text, "{\"Name\":\"x\"}").error.code,
                 ERROR_GONE);
}

Test(event_change, goes_only_over_the_version_that_if_match_names)
{
    struct object_id_hex id = fixture_create(&fixture, event_create, "{\"Name\":\"Aida\"}");
    const struct http_header first = {"If-Match", "\"1.0.0\""};
    const struct http_header sold_since = {"If-Match", "\"2.0.99\""};

    cr_expect(fixture_call_with(&fixture, event_patch, id.text, "{\"Name\":\"b\"}", first).ok);
    cr_expect_eq(
        fixture_call_with(&fixture, event_patch, id.text, "{\"Name\":\"c\"}", first).error.code,
        ERROR_PRECONDITION);
    cr_expect_eq(fixture_call_with(&fixture, event_remove, id.text, NULL, first).error.code,
                 ERROR_PRECONDITION);
    cr_expect(fixture_call_with(&fixture, event_patch, id.text, "{\"Name\":\"c\"}", sold_since).ok);
}

Test(event_change, moves_the_tag_with_all_that_is_shown)
{
    struct object_id_hex id = create_at_halls("A");
    struct sale_heard sale = {.entry = 4, .seats_sold = 3};
    struct error error = {0};

    cr_expect_str_eq(fixture_call(&fixture, event_get, id.text, NULL).tag, "\"1.1.0\"");
    cr_assert(object_id_parse(id.text, &sale.event_id));
    cr_assert(catalogue_store_hear_sales(fixture.service.catalogue, &sale, 1, &error));

    struct answer shown = fixture_call(&fixture, event_get, id.text, NULL);
    const struct http_header known = {"If-None-Match", shown.tag};
    struct answer same = fixture_call_with(&fixture, event_get, id.text, NULL, known);

    cr_expect_str_eq(shown.tag, "\"1.1.4\"");
    expect_says(shown, "\"SeatsLeft\":7");
    cr_expect_eq(same.status, 304);
    cr_expect_str_empty(same.body);
}
