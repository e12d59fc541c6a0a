#include "support.h"

#include "persistence/memory_faults.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static struct answer create(struct fixture *fixture, const char *key, const char *body)
{
    struct http_request request = request_to_book("unused", key, body);

    request.n_parameters = 0;
    return fixture_call(fixture, user_create, &request);
}

/* The id that stands in the body of an answer. */
static struct object_id_hex id_in(const struct answer *answer)
{
    struct object_id_hex hex = {{0}};
    const char *found = strstr(answer->body, "\"ID\":\"");

    cr_assert_not_null(found, "%s", answer->body);
    snprintf(hex.text, sizeof(hex.text), "%s", found + strlen("\"ID\":\""));
    return hex;
}

static struct answer get(struct fixture *fixture, http_handler *handle, const char *id,
                         const char *query)
{
    struct http_request request = request_for("id", id);

    request.query = query;
    return fixture_call(fixture, handle, &request);
}

static size_t count(const char *text, const char *part)
{
    size_t n = 0;

    for (; (text = strstr(text, part)); text++)
        n++;
    return n;
}

/* The query that asks for the page behind the one of @answer; "" when there is none. */
static void next_query(const struct answer *answer, char query[256])
{
    const char *link = strstr(answer->headers, "?");

    query[0] = '\0';
    if (link)
        snprintf(query, 256, "%.*s", (int)strcspn(link + 1, ">"), link + 1);
}

Test(users, are_stored_and_shown)
{
    struct fixture fixture;
    fixture_init(&fixture);

    struct answer made =
        create(&fixture, NULL, "{\"first\":\"Ada\",\"Last\":\"Lovelace\",\"AGE\":36}");
    struct answer shown = get(&fixture, user_get, id_in(&made).text, NULL);

    cr_assert(made.ok && shown.ok, "%s %s", made.error.text, shown.error.text);
    cr_expect_eq(made.status, 201);
    cr_expect(strstr(made.headers, id_in(&made).text) != NULL, "%s", made.headers);
    cr_expect_str_eq(made.body, shown.body);
    cr_expect(strstr(made.body, "\"First\":\"Ada\",\"Last\":\"Lovelace\",\"Age\":36}") != NULL,
              "%s", made.body);
    fixture_clear(&fixture);
}

Test(users, are_the_same_for_a_repeated_key)
{
    struct fixture fixture;
    fixture_init(&fixture);

    struct answer first = create(&fixture, "k-1", "{\"First\":\"Ada\"}");
    struct answer again =
        create(&fixture, "\"k-1\"", "{\"First\":\"Ada\",\"Last\":\"\",\"Age\":0}");
    struct answer other = create(&fixture, "k-2", "{\"First\":\"Ada\"}");

    cr_assert(first.ok && again.ok && other.ok);
    cr_expect_str_eq(first.body, again.body);
    cr_expect_not(first.replayed);
    cr_expect(again.replayed);
    cr_expect_str_neq(first.body, other.body);
    fixture_clear(&fixture);
}

Test(users, are_stored_once_though_the_reply_was_lost)
{
    struct fixture fixture;
    fixture_init(&fixture);

    memory_faults_plan(fixture.database, "user.insert", MEMORY_FAULT_LOSE_REPLY);
    struct answer lost = create(&fixture, "k-1", "{\"First\":\"Ada\"}");
    struct answer again = create(&fixture, "k-1", "{\"First\":\"Ada\"}");

    cr_expect_eq(lost.error.code, ERROR_OUTCOME_UNKNOWN);
    cr_assert(again.ok, "%s", again.error.text);
    cr_expect_eq(count(get(&fixture, user_list, "unused", NULL).body, "\"ID\""), 1);
    fixture_clear(&fixture);
}

Test(users, are_listed_although_others_are_damaged)
{
    struct fixture fixture;
    fixture_init(&fixture);

    memory_faults_plan(fixture.database, "user.users", MEMORY_FAULT_DAMAGED);
    struct answer damaged = get(&fixture, user_list, "unused", NULL);
    memory_faults_plan(fixture.database, "user.users", MEMORY_FAULT_AWAY);
    struct answer away = get(&fixture, user_list, "unused", NULL);

    cr_expect(damaged.ok, "%s", damaged.error.text);
    cr_expect_str_eq(damaged.body, "[]");
    cr_expect_eq(away.error.code, ERROR_UNAVAILABLE);
    fixture_clear(&fixture);
}

Test(users, keep_their_key)
{
    struct fixture fixture;
    fixture_init(&fixture);

    struct answer first = create(&fixture, "k-1", "{\"First\":\"Ada\"}");
    struct answer other = create(&fixture, "k-1", "{\"First\":\"Bo\"}");

    cr_assert(first.ok);
    cr_expect_eq(other.error.code, ERROR_KEY_REUSED);
    fixture_clear(&fixture);
}

struct bad_body {
    const char *body;
    const char *pointer; /* NULL: the body as a whole */
};

static const struct bad_body bad_bodies[] = {
    {"{}", "/First"},
    {"{\"First\":\"\"}", "/First"},
    {"{\"First\":null}", "/First"},
    {"{\"First\":5}", "/First"},
    {"{\"First\":{\"$gt\":\"\"}}", "/First"},
    {"{\"First\":\"Ada\",\"Last\":5}", "/Last"},
    {"{\"First\":\"Ada\",\"Age\":-1}", "/Age"},
    {"{\"First\":\"Ada\",\"Age\":151}", "/Age"},
    {"{\"First\":\"Ada\",\"Age\":1.5}", "/Age"},
    {"{\"First\":\"Ada\",\"Age\":\"36\"}", "/Age"},
    {"{\"First\":\"Ada\",\"first\":\"Bo\"}", NULL},
    {"[]", NULL},
    {"", NULL},
};

Test(users, are_refused_with_the_member_that_is_bad)
{
    struct fixture fixture;
    fixture_init(&fixture);

    for (size_t i = 0; i < ARRAY_SIZE(bad_bodies); i++) {
        struct answer answer = create(&fixture, NULL, bad_bodies[i].body);

        cr_expect_eq(answer.error.code, ERROR_INVALID, "%s", bad_bodies[i].body);
        if (bad_bodies[i].pointer)
            cr_expect_str_eq(answer.error.details[0].pointer, bad_bodies[i].pointer);
    }

    cr_expect_str_eq(get(&fixture, user_list, "unused", NULL).body, "[]");
    fixture_clear(&fixture);
}

Test(users, are_known_by_their_id_only)
{
    struct fixture fixture;
    fixture_init(&fixture);

    cr_expect_eq(get(&fixture, user_get, "0123456789abcdef01234567", NULL).error.code,
                 ERROR_NOT_FOUND);
    cr_expect_eq(get(&fixture, user_get, "ada", NULL).error.code, ERROR_NOT_FOUND);
    cr_expect_eq(get(&fixture, user_bookings_list, "0123456789abcdef01234567", NULL).error.code,
                 ERROR_NOT_FOUND);
    fixture_clear(&fixture);
}

Test(users, are_listed_page_by_page)
{
    struct fixture fixture;
    char query[256] = "limit=2";
    size_t n = 0;
    size_t n_pages = 0;
    fixture_init(&fixture);

    for (int i = 0; i < 5; i++)
        cr_assert(create(&fixture, NULL, "{\"First\":\"Ada\"}").ok);
    while (query[0] && n_pages < 9) {
        struct answer page = get(&fixture, user_list, "unused", query);

        cr_assert(page.ok, "%s", page.error.text);
        n += count(page.body, "\"ID\"");
        next_query(&page, query);
        n_pages++;
    }

    cr_expect_eq(n, 5);
    cr_expect_eq(n_pages, 3);
    cr_expect_eq(get(&fixture, user_list, "unused", "cursor=xyz").error.code, ERROR_INVALID);
    cr_expect_eq(get(&fixture, user_list, "unused", "limit=0").error.code, ERROR_INVALID);
    fixture_clear(&fixture);
}

Test(users, are_not_taken_for_unknown_when_the_database_is_away)
{
    struct fixture fixture;
    fixture_init(&fixture);
    struct object_id event_id = fixture_event(&fixture, 5);
    struct object_id_hex hex = object_id_hex(&event_id);
    struct answer user = create(&fixture, NULL, "{\"First\":\"Ada\"}");
    char body[128];

    snprintf(body, sizeof(body), "{\"seats\":1,\"UserID\":\"%s\"}", id_in(&user).text);
    const struct http_request request = request_to_book(hex.text, NULL, body);

    memory_faults_plan(fixture.database, "user.user", MEMORY_FAULT_AWAY);
    cr_expect_eq(fixture_call(&fixture, booking_create, &request).error.code, ERROR_UNAVAILABLE);
    cr_expect(fixture_call(&fixture, booking_create, &request).ok);
    fixture_clear(&fixture);
}

/* ---- what they hold ---- */

static struct answer book(struct fixture *fixture, const struct object_id *event_id,
                          const char *user_id)
{
    const struct object_id_hex hex = object_id_hex(event_id);
    char body[128];

    snprintf(body, sizeof(body), "{\"seats\":1,\"UserID\":%s%s%s}", user_id ? "\"" : "",
             user_id ? user_id : "null", user_id ? "\"" : "");
    const struct http_request request = request_to_book(hex.text, NULL, body);

    return fixture_call(fixture, booking_create, &request);
}

Test(users, hold_the_bookings_that_name_them)
{
    struct fixture fixture;
    fixture_init(&fixture);
    struct object_id event_id = fixture_event(&fixture, 5);
    struct answer user = create(&fixture, NULL, "{\"First\":\"Ada\"}");
    char query[256] = "limit=1";

    struct answer first = book(&fixture, &event_id, id_in(&user).text);
    struct answer guest = book(&fixture, &event_id, NULL);
    struct answer second = book(&fixture, &event_id, id_in(&user).text);
    struct answer page = get(&fixture, user_bookings_list, id_in(&user).text, query);
    next_query(&page, query);
    struct answer rest = get(&fixture, user_bookings_list, id_in(&user).text, query);

    cr_assert(first.ok && guest.ok && second.ok && page.ok && rest.ok);
    cr_expect(strstr(first.body, id_in(&user).text) != NULL, "%s", first.body);
    cr_expect(strstr(guest.body, "\"UserID\":null") != NULL, "%s", guest.body);
    cr_expect(strstr(page.body, id_in(&first).text) != NULL, "%s", page.body);
    cr_expect(strstr(page.body, id_in(&second).text) == NULL, "%s", page.body);
    cr_expect(strstr(rest.body, id_in(&second).text) != NULL, "%s", rest.body);
    fixture_clear(&fixture);
}

Test(users, are_shown_what_is_not_damaged_of_what_they_hold)
{
    struct fixture fixture;
    fixture_init(&fixture);
    struct answer user = create(&fixture, NULL, "{\"First\":\"Ada\"}");

    memory_faults_plan(fixture.database, "ledger.bookings_of", MEMORY_FAULT_DAMAGED);
    struct answer damaged = get(&fixture, user_bookings_list, id_in(&user).text, NULL);
    memory_faults_plan(fixture.database, "ledger.bookings_of", MEMORY_FAULT_AWAY);
    struct answer away = get(&fixture, user_bookings_list, id_in(&user).text, NULL);

    cr_expect(damaged.ok, "%s", damaged.error.text);
    cr_expect_str_eq(damaged.body, "[]");
    cr_expect_eq(away.error.code, ERROR_UNAVAILABLE);
    fixture_clear(&fixture);
}

Test(users, must_be_known_to_book)
{
    static const char *const nobodies[] = {"\"0123456789abcdef01234567\"", "\"ada\"", "\"\"", "5",
                                           "{\"$gt\":\"\"}"};
    struct fixture fixture;
    char body[128];
    fixture_init(&fixture);
    struct object_id event_id = fixture_event(&fixture, 5);
    struct object_id_hex hex = object_id_hex(&event_id);

    for (size_t i = 0; i < ARRAY_SIZE(nobodies); i++) {
        snprintf(body, sizeof(body), "{\"seats\":1,\"UserID\":%s}", nobodies[i]);
        const struct http_request request = request_to_book(hex.text, NULL, body);
        struct answer answer = fixture_call(&fixture, booking_create, &request);

        cr_expect_eq(answer.error.code, ERROR_INVALID, "%s", body);
        cr_expect_str_eq(answer.error.details[0].pointer, "/UserID");
    }
    fixture_clear(&fixture);
}

/* ---- pages of an event's bookings ---- */

Test(booking_list, goes_on_behind_the_last_booking_shown)
{
    struct fixture fixture;
    char query[256] = "limit=2";
    fixture_init(&fixture);
    struct object_id event_id = fixture_event(&fixture, 9);
    struct object_id_hex hex = object_id_hex(&event_id);
    struct answer made[5];

    for (size_t i = 0; i < ARRAY_SIZE(made); i++)
        made[i] = book(&fixture, &event_id, NULL);
    for (size_t i = 0; i < ARRAY_SIZE(made); i += 2) {
        struct answer page = get(&fixture, booking_list, hex.text, query);

        cr_assert(page.ok, "%s", page.error.text);
        for (size_t j = 0; j < ARRAY_SIZE(made); j++)
            cr_expect_eq(strstr(page.body, id_in(&made[j]).text) != NULL, j == i || j == i + 1);
        next_query(&page, query);
    }

    cr_expect_str_eq(query, "");
    fixture_clear(&fixture);
}

Test(booking_list, takes_only_cursors_of_its_own)
{
    /* "x", "0123456789abcdef01234567.0.0", and that without its index */
    static const char *const queries[] = {
        "cursor=eA", "cursor=MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3LjAuMA",
        "cursor=MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3LjA", "cursor=", "limit=1001"};
    struct fixture fixture;
    fixture_init(&fixture);
    struct object_id event_id = fixture_event(&fixture, 9);
    struct object_id_hex hex = object_id_hex(&event_id);

    for (size_t i = 0; i < ARRAY_SIZE(queries); i++)
        cr_expect_eq(get(&fixture, booking_list, hex.text, queries[i]).error.code, ERROR_INVALID,
                     "%s", queries[i]);
    fixture_clear(&fixture);
}
