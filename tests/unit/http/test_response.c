#include "http/response.h"

#include <criterion/criterion.h>
#include <signal.h>

Test(response, starts_as_json_with_status_200)
{
    CLEANUP(http_response_clear) struct http_response response = {0};

    http_response_init(&response);

    cr_expect_eq(response.status, 200);
    cr_expect_str_eq(response.content_type, "application/json");
    cr_expect_eq(response.body.size_bytes, 0);
}

Test(response, writes_header_lines)
{
    CLEANUP(http_response_clear) struct http_response response = {0};

    http_response_init(&response);
    http_response_header(&response, "ETag", "\"%d\"", 7);
    http_response_header(&response, "Vary", "Origin");

    cr_expect_str_eq(response.headers.data, "ETag: \"7\"\r\nVary: Origin\r\n");
}

Test(response, knows_which_headers_it_has)
{
    CLEANUP(http_response_clear) struct http_response response = {0};

    http_response_init(&response);
    cr_expect_not(http_response_has_header(&response, "Vary"));
    http_response_header(&response, "ETag", "Vary: x");
    cr_expect_not(http_response_has_header(&response, "Vary"));
    http_response_header(&response, "Vary", "Origin");

    cr_expect(http_response_has_header(&response, "Vary"));
    cr_expect(http_response_has_header(&response, "ETag"));
    cr_expect_not(http_response_has_header(&response, "ETa"));
}

Test(response, does_not_let_a_line_break_into_a_header, .signal = SIGABRT)
{
    CLEANUP(http_response_clear) struct http_response response = {0};

    http_response_init(&response);
    http_response_header(&response, "Location", "/a\r\nSet-Cookie: b");
}

Test(response, says_where_the_created_thing_is)
{
    CLEANUP(http_response_clear) struct http_response response = {0};

    http_response_init(&response);
    http_response_created(&response, "/events/1");

    cr_expect_eq(response.status, 201);
    cr_expect_str_eq(response.headers.data, "Location: /events/1\r\n");
}

Test(response, is_empty_again_after_a_reset)
{
    CLEANUP(http_response_clear) struct http_response response = {0};

    http_response_init(&response);
    http_response_created(&response, "/events/1");
    buffer_text(&response.body, "{}");
    response.content_type = NULL;
    http_response_reset(&response);

    cr_expect_eq(response.status, 200);
    cr_expect_str_eq(response.content_type, "application/json");
    cr_expect_eq(response.headers.size_bytes, 0);
    cr_expect_eq(response.body.size_bytes, 0);
}

Test(response, has_a_reason_for_each_status_of_an_error)
{
    for (int code = ERROR_INVALID; code <= ERROR_INTERNAL; code++)
        cr_expect_str_not_empty(http_reason_of(http_status_of((enum error_code)code)));
    cr_expect_str_eq(http_reason_of(299), "");
}
