#include "support.h"

#include "persistence/backend.h"

#include <criterion/criterion.h>
#include <stdio.h>

static struct fixture fixture;
static const struct catalogue_store_ops *stored;

static void begin(void)
{
    fixture_init(&fixture);
    stored = fixture.service.catalogue->ops;
}

static void end(void)
{
    fixture_clear(&fixture);
}

TestSuite(event_store, .init = begin, .fini = end);

/* Between look and insert somebody else brings a location under the same id. */
static bool insert_as_second(struct catalogue_store *store, const struct location *location,
                             const struct catalogue_key *key, const struct outbox_message *message,
                             struct error *error)
{
    struct hall hall = {.name = "A", .capacity = 5};
    const struct location first = {
        .id = location->id, .version = 1, .name = "First", .halls = &hall, .n_halls = 1};

    store->ops = stored;
    return stored->insert_location(store, &first, NULL, message, error) &&
           stored->insert_location(store, location, key, message, error);
}

Test(event_store, takes_the_location_of_who_brought_it_first)
{
    static const char body[] = "{\"Name\":\"Aida\",\"Location\":{\"ID\":\"%024d\","
                               "\"Name\":\"Second\",\"Halls\":[{\"name\":\"A\",\"capacity\":9}]}}";
    http_handler *const handlers[] = {event_create, event_put};
    struct catalogue_store_ops raced = *stored;
    char text[sizeof(body) + 24];

    raced.insert_location = insert_as_second;
    for (size_t i = 0; i < ARRAY_SIZE(handlers); i++) {
        fixture.service.catalogue->ops = &raced;
        snprintf(text, sizeof(text), body, (int)i + 1);
        struct answer answer =
            fixture_call(&fixture, handlers[i], "0123456789abcdef01234567", text);

        cr_assert(answer.ok, "%s", answer.error.text);
        cr_expect_eq(answer.status, 201);
        expect_says(answer, "\"Name\":\"First\"");
        expect_says(answer, "\"Capacity\":5");
    }
}

Test(event_store, leaves_no_location_behind_when_the_id_is_taken)
{
    struct object_id_hex id = fixture_create(
        &fixture, event_create, "{\"ID\":\"0123456789abcdef01234567\",\"Name\":\"a\"}");
    struct answer refused = fixture_call(&fixture, event_create, NULL,
                                         "{\"ID\":\"0123456789abcdef01234567\",\"Name\":\"b\","
                                         "\"Location\":{\"Name\":\"Stray\"}}");
    struct answer changed = fixture_call(
        &fixture, event_patch, id.text,
        "{\"Location\":{\"Name\":\"Wanted\",\"Halls\":[{\"name\":\"A\",\"capacity\":7}]}}");

    cr_expect_eq(refused.error.code, ERROR_EXISTS);
    cr_assert(changed.ok, "%s", changed.error.text);
    expect_says(changed, "\"Name\":\"Wanted\"");
    expect_says(changed, "\"Capacity\":7");
}

Test(event_store, has_what_an_event_brought_along_changed_as_a_location)
{
    static const char id[] = "0123456789abcdef01234567";
    static const char opera[] = "{\"Name\":\"Aida\",\"Location\":{\"Name\":\"Opera\"}}";
    static const char arena[] = "{\"Name\":\"Aida\",\"Location\":{\"Name\":\"Arena\"}}";
    struct answer first = fixture_call(&fixture, event_put, id, opera);
    struct answer again = fixture_call(&fixture, event_put, id, opera);
    struct answer other = fixture_call(&fixture, event_put, id, arena);

    cr_assert(first.ok && again.ok);
    cr_expect_str_eq(again.body, first.body);
    cr_assert_not(other.ok);
    cr_expect_eq(other.error.code, ERROR_INVALID);
    cr_expect_str_eq(other.error.details[0].pointer, "/Location");
}
