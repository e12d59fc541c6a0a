/* What a page costs the server, as its profiler saw it: a range of an index, wherever the page is. */
#include "samples.h"

#include <criterion/criterion.h>
#include <mongoc/mongoc.h>
#include <stdio.h>

enum {
    N_STORED = 60,
    LIMIT = 5
};

static mongoc_client_t *client;

static void command(const char *json)
{
    bson_t *document = bson_new_from_json((const uint8_t *)json, -1, NULL);
    bson_error_t error;

    cr_assert(document);
    cr_assert(
        mongoc_client_command_simple(client, world.options.name, document, NULL, NULL, &error),
        "%s", error.message);
    bson_destroy(document);
}

/* Names repeat, so that a page by name has neighbours of other names around it. */
static void store_all(void)
{
    char name[16];
    struct error error = {0};

    for (uint32_t i = 0; i < N_STORED; i++) {
        snprintf(name, sizeof(name), "name %u", i % 3);

        struct event event = event_of(i, name, i / 2);
        struct location location = location_of(i, name);
        struct outbox_message message = message_of(OUTBOX_EVENT, i, 1);

        event.location_id = id_of(1000 + i % 3);
        cr_assert(catalogue_store_insert_event(world.catalogue, &event, NULL, &message, &error),
                  "%s", error.text);
        message.kind = OUTBOX_LOCATION;
        cr_assert(
            catalogue_store_insert_location(world.catalogue, &location, NULL, &message, &error),
            "%s", error.text);
    }
}

static void store_found(void)
{
    struct error error = {0};

    for (uint32_t i = 0; i < N_STORED; i++) {
        const struct search_entry entry = {.event_id = id_of(i),
                                           .event_version = 1,
                                           .start_s = i / 2,
                                           .words = i % 3 == 1 ? "common rare" : "common"};

        cr_assert(search_store_put(world.search, &entry, 1, &error), "%s", error.text);
    }
}

static void begin(void)
{
    world_begin();
    client = mongoc_client_new(world.options.url);
    store_all();
    store_found();
    command("{\"profile\": 2}");
}

static void end(void)
{
    command("{\"profile\": 0}");
    mongoc_client_destroy(client);
    world_end();
}

TestSuite(mongo_pages, .init = begin, .fini = end, .timeout = 120);

static int64_t number_of(const bson_t *document, const char *name)
{
    bson_iter_t found;

    return bson_iter_init_find(&found, document, name) ? bson_iter_as_int64(&found) : 0;
}

/* Every find of @collection that was seen took few documents, by an index, and sorted nothing. */
static void expect_ranges(const char *collection, const char *index)
{
    mongoc_collection_t *profile =
        mongoc_client_get_collection(client, world.options.name, "system.profile");
    char space[128];
    const bson_t *seen;
    int n = 0;

    snprintf(space, sizeof(space), "%s.%s", world.options.name, collection);

    bson_t *filter = BCON_NEW("ns", BCON_UTF8(space), "op", BCON_UTF8("query"));
    mongoc_cursor_t *cursor = mongoc_collection_find_with_opts(profile, filter, NULL, NULL);

    for (; mongoc_cursor_next(cursor, &seen); n++) {
        bson_iter_t plan;
        char *text = bson_as_relaxed_extended_json(seen, NULL);

        cr_assert(bson_iter_init_find(&plan, seen, "planSummary"));
        cr_expect(strstr(bson_iter_utf8(&plan, NULL), index), "%s", text);
        cr_expect_not(bson_has_field(seen, "hasSortStage"), "%s", text);
        cr_expect_leq(number_of(seen, "docsExamined"), LIMIT + 1, "%s", text);
        cr_expect_leq(number_of(seen, "keysExamined"), LIMIT + 3, "%s", text);
        bson_free(text);
    }
    cr_expect_eq(n, 1, "%d finds", n);
    mongoc_cursor_destroy(cursor);
    bson_destroy(filter);
    mongoc_collection_destroy(profile);
}

static bool count_event(void *context, const struct event_view *view, struct error *error)
{
    (void)view;
    (void)error;
    ++*(size_t *)context;
    return true;
}

static bool count_location(void *context, const struct location *location, struct error *error)
{
    (void)location;
    (void)error;
    ++*(size_t *)context;
    return true;
}

static void list_events(const struct event_page *page)
{
    size_t n = 0;
    struct error error = {0};

    cr_assert(catalogue_store_events(world.catalogue, page, count_event, &n, &error), "%s",
              error.text);
    cr_assert_eq(n, LIMIT);
}

static void list_locations(const struct location_page *page)
{
    size_t n = 0;
    struct error error = {0};

    cr_assert(catalogue_store_locations(world.catalogue, page, count_location, &n, &error), "%s",
              error.text);
    cr_assert_eq(n, LIMIT);
}

Test(mongo_pages, of_events_begin_at_the_start)
{
    const struct event_page page = {.limit = LIMIT};

    list_events(&page);
    expect_ranges("events", "start: 1, _id: 1");
}

Test(mongo_pages, of_events_go_on_anywhere)
{
    const struct event_page page = {
        .limit = LIMIT, .has_after = true, .after_start_s = 20, .after_id = id_of(40)};

    list_events(&page);
    expect_ranges("events", "start: 1, _id: 1");
}

Test(mongo_pages, of_events_lie_between_two_dates)
{
    const int64_t from_s = 10;
    const int64_t to_s = 25;
    const struct event_page page = {.limit = LIMIT, .from_s = &from_s, .to_s = &to_s};

    list_events(&page);
    expect_ranges("events", "start: 1, _id: 1");
}

Test(mongo_pages, of_events_have_one_name)
{
    const struct event_page page = {.limit = LIMIT,
                                    .has_after = true,
                                    .after_start_s = 10,
                                    .after_id = id_of(20),
                                    .name = "name 1"};

    list_events(&page);
    expect_ranges("events", "name: 1, start: 1");
}

Test(mongo_pages, of_events_have_one_location)
{
    const struct object_id location_id = id_of(1001);
    const struct event_page page = {.limit = LIMIT,
                                    .has_after = true,
                                    .after_start_s = 10,
                                    .after_id = id_of(20),
                                    .location_id = &location_id};

    list_events(&page);
    expect_ranges("events", "location_id: 1, start: 1");
}

Test(mongo_pages, of_locations_go_on_anywhere)
{
    const struct location_page page = {.limit = LIMIT, .has_after = true, .after_id = id_of(40)};

    list_locations(&page);
    expect_ranges("locations", "_id: 1");
}

Test(mongo_pages, of_locations_have_one_name)
{
    const struct location_page page = {
        .limit = LIMIT, .has_after = true, .after_id = id_of(20), .name = "name 1"};

    list_locations(&page);
    expect_ranges("locations", "name: 1, _id: 1");
}

static void find(const struct search_page *page)
{
    struct search_hit hits[LIMIT];
    size_t n_hits = 0;
    struct error error = {0};

    cr_assert(search_store_find(world.search, page, hits, &n_hits, &error), "%s", error.text);
    cr_assert_eq(n_hits, LIMIT);
}

Test(mongo_pages, of_what_was_found_have_one_word)
{
    const int64_t to_s = 25;
    const struct search_page page = {.limit = LIMIT,
                                     .words = "rare",
                                     .has_after = true,
                                     .after_start_s = 10,
                                     .after_id = id_of(20),
                                     .to_s = &to_s};

    find(&page);
    expect_ranges("found", "words: 1, start: 1");
}

Test(mongo_pages, of_what_was_found_lie_between_two_dates)
{
    const int64_t from_s = 10;
    const struct search_page page = {.limit = LIMIT, .words = "", .from_s = &from_s};

    find(&page);
    expect_ranges("found", "start: 1, _id: 1");
}
