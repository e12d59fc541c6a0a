#include "http/request.h"

#include <criterion/criterion.h>
#include <string.h>

static struct http_request with_header(const char *name, const char *value)
{
    return (struct http_request){.headers = {{name, value}}, .n_headers = 1};
}

static struct http_request with_body(const char *content_type, const char *body)
{
    struct http_request request = with_header("content-type", content_type);

    request.n_headers = content_type ? 1 : 0;
    request.body = body;
    request.body_bytes = strlen(body);
    return request;
}

static bool asks(const char *query, char value[16], struct error *error)
{
    struct http_request request = {.query = query};

    memset(error, 0, sizeof(*error));
    strcpy(value, "untouched");
    return http_request_query(&request, "name", value, 16, error);
}

Test(request_header, is_found_in_any_case)
{
    struct http_request request = with_header("X-Thing", "1");

    cr_expect_str_eq(http_request_header(&request, "x-thing"), "1");
    cr_expect_null(http_request_header(&request, "X-Thin"));
}

Test(request_parameter, is_found_by_the_name_in_the_pattern)
{
    struct http_request request = {.parameters = {{"id}/bookings/{id2}", "a"}, {"id2", "b"}},
                                   .n_parameters = 2};

    cr_expect_str_eq(http_request_parameter(&request, "id"), "a");
    cr_expect_str_eq(http_request_parameter(&request, "id2"), "b");
}

Test(request_query, decodes_the_value)
{
    struct error error;
    char value[16];

    cr_expect(asks("name=a%20b+c", value, &error));
    cr_expect_str_eq(value, "a b c");
    cr_expect(asks("x=1&name=%C3%A9&y", value, &error));
    cr_expect_str_eq(value, "\xc3\xa9");
    cr_expect(asks("n%61me=1", value, &error));
    cr_expect_str_eq(value, "1");
}

Test(request_query, may_have_an_empty_value)
{
    struct error error;
    char value[16];

    cr_expect(asks("name=", value, &error));
    cr_expect_str_eq(value, "");
    cr_expect(asks("name", value, &error));
    cr_expect_str_eq(value, "");
}

Test(request_query, is_no_error_when_absent)
{
    static const char *const queries[] = {NULL, "", "&&", "names=1", "nam=1", "x=name=1", "%zz=1"};
    struct error error;
    char value[16];

    for (size_t i = 0; i < ARRAY_SIZE(queries); i++) {
        cr_expect_not(asks(queries[i], value, &error));
        cr_expect_eq(error.code, ERROR_NONE);
        cr_expect_str_eq(value, "untouched");
    }
}

Test(request_query, is_refused_when_unusable)
{
    static const char *const queries[] = {
        "name=%",
        "name=%00",
        "name=%ff",
        "name=1&name",
        "name=0123456789abcdef",
        "name=%30%31%32%33%34%35%36%37%38%39%61%62%63%64%65%66%67"};
    struct error error;
    char value[16];

    for (size_t i = 0; i < ARRAY_SIZE(queries); i++) {
        cr_expect_not(asks(queries[i], value, &error));
        cr_expect_eq(error.code, ERROR_INVALID, "%s", queries[i]);
        cr_expect_str_eq(error.details[0].pointer, "?name");
        cr_expect_str_eq(value, "untouched", "%s", queries[i]);
    }
}

Test(request_json, accepts_what_clients_call_it)
{
    static const char *const types[] = {"application/json",
                                        "Application/JSON; charset=utf-8",
                                        "application/merge-patch+json",
                                        "text/plain;charset=UTF-8",
                                        "text/plain; format=flowed; Charset=\"us-ascii\"",
                                        "application/x-www-form-urlencoded",
                                        NULL};

    for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
        struct http_request request = with_body(types[i], "{\"a\":1}");
        CLEANUP(json_freep) struct json *document = NULL;
        struct error error = {0};

        cr_assert(http_request_json(&request, &document, &error), "%s", types[i]);
        cr_expect(json_is_number(json_member(document, "a")));
    }
}

Test(request_json, refuses_other_types)
{
    static const char *const types[] = {"application/xml",
                                        "",
                                        "application/jsonx",
                                        "text/html",
                                        "+json",
                                        "application/+json",
                                        "application/json,x",
                                        "application/json; charset=utf-16",
                                        "text/plain;charset=\"iso-8859-1\"",
                                        "application/json; a=b; charset=utf-88",
                                        "application/\xff"};

    for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
        struct http_request request = with_body(types[i], "{\"a\":1}");
        struct json *document = NULL;
        struct error error = {0};

        cr_assert_not(http_request_json(&request, &document, &error), "%s", types[i]);
        cr_expect_eq(error.code, ERROR_UNSUPPORTED, "%s", types[i]);
        cr_expect_null(document);
    }
}

Test(request_json, refuses_codings)
{
    struct http_request request = with_body("application/json", "{}");
    CLEANUP(json_freep) struct json *document = NULL;
    struct error error = {0};

    request.headers[request.n_headers++] =
        (struct http_header){.name = "content-encoding", .value = "gzip"};
    cr_expect_not(http_request_json(&request, &document, &error));
    cr_expect_eq(error.code, ERROR_UNSUPPORTED);

    request.headers[request.n_headers - 1].value = "Identity";
    cr_expect(http_request_json(&request, &document, &error));
}

Test(request_json, refuses_what_is_no_object)
{
    static const char *const bodies[] = {"",       "[]", "1",     "null",
                                         "\"{}\"", "{",  "{} {}", "{\"a\":1,\"A\":2}"};

    for (size_t i = 0; i < ARRAY_SIZE(bodies); i++) {
        struct http_request request = with_body("application/json", bodies[i]);
        struct json *document = NULL;
        struct error error = {0};

        cr_assert_not(http_request_json(&request, &document, &error), "%s", bodies[i]);
        cr_expect_eq(error.code, ERROR_INVALID, "%s", bodies[i]);
        cr_expect_null(document);
    }
}

Test(request_key, is_empty_when_the_client_sent_none)
{
    struct http_request request = {0};
    struct error error = {0};
    char key[HTTP_KEY_BYTES] = "old";

    cr_assert(http_request_key(&request, key, &error));

    cr_expect_str_eq(key, "");
}

Test(request_key, may_be_bare_or_quoted)
{
    static const char *const sent[][2] = {
        {"abc-1", "abc-1"}, {"\"abc-1\"", "abc-1"}, {"\"a\\\"b\\\\\"", "a\"b\\"}, {"a\"b", "a\"b"}};

    for (size_t i = 0; i < ARRAY_SIZE(sent); i++) {
        struct http_request request = with_header("idempotency-key", sent[i][0]);
        struct error error = {0};
        char key[HTTP_KEY_BYTES];

        cr_assert(http_request_key(&request, key, &error), "%s", sent[i][0]);
        cr_expect_str_eq(key, sent[i][1]);
    }
}

Test(request_key, may_have_255_characters_and_no_more)
{
    struct http_request request;
    struct error error = {0};
    char key[HTTP_KEY_BYTES];
    char sent[260] = {0};

    memset(sent, 'k', 255);
    request = with_header("Idempotency-Key", sent);
    cr_expect(http_request_key(&request, key, &error));
    cr_expect_str_eq(key, sent);

    sent[255] = 'k';
    cr_expect_not(http_request_key(&request, key, &error));

    sent[0] = '"';
    sent[256] = '"';
    cr_expect(http_request_key(&request, key, &error));
    sent[256] = 'k';
    sent[257] = '"';
    cr_expect_not(http_request_key(&request, key, &error));
}

Test(request_key, is_refused_when_it_has_anything_invisible)
{
    static const char *const sent[] = {"",        "\"\"",    "a b",      "\"a b\"", "\"abc",
                                       "\"a\"b",  "a\tb",    "\xc3\xa9", "\"\\a\"", "\"abc\\",
                                       "\"a\";x", "\"a\\\"", "a\x7f"};

    for (size_t i = 0; i < ARRAY_SIZE(sent); i++) {
        struct http_request request = with_header("Idempotency-Key", sent[i]);
        struct error error = {0};
        char key[HTTP_KEY_BYTES] = "untouched";

        cr_expect_not(http_request_key(&request, key, &error), "%s", sent[i]);
        cr_expect_eq(error.code, ERROR_INVALID);
        cr_expect_str_eq(error.details[0].pointer, "Idempotency-Key");
        cr_expect_str_eq(key, "untouched");
    }
}

Test(request_key, is_refused_when_given_twice)
{
    struct http_request request = {.headers = {{"Idempotency-Key", "a"}, {"idempotency-key", "a"}},
                                   .n_headers = 2};
    struct error error = {0};
    char key[HTTP_KEY_BYTES];

    cr_expect_not(http_request_key(&request, key, &error));
}
