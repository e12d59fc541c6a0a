#include "service/documents.h"

#include "service/runtime.h"

#include <criterion/criterion.h>
#include <string.h>

static const char style[] = "p {}";
static const struct document rows[] = {
    {"/openapi.json", "application/json", "1a", "{}", 2},
    {"/docs", "text/html; charset=utf-8", "2b", "<p>", 3},
    {"/docs/page.css", "text/css; charset=utf-8", "3c", style, sizeof(style) - 1},
};
static const struct documents documents = {rows, ARRAY_SIZE(rows)};
static const struct http_route routes[] = {
    {"GET", "/", index_get, 0},
    {"GET", "/openapi.json", openapi_get, 0},
    {"GET", "/docs", docs_get, 0},
    {"GET", "/docs/{file}", docs_file_get, 0},
    {"POST", "/orders", index_get, 0},
    {"GET", "/things", index_get, 0},
    {"GET", "/things/{id}", index_get, 0},
};
static const struct runtime_role role = {.routes = {routes, ARRAY_SIZE(routes)},
                                         .documents = &documents};
static struct runtime runtime = {.role = &role, .config.service_name = "shop"};

static struct http_request request;
static struct http_response response;
static struct error error;

static void start(void)
{
    request = (struct http_request){0};
    http_response_init(&response);
}

static void end(void)
{
    http_response_clear(&response);
}

TestSuite(documents, .init = start, .fini = end);

static bool body_is(const char *text)
{
    return response.body.size_bytes == strlen(text) &&
           memcmp(response.body.data, text, strlen(text)) == 0;
}

Test(documents, are_found_by_their_paths)
{
    cr_expect_eq(documents_find(&documents, "/docs"), &rows[1]);
    cr_expect_null(documents_find(&documents, "/doc"));
    cr_expect_null(documents_find(&documents, ""));
}

Test(documents, come_with_media_type_tag_and_policy)
{
    cr_assert(openapi_get(&runtime, &request, &response, &error), "%s", error.text);

    cr_expect_eq(response.status, 200);
    cr_expect_str_eq(response.content_type, "application/json");
    cr_expect(body_is("{}"));
    cr_expect(http_response_has_header(&response, "ETag"));
    cr_expect(http_response_has_header(&response, "Content-Security-Policy"));
}

Test(documents, are_not_sent_to_who_has_them)
{
    request.headers[0] = (struct http_header){"If-None-Match", "\"2b\""};
    request.n_headers = 1;

    cr_assert(docs_get(&runtime, &request, &response, &error), "%s", error.text);

    cr_expect_eq(response.status, 304);
    cr_expect_eq(response.body.size_bytes, 0);
}

Test(documents, of_the_page_are_asked_for_by_name)
{
    request.parameters[0] = (struct http_parameter){"file", "page.css"};
    request.n_parameters = 1;

    cr_assert(docs_file_get(&runtime, &request, &response, &error), "%s", error.text);

    cr_expect(body_is(style));
}

Test(documents, are_no_others_than_those_of_the_table)
{
    static const char *const names[] = {"other.css", "", "../openapi.json", "page.css/"};

    request.n_parameters = 1;
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        request.parameters[0] = (struct http_parameter){"file", names[i]};
        cr_expect_not(docs_file_get(&runtime, &request, &response, &error), "%s", names[i]);
        cr_expect_eq(error.code, ERROR_NOT_FOUND);
    }
}

Test(documents, have_an_index_of_what_stands_alone)
{
    cr_assert(index_get(&runtime, &request, &response, &error), "%s", error.text);

    cr_expect(body_is("{\"name\":\"shop\",\"openapi\":\"/openapi.json\",\"docs\":\"/docs\","
                      "\"things\":\"/things\"}"));
}
