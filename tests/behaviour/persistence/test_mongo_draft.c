/*
 * A new copy in the place of the old one, what was noted about the old one, and what the catalogue keeps to
 * say it again: things that only the tool asks for.
 */
#include "samples.h"

#include "persistence/copy_draft.h"

#include <criterion/criterion.h>
#include <mongoc/mongoc.h>
#include <stdio.h>
#include <string.h>

#define LOG "catalogue.log"

TestSuite(copy_draft, .init = world_begin, .fini = world_end, .timeout = 120);
TestSuite(said, .init = world_begin, .fini = world_end, .timeout = 120);

static void put(struct copy_store *copy, uint32_t number, const char *name, int64_t version)
{
    struct event event = event_of(number, name, 0);
    struct copy_event change = {.event = &event};
    struct error error = {0};

    event.version = version;
    cr_assert(copy_store_put_events(copy, &change, 1, &error), "%s", error.text);
}

/* "" when there is none. */
static const char *name_of(uint32_t number)
{
    static struct event_view view;
    const struct object_id id = id_of(number);

    view = (struct event_view){0};
    return copy_store_event(world.copy, &id, &view, NULL) ? view.event.name : "";
}

static struct copy_draft *open_draft(void)
{
    struct copy_draft *draft = NULL;
    struct error error = {0};

    cr_assert(copy_draft_open(world.database, &draft, &error), "%s", error.text);
    return draft;
}

static uint64_t generation(void)
{
    uint64_t number = 0;
    struct error error = {0};

    cr_assert(copy_store_generation(world.copy, &number, &error), "%s", error.text);
    cr_assert_neq(number, 0);
    return number;
}

static int64_t offset_of(uint64_t number)
{
    int64_t offset = 0;

    cr_assert(database_load_offset(world.database, LOG, number, &offset, NULL));
    return offset;
}

static void drop(const char *collection)
{
    mongoc_client_t *client = mongoc_client_new(world.options.url);
    mongoc_collection_t *handle =
        mongoc_client_get_collection(client, world.options.name, collection);

    cr_assert(mongoc_collection_drop(handle, NULL));
    mongoc_collection_destroy(handle);
    mongoc_client_destroy(client);
}

static int64_t count_collections(const char *pattern)
{
    mongoc_client_t *client = mongoc_client_new(world.options.url);
    mongoc_database_t *database = mongoc_client_get_database(client, world.options.name);
    bson_t *options = BCON_NEW("filter", "{", "name", BCON_REGEX(pattern, ""), "}");
    mongoc_cursor_t *cursor = mongoc_database_find_collections_with_opts(database, options);
    const bson_t *document;
    int64_t n = 0;

    while (mongoc_cursor_next(cursor, &document))
        n++;
    mongoc_cursor_destroy(cursor);
    bson_destroy(options);
    mongoc_database_destroy(database);
    mongoc_client_destroy(client);
    return n;
}

Test(copy_draft, is_seen_by_nobody_before_it_is_installed)
{
    struct copy_draft *draft = open_draft();

    put(world.copy, 1, "old", 1);
    put(copy_draft_store(draft), 1, "new", 2);
    cr_expect_str_eq(name_of(1), "old");
    copy_draft_free(draft);

    cr_expect_str_eq(name_of(1), "old");
    cr_expect_eq(count_collections("draft"), 0);
}

Test(copy_draft, takes_the_place_of_the_copy_with_all_there_is_in_it)
{
    struct copy_draft *draft = open_draft();
    struct error error = {0};

    put(world.copy, 1, "old", 5);
    put(world.copy, 2, "only there", 1);
    put(copy_draft_store(draft), 1, "new", 2);
    cr_assert(copy_draft_install(draft, LOG, 77, &error), "%s", error.text);
    copy_draft_free(draft);

    cr_expect_str_eq(name_of(1), "new", "a lower version as well");
    cr_expect_str_eq(name_of(2), "");
    cr_expect_eq(offset_of(generation()), 77);
    cr_expect_eq(count_collections("draft"), 0);
}

Test(copy_draft, keeps_what_it_does_not_have_itself)
{
    struct copy_draft *draft = open_draft();
    struct error error = {0};
    int64_t n_kept = 0;

    for (uint32_t i = 1; i <= 300; i++)
        put(world.copy, i, "old", 5);
    put(copy_draft_store(draft), 1, "new", 2);
    cr_assert(copy_draft_keep(draft, &n_kept, &error), "%s", error.text);
    cr_assert(copy_draft_install(draft, LOG, 77, &error), "%s", error.text);
    copy_draft_free(draft);

    cr_expect_eq(n_kept, 299);
    cr_expect_str_eq(name_of(1), "new");
    cr_expect_str_eq(name_of(300), "old");
}

Test(copy_draft, is_not_installed_when_another_program_has_begun_one)
{
    struct copy_draft *first = open_draft();
    struct copy_draft *second;
    struct error error = {0};

    put(world.copy, 1, "old", 1);
    put(copy_draft_store(first), 1, "first", 1);
    second = open_draft();
    put(copy_draft_store(first), 2, "late", 1); /* which makes its collection anew */
    cr_expect_not(copy_draft_install(first, LOG, 77, &error));
    cr_expect_eq(error.code, ERROR_CONFLICT);
    copy_draft_free(first);

    cr_expect_str_eq(name_of(1), "old");
    cr_expect(copy_draft_install(second, LOG, 78, NULL));
    cr_expect_str_eq(name_of(1), "");
    copy_draft_free(second);
}

Test(copy_draft, has_the_indexes_of_the_copy)
{
    struct copy_draft *draft = open_draft();

    put(copy_draft_store(draft), 1, "new", 1);
    cr_assert(copy_draft_install(draft, LOG, 1, NULL));
    copy_draft_free(draft);

    mongoc_client_t *client = mongoc_client_new(world.options.url);
    mongoc_collection_t *handle =
        mongoc_client_get_collection(client, world.options.name, "copied_events");
    mongoc_cursor_t *cursor = mongoc_collection_find_indexes_with_opts(handle, NULL);
    const bson_t *document;
    int n = 0;

    while (mongoc_cursor_next(cursor, &document))
        n++;
    cr_expect_eq(n, 4, "%d: _id, in_order, by_name, by_location", n);
    mongoc_cursor_destroy(cursor);
    mongoc_collection_destroy(handle);
    mongoc_client_destroy(client);
}

/* ---- what was noted about a copy ---- */

Test(copy_draft, leaves_an_offset_with_the_copy_that_it_was_read_into)
{
    const uint64_t first = generation();

    cr_assert(database_store_offset(world.database, LOG, first, 42, NULL));
    cr_expect_eq(generation(), first);
    cr_expect_eq(offset_of(first), 42);

    drop("copied_events");
    cr_expect_neq(generation(), first);
    cr_expect_eq(offset_of(generation()), 0);
}

Test(copy_draft, notices_that_only_the_locations_are_gone)
{
    const uint64_t first = generation();

    drop("copied_locations");

    cr_expect_neq(generation(), first);
}

Test(copy_draft, notices_that_the_sales_are_gone)
{
    uint64_t first;
    uint64_t second;

    cr_assert(catalogue_store_sales_generation(world.catalogue, &first, NULL));
    drop("sales");
    cr_assert(catalogue_store_sales_generation(world.catalogue, &second, NULL));

    cr_expect_neq(first, second);
}

/* ---- what was said ---- */

struct said {
    char text[128];
};

static bool note_said(void *context, const struct outbox_message *message, struct error *error)
{
    struct said *said = context;
    size_t length = strlen(said->text);

    (void)error;
    snprintf(said->text + length, sizeof(said->text) - length, "%dv%d %s at %d: %s; ",
             message->subject.bytes[OBJECT_ID_BYTES - 1], (int)message->version, message->name,
             (int)message->time_ms, message->body ? message->body : "none");
    return true;
}

static const char *said_of_events(void)
{
    static struct said said;
    const struct catalogue_scan scan = {.limit = 10};
    struct error error = {0};

    said = (struct said){0};
    cr_assert(catalogue_store_said(world.catalogue, &scan, note_said, &said, &error), "%s",
              error.text);
    return said.text;
}

static struct outbox_message news(const char *name, int64_t version, char *body)
{
    struct outbox_message message = message_of(OUTBOX_EVENT, 1, version * 10);

    snprintf(message.name, sizeof(message.name), "%s", name);
    message.version = version;
    message.body = body;
    message.body_bytes = strlen(body);
    return message;
}

Test(said, stays_when_the_message_has_left_the_outbox_and_follows_changes)
{
    char bodies[][8] = {"first", "second", "gone"};
    struct outbox_message messages[] = {news("event.created", 1, bodies[0]),
                                        news("event.updated", 2, bodies[1]),
                                        news("event.removed", 3, bodies[2])};
    const struct outbox_message *const marked[] = {&messages[0], &messages[1], &messages[2]};
    struct event event = event_of(1, "Aida", 0);

    cr_assert(catalogue_store_insert_event(world.catalogue, &event, NULL, &messages[0], NULL));
    cr_assert(catalogue_store_mark(world.catalogue, marked, 1, NULL));
    cr_expect_str_eq(said_of_events(), "1v1 event.created at 10: first; ");

    event.version = 2;
    cr_assert(catalogue_store_change_event(world.catalogue, &event, &messages[1], NULL));
    cr_assert(catalogue_store_mark(world.catalogue, marked, 2, NULL));
    cr_expect_str_eq(said_of_events(), "1v2 event.updated at 20: second; ");

    cr_assert(catalogue_store_remove(world.catalogue, &messages[2], NULL));
    cr_assert(catalogue_store_mark(world.catalogue, marked, 3, NULL));
    cr_expect_str_eq(said_of_events(), "1v3 event.removed at 30: gone; ");
}

Test(said, is_nothing_of_a_document_that_did_not_keep_it)
{
    char body[] = "first";
    struct outbox_message message = news("event.created", 1, body);
    struct event event = event_of(1, "Aida", 0);
    mongoc_client_t *client = mongoc_client_new(world.options.url);
    mongoc_collection_t *events =
        mongoc_client_get_collection(client, world.options.name, "events");
    bson_t *all = bson_new();
    bson_t *unset = BCON_NEW("$unset", "{", "said", BCON_BOOL(true), "}");

    cr_assert(catalogue_store_insert_event(world.catalogue, &event, NULL, &message, NULL));
    cr_assert(mongoc_collection_update_one(events, all, unset, NULL, NULL, NULL));
    bson_destroy(unset);
    bson_destroy(all);
    mongoc_collection_destroy(events);
    mongoc_client_destroy(client);

    cr_expect_str_eq(said_of_events(), "1v1  at 0: none; ");
}
