#include "http/cors.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

DEFINE_FREEP(http_cors_free, struct http_cors)

/* The header lines for a request from @origin (NULL: none), a preflight when @allow is given. */
static const char *lines(const char *origins, const char *origin, const char *allow)
{
    static struct buffer head;
    CLEANUP(http_cors_freep) struct http_cors *cors = NULL;
    struct http_request request = {.method = allow ? "OPTIONS" : "GET"};
    struct error error = {0};

    if (origin)
        request.headers[request.n_headers++] = (struct http_header){"Origin", origin};
    if (allow)
        request.headers[request.n_headers++] =
            (struct http_header){"Access-Control-Request-Method", "PUT"};
    cr_assert(http_cors_new(origins, &cors, &error), "%s", error.text);
    buffer_clear(&head);
    buffer_init(&head, 4096);
    http_cors_write(cors, &request, allow ? allow : "", &head);
    cr_assert(buffer_ok(&head, NULL));
    return head.data;
}

static bool allows(const char *origins, const char *origin)
{
    char line[300];

    snprintf(line, sizeof(line), "Access-Control-Allow-Origin: %s\r\n", origin);
    return strstr(lines(origins, origin, NULL), line) != NULL;
}

Test(cors, allows_local_origins_by_default)
{
    static const char *const local[] = {"http://localhost",       "http://localhost:8080",
                                        "https://localhost:1",    "http://LOCALHOST",
                                        "http://127.0.0.1",       "http://127.1.2.3:80",
                                        "https://127.0.0.1:8443", "http://[::1]",
                                        "http://[::1]:8080",      "http://[0:0:0:0:0:0:0:1]"};

    for (size_t i = 0; i < ARRAY_SIZE(local); i++) {
        cr_expect(allows(NULL, local[i]), "%s", local[i]);
        cr_expect(allows(" , ", local[i]), "%s", local[i]);
    }
}

Test(cors, allows_nothing_that_only_looks_local)
{
    static const char *const others[] = {"http://localhost.evil.example",
                                         "http://evil.example",
                                         "http://127.0.0.1.evil.example",
                                         "http://128.0.0.1",
                                         "http://127.0.0.1@evil.example",
                                         "http://localhost:80.evil.example",
                                         "http://localhost:",
                                         "http://localhost:123456",
                                         "http://localhost/",
                                         "http://localhost#",
                                         "http://[::2]",
                                         "http://[::1",
                                         "http://[::1]x",
                                         "http://",
                                         "ftp://localhost",
                                         "file://localhost",
                                         "localhost",
                                         "null",
                                         "",
                                         "http://localhost http://evil.example"};

    for (size_t i = 0; i < ARRAY_SIZE(others); i++)
        cr_expect_str_eq(lines(NULL, others[i], NULL), "Vary: Origin\r\n", "%s", others[i]);
}

Test(cors, allows_what_the_list_says_and_nothing_else)
{
    static const char list[] = "https://shop.example, http://a.example:8080 https://[2001:db8::1]";

    cr_expect(allows(list, "https://shop.example"));
    cr_expect(allows(list, "http://a.example:8080"));
    cr_expect(allows(list, "https://[2001:db8::1]"));
    cr_expect_not(allows(list, "http://shop.example"));
    cr_expect_not(allows(list, "https://shop.example:444"));
    cr_expect_not(allows(list, "https://shop.example.evil.example"));
    cr_expect_not(allows(list, "http://a.example"));
    cr_expect_not(allows(list, "http://localhost"));
}

Test(cors, allows_every_origin_with_a_star)
{
    cr_expect_not_null(strstr(lines("*", "https://x.example", NULL), "-Allow-Origin: *\r\n"));
    cr_expect_not_null(strstr(lines("*", "null", NULL), "-Allow-Origin: *\r\n"));
}

Test(cors, says_that_the_origin_matters_even_when_there_is_none)
{
    cr_expect_str_eq(lines(NULL, NULL, NULL), "Vary: Origin\r\n");
    cr_expect_not_null(strstr(lines(NULL, "http://localhost", NULL), "Vary: Origin\r\n"));
}

Test(cors, lets_pages_see_our_headers)
{
    const char *head = lines(NULL, "http://localhost", NULL);

    cr_expect_not_null(strstr(head, "Access-Control-Expose-Headers: "));
    cr_expect_not_null(strstr(head, "ETag"));
    cr_expect_null(strstr(head, "Access-Control-Allow-Methods"));
}

Test(cors, answers_a_preflight_with_the_methods_of_the_path)
{
    const char *head = lines(NULL, "http://localhost", "GET, PUT, OPTIONS");

    cr_expect_not_null(strstr(head, "Access-Control-Allow-Methods: GET, PUT, OPTIONS\r\n"));
    cr_expect_not_null(strstr(head, "Idempotency-Key"));
    cr_expect_not_null(strstr(head, "Access-Control-Max-Age: "));
}

Test(cors, answers_a_preflight_from_elsewhere_without_permission)
{
    cr_expect_str_eq(lines(NULL, "http://evil.example", "GET, PUT"), "Vary: Origin\r\n");
}

Test(cors, refuses_a_list_with_anything_that_is_no_origin)
{
    static const char *const lists[] = {"shop.example",
                                        "https://shop.example/",
                                        "https://a.example,https://b.example:x",
                                        "https://*.example",
                                        "**",
                                        "https://a b",
                                        "null"};

    for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
        struct http_cors *cors = NULL;
        struct error error = {0};

        cr_expect_not(http_cors_new(lists[i], &cors, &error), "%s", lists[i]);
        cr_expect_eq(error.code, ERROR_INVALID);
        cr_expect_not_null(strstr(error.text, "cors_origins"));
    }
}
