#include "support.h"

#include "http/paging.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static const struct object_id place = {.bytes = {7}};

/* What a message about an event does: into the copy, and to the ledger. */
static struct object_id hear_event_at(struct fixture *fixture, const char *name, int64_t start_s,
                                      struct object_id location_id)
{
    struct event event = {.id = object_id_random(),
                          .version = 1,
                          .location_id = location_id,
                          .capacity = 5,
                          .start_s = start_s};
    struct copy_event copy = {.event = &event};
    struct ledger_change change = {.event_id = event.id, .event_version = 1, .capacity = 5};
    struct error error = {0};

    snprintf(event.name, sizeof(event.name), "%s", name);
    cr_assert(copy_store_put_events(fixture->service.copy, &copy, 1, &error), "%s", error.text);
    cr_assert(ledger_take_over(fixture->service.ledger, &change, 1, fixture_deadline_ms(), &error),
              "%s", error.text);
    return event.id;
}

static struct object_id hear_event(struct fixture *fixture, const char *name, int64_t start_s)
{
    return hear_event_at(fixture, name, start_s, (struct object_id){0});
}

static void book(struct fixture *fixture, const struct object_id *event_id)
{
    const struct object_id_hex hex = object_id_hex(event_id);
    const struct http_request request = request_to_book(hex.text, NULL, "{\"seats\":1}");

    cr_assert(fixture_call(fixture, booking_create, &request).ok);
}

static struct answer list(struct fixture *fixture, const char *query)
{
    struct http_request request = request_for("id", "unused");

    request.query = query;
    return fixture_call(fixture, event_list, &request);
}

static size_t count(const char *text, const char *part)
{
    size_t n = 0;

    for (; (text = strstr(text, part)); text++)
        n++;
    return n;
}

Test(event_list, shows_what_the_ledgers_have_left)
{
    struct fixture fixture;
    fixture_init(&fixture);
    struct object_id first = hear_event(&fixture, "first", 10);

    hear_event(&fixture, "second", 20);
    book(&fixture, &first);
    struct answer answer = list(&fixture, NULL);
    const char *second = strstr(answer.body, "\"second\"");

    cr_assert(answer.ok && second, "%s %s", answer.error.text, answer.body);
    cr_expect_lt(strstr(answer.body, "\"SeatsLeft\":4"), second);
    cr_expect_gt(strstr(answer.body, "\"SeatsLeft\":5"), second);
    fixture_clear(&fixture);
}

Test(event_list, says_nothing_about_seats_of_a_ledger_that_cannot_be_read)
{
    const struct event_view view = {.event = {.capacity = 5}};
    const struct ledger_head unreadable = {.exists = true, .is_unreadable = true};
    const struct ledger_head none = {0};

    cr_expect_eq(event_seats_left(&view, &unreadable), CAPACITY_UNKNOWN);
    cr_expect_eq(event_seats_left(&view, &none), 5);
}

/* More events than are gathered for one look at their ledgers. */
Test(event_list, goes_on_where_a_page_ended)
{
    enum {
        LIMIT = LEDGER_BULK_MAX + 2,
        N_EVENTS = 2 * LIMIT
    };
    struct fixture fixture;
    char query[256];
    size_t n = 0;

    fixture_init(&fixture);
    snprintf(query, sizeof(query), "limit=%d&name=many", LIMIT);
    for (int i = 0; i < N_EVENTS; i++)
        hear_event(&fixture, "many", i % 3);
    hear_event(&fixture, "other", 1);
    for (int page = 0; page < N_EVENTS / LIMIT; page++) {
        struct http_request request = request_for("id", "unused");
        CLEANUP(http_response_clear) struct http_response response = {0};
        struct error error = {0};

        request.query = query;
        http_response_init(&response);
        cr_assert(event_list(&fixture.service, &request, &response, &error), "%s", error.text);
        buffer_char(&response.body, '\0');
        buffer_char(&response.headers, '\0');
        cr_assert(buffer_ok(&response.body, &error) && buffer_ok(&response.headers, &error));
        n += count(response.body.data, "\"Name\":\"many\"");

        const char *link = strstr(response.headers.data, "?");
        cr_assert_eq(link != NULL, page + 1 < N_EVENTS / LIMIT, "a link to an empty page");
        if (link)
            snprintf(query, sizeof(query), "%.*s", (int)strcspn(link + 1, ">"), link + 1);
    }

    cr_expect_eq(n, N_EVENTS);
    fixture_clear(&fixture);
}

/* As large as a location can be: each character of its halls is written as six. */
static void hear_large_location(struct fixture *fixture)
{
    CLEANUP(location_clear) struct location location = {.id = place, .version = 1, .name = "Opera"};
    struct copy_location copy = {.location = &location};
    struct error error = {0};

    cr_assert(location_make_halls(&location, HALLS_MAX, &error));
    for (size_t i = 0; i < HALLS_MAX; i++) {
        memset(location.halls[i].name, 0x7F, TEXT_CHARACTERS_MAX);
        memset(location.halls[i].location, 0x7F, TEXT_CHARACTERS_MAX);
    }
    cr_assert(copy_store_put_locations(fixture->service.copy, &copy, 1, &error), "%s", error.text);
}

Test(event_list, ends_a_page_that_becomes_large)
{
    enum {
        N_EVENTS = 70 /* of a quarter of a megabyte each */
    };
    struct http_request request = request_for("id", "unused");
    CLEANUP(http_response_clear) struct http_response response = {0};
    struct error error = {0};
    struct fixture fixture;
    fixture_init(&fixture);

    hear_large_location(&fixture);
    for (int i = 0; i < N_EVENTS; i++)
        hear_event_at(&fixture, "many", i, place);
    http_response_init(&response);
    cr_assert(event_list(&fixture.service, &request, &response, &error), "%s", error.text);
    buffer_char(&response.body, '\0');
    buffer_char(&response.headers, '\0');
    cr_assert(buffer_ok(&response.body, NULL) && buffer_ok(&response.headers, NULL));
    size_t n = count(response.body.data, "\"Name\":\"many\"");

    cr_expect_gt(response.body.size_bytes, HTTP_PAGE_BYTES);
    cr_expect_lt(response.body.size_bytes, (size_t)2 * HTTP_PAGE_BYTES);
    cr_expect(n > 0 && n < N_EVENTS, "%zu", n);
    cr_expect(strstr(response.headers.data, "rel=\"next\""));
    fixture_clear(&fixture);
}

Test(event_list, takes_the_filters_of_the_event_service)
{
    struct fixture fixture;
    fixture_init(&fixture);

    hear_event(&fixture, "a", 10);
    hear_event(&fixture, "b", 20);
    hear_event(&fixture, "b", 30);

    cr_expect_eq(count(list(&fixture, "name=b").body, "\"ID\":\"\""), 2);
    cr_expect_eq(count(list(&fixture, "from=20&to=30").body, "\"ID\":\"\""), 1);
    cr_expect_eq(count(list(&fixture, "location=0123456789abcdef01234567").body, "\"ID\""), 0);
    cr_expect_eq(list(&fixture, "from=soon").error.code, ERROR_INVALID);
    cr_expect_eq(list(&fixture, "limit=1001").error.code, ERROR_INVALID);
    fixture_clear(&fixture);
}

static struct answer get(struct fixture *fixture, http_handler *handle,
                         const struct object_id *event_id, const char *tag)
{
    const struct object_id_hex hex = object_id_hex(event_id);
    struct http_request request = request_for("id", hex.text);

    if (tag)
        request.headers[request.n_headers++] = (struct http_header){"If-None-Match", tag};
    return fixture_call(fixture, handle, &request);
}

static const struct {
    http_handler *get;
    const char *tag; /* of what was just heard */
    const char *after_a_booking;
} tagged[] = {{event_get, "\"1.0.0\"", "\"1.0.1\""}, {availability_get, "\"1.0\"", "\"1.1\""}};

static void expect_tag(const struct answer *answer, const char *tag)
{
    const char *header = strstr(answer->headers, "ETag: ");

    cr_assert_not_null(header, "%s", answer->headers);
    header += strlen("ETag: ");
    cr_expect(strncmp(header, tag, strlen(tag)) == 0, "%s in %s", tag, answer->headers);
}

Test(event_read, tags_what_it_shows_with_versions_and_entry)
{
    struct fixture fixture;
    fixture_init(&fixture);
    struct object_id id = hear_event(&fixture, "opera", 10);

    for (size_t i = 0; i < ARRAY_SIZE(tagged); i++) {
        struct answer answer = get(&fixture, tagged[i].get, &id, NULL);
        struct answer again = get(&fixture, tagged[i].get, &id, tagged[i].tag);

        cr_assert(answer.ok, "%s", answer.error.text);
        expect_tag(&answer, tagged[i].tag);
        cr_expect_eq(again.status, 304);
        cr_expect_str_eq(again.body, "");
    }
    fixture_clear(&fixture);
}

Test(event_read, shows_again_what_was_booked_since)
{
    struct fixture fixture;
    fixture_init(&fixture);
    struct object_id id = hear_event(&fixture, "opera", 10);

    book(&fixture, &id);
    for (size_t i = 0; i < ARRAY_SIZE(tagged); i++) {
        struct answer answer = get(&fixture, tagged[i].get, &id, tagged[i].tag);

        cr_expect_eq(answer.status, 200);
        expect_tag(&answer, tagged[i].after_a_booking);
        cr_expect(strstr(answer.body, "\"SeatsLeft\":4") != NULL, "%s", answer.body);
    }
    fixture_clear(&fixture);
}

/* The copy is ahead, and an older message opens the ledger. */
Test(event_read, shows_again_what_a_ledger_begins_with)
{
    struct fixture fixture;
    fixture_init(&fixture);
    struct event event = {.id = object_id_random(), .version = 5, .capacity = 9, .name = "opera"};
    struct copy_event copy = {.event = &event};
    struct ledger_change late = {.event_id = event.id, .event_version = 4, .capacity = 3};
    struct error error = {0};

    cr_assert(copy_store_put_events(fixture.service.copy, &copy, 1, &error), "%s", error.text);
    struct answer before = get(&fixture, event_get, &event.id, NULL);
    cr_assert(ledger_take_over(fixture.service.ledger, &late, 1, fixture_deadline_ms(), &error),
              "%s", error.text);
    struct answer after = get(&fixture, event_get, &event.id, "\"5.0\"");

    expect_tag(&before, "\"5.0\"");
    cr_expect(strstr(before.body, "\"SeatsLeft\":9"), "%s", before.body);
    expect_tag(&after, "\"5.0.0\"");
    cr_expect_eq(after.status, 200);
    cr_expect(strstr(after.body, "\"SeatsLeft\":3"), "%s", after.body);
    fixture_clear(&fixture);
}

static void hear_location(struct fixture *fixture, int64_t version, const char *name)
{
    struct location location = {.id = place, .version = version};
    struct copy_location copy = {.location = &location};
    struct error error = {0};

    snprintf(location.name, sizeof(location.name), "%s", name);
    cr_assert(copy_store_put_locations(fixture->service.copy, &copy, 1, &error), "%s", error.text);
}

Test(event_read, shows_again_what_was_changed_at_its_location)
{
    struct fixture fixture;
    fixture_init(&fixture);
    struct object_id id = hear_event_at(&fixture, "opera", 10, place);

    hear_location(&fixture, 3, "Old house");
    struct answer before = get(&fixture, event_get, &id, NULL);
    hear_location(&fixture, 4, "New house");
    struct answer after = get(&fixture, event_get, &id, "\"1.3.0\"");

    expect_tag(&before, "\"1.3.0\"");
    expect_tag(&after, "\"1.4.0\"");
    cr_expect_eq(after.status, 200);
    cr_expect(strstr(after.body, "New house") != NULL, "%s", after.body);
    fixture_clear(&fixture);
}
