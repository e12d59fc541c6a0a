#include "support.h"

#include "persistence/memory_faults.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static struct fixture fixture;

static void begin(void)
{
    fixture_init(&fixture);
}

static void end(void)
{
    fixture_clear(&fixture);
}

TestSuite(creation_key, .init = begin, .fini = end);

static struct answer create(http_handler *handle, const char *key, const char *body)
{
    return fixture_call_with(&fixture, handle, NULL, body,
                             (struct http_header){"Idempotency-Key", key});
}

static const struct {
    http_handler *create;
    http_handler *remove;
} kinds[] = {{event_create, event_remove}, {location_create, location_remove}};

Test(creation_key, finds_what_the_first_request_created)
{
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
        struct answer first = create(kinds[i].create, "k", "{\"Name\":\"a\",\"Duration\":1}");
        struct answer again =
            create(kinds[i].create, "\"k\"", "{ \"duration\":1, \"name\":\"a\" }");
        struct answer other = create(kinds[i].create, "j", "{\"Name\":\"a\",\"Duration\":1}");

        cr_assert(first.ok && again.ok && other.ok);
        cr_expect_not(first.replayed);
        cr_expect(again.replayed);
        cr_expect_eq(again.status, 201);
        cr_expect_str_eq(again.body, first.body);
        cr_expect_not(other.replayed);
        cr_expect_str_neq(other.body, first.body);
    }
}

Test(creation_key, stands_for_one_meaning)
{
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
        cr_assert(create(kinds[i].create, "k", "{\"Name\":\"a\"}").ok);
        cr_expect_eq(create(kinds[i].create, "k", "{\"Name\":\"b\"}").error.code, ERROR_KEY_REUSED);
    }
}

Test(creation_key, means_the_same_location_by_either_name)
{
    struct object_id_hex place = fixture_create(&fixture, location_create, "{\"Name\":\"Opera\"}");
    char by_id[96];
    char by_member[96];

    snprintf(by_id, sizeof(by_id), "{\"Name\":\"a\",\"LocationID\":\"%s\"}", place.text);
    snprintf(by_member, sizeof(by_member), "{\"Name\":\"a\",\"Location\":{\"ID\":\"%s\"}}",
             place.text);
    struct answer first = create(event_create, "k", by_id);
    struct answer again = create(event_create, "k", by_member);

    cr_assert(first.ok && again.ok, "%s", again.error.text);
    cr_expect(again.replayed);
    cr_expect_str_eq(again.body, first.body);
}

Test(creation_key, is_gone_with_what_it_created)
{
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
        struct answer first = create(kinds[i].create, "k", "{\"Name\":\"a\"}");
        char id[25] = "";

        cr_assert(first.ok);
        memcpy(id, strstr(first.body, "\"ID\":\"") + 6, 24);
        cr_assert(fixture_call(&fixture, kinds[i].remove, id, NULL).ok);
        cr_expect_eq(create(kinds[i].create, "k", "{\"Name\":\"a\"}").error.code, ERROR_GONE);
    }
}

Test(creation_key, keeps_successes_only)
{
    cr_assert_not(create(event_create, "k", "{\"Name\":\"\"}").ok);
    cr_expect(create(event_create, "k", "{\"Name\":\"a\"}").ok);
}

Test(creation_key, finds_the_location_that_an_unlucky_request_has_stored)
{
    static const char body[] = "{\"Name\":\"a\",\"Location\":{\"Name\":\"b\"}}";
    struct answer locations;

    memory_faults_plan(fixture.database, "catalogue.insert_event", MEMORY_FAULT_AWAY);
    cr_expect_eq(create(event_create, "k", body).error.code, ERROR_UNAVAILABLE);
    cr_expect(create(event_create, "k", body).ok);

    locations = fixture_call(&fixture, location_list, NULL, NULL);
    cr_assert(locations.ok);
    cr_expect_null(strstr(strstr(locations.body, "\"Name\"") + 1, "\"Name\""), "%s",
                   locations.body);
}

Test(creation_key, tells_every_member_of_the_meaning_apart)
{
    static const char *const bodies[] = {
        "{\"Name\":\"a\"}",
        "{\"Name\":\"a\",\"Duration\":1}",
        "{\"Name\":\"a\",\"StartDate\":1}",
        "{\"Name\":\"a\",\"EndDate\":1}",
        "{\"Name\":\"a\",\"Capacity\":1}",
        "{\"Name\":\"a\",\"Closed\":true}",
        "{\"Name\":\"a\",\"Location\":{\"Name\":\"b\"}}",
        "{\"Name\":\"a\",\"Location\":{\"Name\":\"b\",\"OpenTime\":1}}",
        "{\"Name\":\"a\",\"Location\":{\"Name\":\"b\",\"Address\":\"c\"}}",
        "{\"Name\":\"a\",\"ID\":\"0123456789abcdef01234567\"}",
    };

    cr_assert(create(event_create, "k", bodies[0]).ok);
    for (size_t i = 1; i < ARRAY_SIZE(bodies); i++)
        cr_expect_eq(create(event_create, "k", bodies[i]).error.code, ERROR_KEY_REUSED, "%s",
                     bodies[i]);
}
