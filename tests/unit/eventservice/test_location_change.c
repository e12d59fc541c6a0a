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

TestSuite(location_change, .init = begin, .fini = end);

static struct object_id_hex create(void)
{
    return fixture_create(&fixture, location_create,
                          "{\"Name\":\"Opera\",\"Address\":\"Square 1\",\"OpenTime\":9,\"Halls\":["
                          "{\"name\":\"A\",\"capacity\":10}]}");
}

Test(location_change, leaves_what_a_partial_one_does_not_name)
{
    struct object_id_hex id = create();
    struct answer answer =
        fixture_call(&fixture, location_patch, id.text, "{\"Country\":\"X\",\"Address\":null}");

    cr_assert(answer.ok, "%s", answer.error.text);
    expect_says(answer, "\"Name\":\"Opera\",\"Address\":\"\",\"Country\":\"X\",\"OpenTime\":9");
    expect_says(answer, "\"Halls\":[{\"name\":\"A\"");
    cr_expect_str_eq(answer.tag, "\"2\"");
}

Test(location_change, replaces_or_removes_all_halls)
{
    struct object_id_hex id = create();
    struct answer other = fixture_call(&fixture, location_patch, id.text,
                                       "{\"Halls\":[{\"name\":\"B\",\"capacity\":1}]}");
    struct answer none = fixture_call(&fixture, location_patch, id.text, "{\"Halls\":null}");

    expect_says(other, "\"Halls\":[{\"name\":\"B\",\"location\":\"\",\"capacity\":1}]");
    expect_says(none, "\"Halls\":[]");
}

Test(location_change, by_what_get_has_shown_changes_nothing)
{
    struct object_id_hex id = create();
    struct answer shown = fixture_call(&fixture, location_get, id.text, NULL);
    struct answer put = fixture_call(&fixture, location_put, id.text, shown.body);

    cr_expect_eq(put.status, 200);
    cr_expect_str_eq(put.body, shown.body);
    cr_expect_str_eq(put.tag, "\"1\"");
}

Test(location_change, creates_what_is_put_at_a_new_id)
{
    static const char id[] = "0123456789abcdef01234567";
    struct answer answer = fixture_call(&fixture, location_put, id, "{\"Name\":\"Opera\"}");

    cr_assert(answer.ok, "%s", answer.error.text);
    cr_expect_eq(answer.status, 201);
}

Test(location_change, keeps_a_location_that_events_use)
{
    struct object_id_hex id = create();
    char body[128];
    struct object_id_hex event;

    snprintf(body, sizeof(body), "{\"Name\":\"Aida\",\"LocationID\":\"%s\"}", id.text);
    event = fixture_create(&fixture, event_create, body);

    cr_expect_eq(fixture_call(&fixture, location_remove, id.text, NULL).error.code, ERROR_IN_USE);
    cr_assert(fixture_call(&fixture, event_remove, event.text, NULL).ok);
    cr_expect_eq(fixture_call(&fixture, location_remove, id.text, NULL).status, 204);
    cr_expect_eq(fixture_call(&fixture, location_remove, id.text, NULL).error.code,
                 ERROR_NOT_FOUND);
    cr_expect_eq(fixture_call(&fixture, location_put, id.text, "{\"Name\":\"x\"}").error.code,
                 ERROR_GONE);
}

Test(location_change, keeps_a_location_that_events_use_when_another_of_them_is_damaged)
{
    struct object_id_hex id = create();
    char body[128];

    fixture_damage_lists(&fixture);
    cr_expect_eq(fixture_call(&fixture, location_remove, id.text, NULL).error.code, ERROR_CORRUPT,
                 "the damaged one may need it");
    snprintf(body, sizeof(body), "{\"Name\":\"Aida\",\"LocationID\":\"%s\"}", id.text);
    fixture_create(&fixture, event_create, body);

    cr_expect_eq(fixture_call(&fixture, location_remove, id.text, NULL).error.code, ERROR_IN_USE);
}

Test(location_change, goes_only_over_the_version_that_if_match_names)
{
    struct object_id_hex id = create();
    const struct http_header other = {"If-Match", "\"2\""};

    cr_expect_eq(
        fixture_call_with(&fixture, location_patch, id.text, "{\"Name\":\"x\"}", other).error.code,
        ERROR_PRECONDITION);
    cr_expect_eq(fixture_call_with(&fixture, location_remove, id.text, NULL, other).error.code,
                 ERROR_PRECONDITION);
}
