#include "http/conditional.h"

#include <criterion/criterion.h>

static struct http_request with(const char *name, const char *value)
{
    return (struct http_request){.headers = {{name, value}}, .n_headers = 1};
}

static bool not_modified(const char *sent, const char *tag)
{
    CLEANUP(http_response_clear) struct http_response response = {0};
    struct http_request request = with("if-none-match", sent);
    bool result;

    http_response_init(&response);
    result = http_not_modified(&request, &response, tag);
    cr_expect_eq(response.status, result ? 304 : 200);
    cr_expect_eq(response.content_type == NULL, result);
    cr_expect(http_response_has_header(&response, "ETag"));
    return result;
}

static bool may_change(const char *name, const char *sent, const char *tag)
{
    struct http_request request = with(name, sent);
    struct error error = {0};
    bool result = http_precondition(&request, tag, &error);

    cr_expect_eq(error.code, result ? ERROR_NONE : ERROR_PRECONDITION);
    return result;
}

Test(not_modified, sets_the_tag)
{
    CLEANUP(http_response_clear) struct http_response response = {0};
    struct http_request request = {0};

    http_response_init(&response);
    cr_expect_not(http_not_modified(&request, &response, "3.1"));

    cr_expect_str_eq(response.headers.data, "ETag: \"3.1\"\r\n");
}

Test(not_modified, compares_the_whole_tag)
{
    cr_expect(not_modified("\"3.1.7\"", "3.1.7"));
    cr_expect_not(not_modified("\"3.1.8\"", "3.1.7"));
    cr_expect_not(not_modified("\"3\"", "3.1.7"));
    cr_expect_not(not_modified("\"3.1.77\"", "3.1.7"));
    cr_expect_not(not_modified("\"\"", "3.1.7"));
}

Test(not_modified, reads_lists_stars_and_weak_tags)
{
    cr_expect(not_modified("\"1\", \"2\" ,\"3\"", "3"));
    cr_expect(not_modified("\"1,2\",,\"3\"", "3"));
    cr_expect(not_modified("W/\"3\"", "3"));
    cr_expect(not_modified("*", "3"));
}

Test(not_modified, takes_what_is_no_tag_for_no_match)
{
    cr_expect_not(not_modified("3", "3"));
    cr_expect_not(not_modified("\"3", "3"));
    cr_expect_not(not_modified("w/\"3\"", "3"));
    cr_expect_not(not_modified("", "3"));
    cr_expect_not(not_modified("x, \"3\"", "3"));
}

Test(precondition, holds_without_a_header)
{
    struct http_request request = {0};
    struct error error = {0};

    cr_expect(http_precondition(&request, "3.1", &error));
    cr_expect(http_precondition(&request, NULL, &error));
}

Test(precondition, compares_the_first_part)
{
    cr_expect(may_change("If-Match", "\"3.1.7\"", "3.2.9"));
    cr_expect(may_change("If-Match", "\"3\"", "3.2.9"));
    cr_expect(may_change("If-Match", "\"2.2.9\", \"3\"", "3.2.9"));
    cr_expect_not(may_change("If-Match", "\"2.2.9\"", "3.2.9"));
    cr_expect_not(may_change("If-Match", "\"33\"", "3.2.9"));
    cr_expect_not(may_change("If-Match", "\"\"", "3.2.9"));
}

Test(precondition, lets_a_star_match_what_exists)
{
    cr_expect(may_change("If-Match", "*", "3"));
    cr_expect_not(may_change("If-Match", "*", NULL));
    cr_expect_not(may_change("If-Match", "\"3\"", NULL));
}

Test(precondition, does_not_let_a_weak_tag_match)
{
    cr_expect_not(may_change("If-Match", "W/\"3\"", "3"));
}

Test(precondition, fails_for_what_is_no_tag)
{
    cr_expect_not(may_change("If-Match", "3", "3"));
    cr_expect_not(may_change("If-Match", "", "3"));
}

Test(precondition, keeps_a_creation_from_replacing)
{
    cr_expect(may_change("If-None-Match", "*", NULL));
    cr_expect_not(may_change("If-None-Match", "*", "3"));
    cr_expect_not(may_change("If-None-Match", "\"3\"", "3"));
    cr_expect(may_change("If-None-Match", "\"2\"", "3"));
}
