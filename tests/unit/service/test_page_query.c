#include "log_pipe.h"
#include "service/page_query.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static bool read_events(const char *text, struct event_query *query, struct error *error)
{
    const struct http_request request = {.method = "GET", .path = "/events", .query = text};

    return event_query_read(&request, query, error);
}

Test(page_query, asks_for_the_first_thousand_when_nothing_is_said)
{
    struct event_query query = {0};
    struct error error = {0};

    cr_assert(read_events(NULL, &query, &error), "%s", error.text);

    cr_expect_eq(query.page.limit, PAGE_ITEMS_MAX);
    cr_expect_not(query.page.has_after);
    cr_expect_null(query.page.name);
    cr_expect_null(query.page.from_s);
    cr_expect_null(query.page.to_s);
    cr_expect_null(query.page.location_id);
}

Test(page_query, takes_all_filters)
{
    struct event_query query = {0};
    struct error error = {0};

    cr_assert(read_events("limit=3&name=A%26B+c&from=10&to=1970-01-01T00:00:20.5Z&location="
                          "0123456789abcdef01234567",
                          &query, &error),
              "%s", error.text);

    cr_expect_eq(query.shown.limit, 3);
    cr_expect_eq(query.page.limit, 4, "one more tells whether there is a next page");
    cr_expect_str_eq(query.page.name, "A&B c");
    cr_expect_eq(*query.page.from_s, 10);
    cr_expect_eq(*query.page.to_s, 21, "the first whole second that is not before it");
    cr_expect_str_eq(object_id_hex(query.page.location_id).text, "0123456789abcdef01234567");
}

Test(page_query, bears_what_cannot_be_read_and_nothing_else)
{
    struct error error = {0};

    log_pipe_open();
    cr_expect(page_bears_damage(true, &error));
    error_set(&error, ERROR_UNAVAILABLE, "no server");
    cr_expect_not(page_bears_damage(false, &error));
    cr_expect_eq(error.code, ERROR_UNAVAILABLE);
    cr_expect(log_pipe_is_empty());
    error_set(&error, ERROR_CORRUPT, "event 1: member name is missing");

    cr_expect(page_bears_damage(false, &error));
    cr_expect_eq(error.code, ERROR_NONE);
    cr_expect(
        strstr(log_pipe_line(), "left out of a list error=\"event 1: member name is missing\""));
}

static const struct {
    const char *query;
    const char *pointer;
} bad[] = {
    {"limit=0", "?limit"},       {"limit=1001", "?limit"},
    {"cursor=x", "?cursor"},     {"cursor=MTIz", "?cursor"},
    {"from=soon", "?from"},      {"from=-1", "?from"},
    {"from=", "?from"},          {"from=01", "?from"},
    {"to=253402300800", "?to"},  {"to=1&to=2", "?to"},
    {"location=1", "?location"}, {"location=0123456789abcdef012345678", "?location"},
    {"location=", "?location"},  {"name=%ff", "?name"},
};

Test(page_query, names_the_parameter_that_is_bad)
{
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        struct event_query query = {0};
        struct error error = {0};

        cr_expect_not(read_events(bad[i].query, &query, &error), "%s", bad[i].query);
        cr_expect_eq(error.code, ERROR_INVALID);
        cr_expect_str_eq(error.details[0].pointer, bad[i].pointer, "%s", bad[i].query);
    }
}

Test(page_query, takes_a_name_as_long_as_names_are)
{
    struct event_query query = {0};
    struct error error = {0};
    char text[sizeof("name=") + TEXT_CHARACTERS_MAX + 1];

    memcpy(text, "name=", 5);
    memset(text + 5, 'a', TEXT_CHARACTERS_MAX);
    text[5 + TEXT_CHARACTERS_MAX] = '\0';
    cr_assert(read_events(text, &query, &error), "%s", error.text);

    cr_expect_eq(strlen(query.page.name), TEXT_CHARACTERS_MAX);
    strcat(text, "a");
    cr_expect_not(read_events(text, &query, &error));
    cr_expect_str_eq(error.details[0].pointer, "?name");
}

/* What the link to the next page carries, read back. */
static void follow(struct http_response *response, char query[256])
{
    const char *from;

    buffer_char(&response->headers, '\0');
    cr_assert(buffer_ok(&response->headers, NULL));
    from = strchr(response->headers.data, '?');
    cr_assert(from);
    snprintf(query, 256, "%.*s", (int)strcspn(from + 1, ">"), from + 1);
}

Test(page_query, goes_on_behind_the_last_event)
{
    const struct event event = {.start_s = 1800000000, .id = {.bytes = {1, 2, 3}}};
    const struct http_request request = {.method = "GET", .path = "/events", .query = "limit=2"};
    CLEANUP(http_response_clear) struct http_response response = {0};
    struct event_query query = {0};
    struct error error = {0};
    char cursor[HTTP_CURSOR_BYTES];
    char next[256];

    http_response_init(&response);
    event_cursor_write(&event, cursor);
    http_page_next(&request, &response, cursor);
    follow(&response, next);
    cr_assert(read_events(next, &query, &error), "%s: %s", next, error.text);

    cr_expect_eq(query.shown.limit, 2);
    cr_expect(query.page.has_after);
    cr_expect_eq(query.page.after_start_s, event.start_s);
    cr_expect(object_id_equal(&query.page.after_id, &event.id));
}

Test(page_query, goes_on_behind_the_last_location)
{
    const struct location location = {.id = {.bytes = {1, 2, 3}}};
    struct http_request request = {.method = "GET", .path = "/locations", .query = "name=a"};
    CLEANUP(http_response_clear) struct http_response response = {0};
    struct location_query query = {0};
    struct error error = {0};
    char cursor[HTTP_CURSOR_BYTES];
    char next[256];

    http_response_init(&response);
    location_cursor_write(&location, cursor);
    http_page_next(&request, &response, cursor);
    follow(&response, next);
    request.query = next;
    cr_assert(location_query_read(&request, &query, &error), "%s: %s", next, error.text);

    cr_expect_str_eq(query.page.name, "a");
    cr_expect(query.page.has_after);
    cr_expect(object_id_equal(&query.page.after_id, &location.id));
    request.query = "cursor=MTIz";
    cr_expect_not(location_query_read(&request, &query, &error));
}
