#include "http/problem.h"

#include "base/json.h"

#include <criterion/criterion.h>
#include <string.h>

/* The body of the problem that stands for @error. */
static struct json *problem_of(struct http_response *response, const struct error *error)
{
    struct error fault = {0};
    struct json *document = NULL;

    http_response_problem(response, error, "request-1");
    cr_assert(json_parse(response->body.data, response->body.size_bytes, &document, &fault), "%s",
              response->body.data);
    return document;
}

static const char *text_of(const struct json *object, const char *name)
{
    const char *text = json_text(json_member(object, name));

    return text ? text : "(none)";
}

static int64_t number_of(const struct json *object, const char *name)
{
    int64_t number = -1;

    cr_expect(json_integer(json_member(object, name), &number));
    return number;
}

Test(problem, replaces_what_was_built)
{
    CLEANUP(http_response_clear) struct http_response response = {0};
    CLEANUP(json_freep) struct json *problem = NULL;
    struct error error = {0};

    http_response_init(&response);
    http_response_created(&response, "/bookings/1");
    buffer_text(&response.body, "half");
    error_set(&error, ERROR_SOLD_OUT, "3 seats are left");
    error_add_number(&error, "seatsLeft", 3);
    error_add_text(&error, "hall", "small");
    problem = problem_of(&response, &error);

    cr_expect_eq(response.status, 409);
    cr_expect_str_eq(response.content_type, "application/problem+json");
    cr_expect_eq(response.headers.size_bytes, 0);
    cr_expect_str_eq(text_of(problem, "type"), "/problems/sold-out");
    cr_expect_str_eq(text_of(problem, "title"), "Not enough seats are left");
    cr_expect_str_eq(text_of(problem, "detail"), "3 seats are left");
    cr_expect_str_eq(text_of(problem, "requestId"), "request-1");
    cr_expect_eq(number_of(problem, "status"), 409);
    cr_expect_eq(number_of(problem, "seatsLeft"), 3);
    cr_expect_str_eq(text_of(problem, "hall"), "small");
    cr_expect_null(json_member(problem, "errors"));
}

Test(problem, names_each_bad_member)
{
    CLEANUP(http_response_clear) struct http_response response = {0};
    CLEANUP(json_freep) struct json *problem = NULL;
    struct error error = {0};
    const struct json *errors;

    http_response_init(&response);
    error_detail(&error, "/seats", "must be at least %d", 1);
    error_detail(&error, "/name", "is missing");
    problem = problem_of(&response, &error);
    errors = json_member(problem, "errors");

    cr_expect_eq(response.status, 400);
    cr_assert_eq(json_size(errors), 2);
    cr_expect_str_eq(text_of(json_item(errors, 0), "pointer"), "/seats");
    cr_expect_str_eq(text_of(json_item(errors, 0), "detail"), "must be at least 1");
    cr_expect_str_eq(text_of(json_item(errors, 1), "pointer"), "/name");
}

Test(problem, asks_to_retry_after_a_503)
{
    CLEANUP(http_response_clear) struct http_response response = {0};
    CLEANUP(json_freep) struct json *problem = NULL;
    struct error error = {0};

    http_response_init(&response);
    error_set(&error, ERROR_OUTCOME_UNKNOWN, "the write was sent");
    problem = problem_of(&response, &error);

    cr_expect_eq(response.status, 503);
    cr_expect_str_eq(response.headers.data, "Retry-After: 1\r\n");
    cr_expect_str_eq(text_of(problem, "detail"), "the write was sent");
}

Test(problem, keeps_our_faults_to_the_log)
{
    static const enum error_code codes[] = {ERROR_INTERNAL, ERROR_CORRUPT, ERROR_MEMORY,
                                            ERROR_UNAVAILABLE};

    for (size_t i = 0; i < ARRAY_SIZE(codes); i++) {
        CLEANUP(http_response_clear) struct http_response response = {0};
        CLEANUP(json_freep) struct json *problem = NULL;
        struct error error = {0};

        http_response_init(&response);
        error_set(&error, codes[i], "cannot reach 10.0.0.7:27017");
        problem = problem_of(&response, &error);

        cr_expect_null(strstr(response.body.data, "10.0.0.7"));
        cr_expect_str_eq(text_of(problem, "detail"), text_of(problem, "title"));
    }
}

Test(problem, has_a_kind_for_each_code)
{
    for (int code = ERROR_NONE; code <= ERROR_INTERNAL; code++) {
        struct http_problem_kind kind = http_problem_of_code((enum error_code)code);

        cr_expect(kind.status >= 400 && kind.status <= 503, "%d", code);
        cr_expect_str_not_empty(kind.name);
        cr_expect_str_not_empty(kind.title);
    }
    cr_expect_eq(http_problem_of_code(ERROR_NONE).status, 500);
}

Test(problem, has_a_kind_for_each_refusal_of_the_server)
{
    static const int statuses[] = {400, 404, 405, 408, 411, 413, 414, 417, 431, 503, 505};

    for (size_t i = 0; i < ARRAY_SIZE(statuses); i++)
        cr_expect_eq(http_problem_of_status(statuses[i]).status, statuses[i]);
    cr_expect_eq(http_problem_of_status(418).status, 500);
}

Test(problem, is_valid_text_whatever_the_client_sent)
{
    CLEANUP(http_response_clear) struct http_response response = {0};
    CLEANUP(json_freep) struct json *problem = NULL;
    struct error error = {0};

    http_response_init(&response);
    error_set(&error, ERROR_UNSUPPORTED, "\xff\"\x01 is no type");
    problem = problem_of(&response, &error);

    cr_expect_str_eq(text_of(problem, "detail"), "?\"\x01 is no type");
}
