#include "http/paging.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    LIMIT_MAX = 1000
};

static bool limit_of(const char *query, size_t *limit, struct error *error)
{
    struct http_request request = {.query = query};

    memset(error, 0, sizeof(*error));
    return http_page_limit(&request, LIMIT_MAX, limit, error);
}

static bool cursor_of(const char *query, char cursor[HTTP_CURSOR_BYTES], struct error *error)
{
    struct http_request request = {.path = "/events", .query = query};

    memset(error, 0, sizeof(*error));
    return http_page_cursor(&request, cursor, error);
}

/* The Link header of the page that ends at @cursor. */
static const char *link_of(const char *path, const char *query, const char *cursor)
{
    static struct http_response response;
    struct http_request request = {.path = path, .query = query};

    http_response_clear(&response);
    http_response_init(&response);
    http_page_next(&request, &response, cursor);
    cr_assert(buffer_ok(&response.headers, NULL));
    return response.headers.data;
}

/* The same without the last characters of the cursor, which say what list it belongs to. */
static const char *unsealed(const char *link)
{
    enum {
        SEAL_CHARACTERS = 8
    };
    static char text[4096];
    size_t length = (size_t)(strrchr(link, '>') - link);

    snprintf(text, sizeof(text), "%.*s%s", (int)(length - SEAL_CHARACTERS), link, link + length);
    return text;
}

/* The query inside a Link header. */
static const char *query_of(const char *link)
{
    static char query[4096];
    const char *start = strchr(link, '?') + 1;
    size_t length = (size_t)(strchr(start, '>') - start);

    memcpy(query, start, length);
    query[length] = '\0';
    return query;
}

Test(page_limit, is_the_largest_when_absent)
{
    struct error error;
    size_t limit = 0;

    cr_expect(limit_of(NULL, &limit, &error));
    cr_expect_eq(limit, LIMIT_MAX);
}

Test(page_limit, is_a_number_in_its_bounds)
{
    struct error error;
    size_t limit = 0;

    cr_expect(limit_of("limit=1", &limit, &error));
    cr_expect_eq(limit, 1);
    cr_expect(limit_of("x=1&limit=1000", &limit, &error));
    cr_expect_eq(limit, 1000);
    cr_expect(limit_of("limit=007", &limit, &error));
    cr_expect_eq(limit, 7);
}

Test(page_limit, is_refused_otherwise)
{
    static const char *const queries[] = {"limit=0",
                                          "limit=1001",
                                          "limit=-1",
                                          "limit=1.5",
                                          "limit=",
                                          "limit=abc",
                                          "limit=5x",
                                          "limit=%00",
                                          "limit=+5",
                                          "limit=1&limit=2",
                                          "limit=99999999999999",
                                          "limit=0x10",
                                          "limit"};
    struct error error;
    size_t limit = 42;

    for (size_t i = 0; i < ARRAY_SIZE(queries); i++) {
        cr_expect_not(limit_of(queries[i], &limit, &error), "%s", queries[i]);
        cr_expect_eq(error.code, ERROR_INVALID);
        cr_expect_str_eq(error.details[0].pointer, "?limit");
        cr_expect_eq(limit, 42);
    }
}

Test(page_cursor, is_empty_when_absent)
{
    char cursor[HTTP_CURSOR_BYTES] = "old";
    struct error error;

    cr_expect(cursor_of("x=1", cursor, &error));
    cr_expect_str_eq(cursor, "");
}

Test(page_cursor, comes_back_as_it_was_given)
{
    char given[HTTP_CURSOR_BYTES] = "";
    char cursor[HTTP_CURSOR_BYTES];
    struct error error;

    while (strlen(given) < HTTP_CURSOR_BYTES - 1) {
        size_t length = strlen(given);

        given[length] = (char)('!' + length * 7 % 94);
        cr_assert(cursor_of(query_of(link_of("/events", NULL, given)), cursor, &error), "%s",
                  given);
        cr_expect_str_eq(cursor, given);
    }
}

Test(page_cursor, is_refused_when_it_cannot_be_ours)
{
    static const char *const queries[] = {"cursor=",     "cursor=A",    "cursor=!!!!",
                                          "cursor=QQ==", "cursor=QR",   "cursor=AAAA",
                                          "cursor=gICA", "cursor=Q%00", "cursor=QQ&cursor=QQ",
                                          "cursor=IA",   "cursor=QQBC"};
    char cursor[HTTP_CURSOR_BYTES] = "untouched";
    char endless[400] = "cursor=";
    struct error error;

    for (size_t i = 0; i < ARRAY_SIZE(queries); i++) {
        cr_expect_not(cursor_of(queries[i], cursor, &error), "%s", queries[i]);
        cr_expect_eq(error.code, ERROR_INVALID);
        cr_expect_str_eq(error.details[0].pointer, "?cursor");
        cr_expect_str_eq(cursor, "untouched");
    }
    memset(endless + strlen(endless), 'Q', 300);
    cr_expect_not(cursor_of(endless, cursor, &error));
}

Test(page_cursor, is_refused_by_another_list)
{
    char cursor[HTTP_CURSOR_BYTES];
    struct error error;

    cr_expect(cursor_of(query_of(link_of("/events", "name=a", "A")), cursor, &error));
    cr_expect_not(cursor_of(query_of(link_of("/locations", NULL, "A")), cursor, &error));
    cr_expect_str_eq(error.details[0].pointer, "?cursor");
}

Test(page_cursor, is_refused_when_it_was_changed)
{
    char cursor[HTTP_CURSOR_BYTES];
    char *query = strdup(query_of(link_of("/events", NULL, "A1")));
    struct error error;

    for (char *changed = query + strlen("cursor="); *changed; changed++) {
        char before = *changed;

        *changed = before == 'A' ? 'B' : 'A';
        cr_expect_not(cursor_of(query, cursor, &error), "%s", query);
        *changed = before;
    }
    cr_expect(cursor_of(query, cursor, &error));
    free(query);
}

Test(page, has_a_next_one_when_an_item_is_not_shown)
{
    struct http_page page = {.limit = 2};
    const struct buffer body = {0};

    cr_expect(http_page_shows(&page, &body));
    cr_expect(http_page_shows(&page, &body));
    cr_expect_not(page.has_next, "it is full, and may be the last");
    cr_expect_not(http_page_shows(&page, &body));
    cr_expect(page.has_next);
    cr_expect_eq(page.n, 2);
}

Test(page, ends_when_its_items_have_become_large)
{
    struct http_page page = {.limit = 3};
    const struct buffer full = {.size_bytes = HTTP_PAGE_BYTES};
    const struct buffer over = {.size_bytes = HTTP_PAGE_BYTES + 1};

    cr_expect(http_page_shows(&page, &over), "a page without items would have no cursor");
    cr_expect(http_page_shows(&page, &full));
    cr_expect_not(http_page_shows(&page, &over));
    cr_expect_not(http_page_shows(&page, &over));
    cr_expect(page.has_next);
    cr_expect_eq(page.n, 2);
}

Test(page_next, keeps_the_other_parameters)
{
    cr_expect_str_eq(unsealed(link_of("/events", NULL, "A")),
                     "Link: </events?cursor=QQ>; rel=\"next\"\r\n");
    cr_expect_str_eq(unsealed(link_of("/events", "limit=5&name=a%20b", "A")),
                     "Link: </events?limit=5&name=a%20b&cursor=QQ>; rel=\"next\"\r\n");
}

Test(page_next, replaces_the_cursor)
{
    cr_expect_str_eq(unsealed(link_of("/e", "cursor=old&limit=5&c%75rsor&cursors=1&&", "A")),
                     "Link: </e?limit=5&cursors=1&cursor=QQ>; rel=\"next\"\r\n");
}

Test(page_next, lets_nothing_end_the_link_early)
{
    cr_expect_str_eq(unsealed(link_of("/a>b", "name=<\">", "A")),
                     "Link: </a%3Eb?name=%3C%22%3E&cursor=QQ>; rel=\"next\"\r\n");
}
