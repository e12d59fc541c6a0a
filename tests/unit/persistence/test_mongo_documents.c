#include "persistence/mongo/mongo_documents.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

/* As long as a text may be: 200 characters of four bytes. */
static void fill(char text[TEXT_BYTES])
{
    for (size_t i = 0; i < TEXT_CHARACTERS_MAX; i++)
        memcpy(text + 4 * i, "\xf0\x9f\x8e\xad", 4);
    text[TEXT_BYTES - 1] = '\0';
}

static struct event full_event(void)
{
    struct event event = {
        .id = {{1}},
        .version = INT64_MAX,
        .location_id = {{2}},
        .capacity = CAPACITY_MAX,
        .closed = true,
        .duration_minutes = INT64_MAX,
        .start_s = -SECONDS_MAX,
        .end_s = SECONDS_MAX,
    };

    fill(event.name);
    fill(event.hall);
    return event;
}

static void check_event(const struct event *event)
{
    bson_t document = BSON_INITIALIZER;
    struct event read = {0};
    struct error error = {0};

    mongo_event_append(&document, event);
    cr_assert(mongo_event_read(&document, &read, &error), "%s", error.text);

    cr_expect(object_id_equal(&read.id, &event->id));
    cr_expect_eq(read.version, event->version);
    cr_expect_str_eq(read.name, event->name);
    cr_expect(object_id_equal(&read.location_id, &event->location_id));
    cr_expect_str_eq(read.hall, event->hall);
    cr_expect_eq(read.capacity, event->capacity);
    cr_expect_eq(read.closed, event->closed);
    cr_expect_eq(read.duration_minutes, event->duration_minutes);
    cr_expect_eq(read.start_s, event->start_s);
    cr_expect_eq(read.end_s, event->end_s);
    cr_expect_not(mongo_document_is_removed(&document));
    bson_destroy(&document);
}

Test(mongo_documents, bring_an_event_back)
{
    const struct event full = full_event();
    const struct event bare = {
        .id = {{1}}, .version = 1, .name = "Aida", .capacity = CAPACITY_UNKNOWN};

    check_event(&full);
    check_event(&bare);
}

static void check_location(const struct location *location)
{
    CLEANUP(location_clear) struct location read = {0};
    bson_t document = BSON_INITIALIZER;
    struct error error = {0};

    mongo_location_append(&document, location);
    cr_assert(mongo_location_read(&document, &read, &error), "%s", error.text);

    cr_expect(object_id_equal(&read.id, &location->id));
    cr_expect_eq(read.version, location->version);
    cr_expect_str_eq(read.name, location->name);
    cr_expect_str_eq(read.address, location->address);
    cr_expect_str_eq(read.country, location->country);
    cr_expect_eq(read.open_hour, location->open_hour);
    cr_expect_eq(read.close_hour, location->close_hour);
    cr_assert_eq(read.n_halls, location->n_halls);
    for (size_t i = 0; i < read.n_halls; i++) {
        cr_expect_str_eq(read.halls[i].name, location->halls[i].name);
        cr_expect_str_eq(read.halls[i].location, location->halls[i].location);
        cr_expect_eq(read.halls[i].capacity, location->halls[i].capacity);
    }
    bson_destroy(&document);
}

Test(mongo_documents, bring_a_location_back)
{
    static struct hall halls[HALLS_MAX];
    struct location full = {.id = {{1}},
                            .version = 2,
                            .open_hour = HOUR_MAX,
                            .close_hour = HOUR_MAX,
                            .halls = halls,
                            .n_halls = HALLS_MAX};
    const struct location bare = {.id = {{1}}, .version = 1};

    fill(full.name);
    fill(full.address);
    fill(full.country);
    for (size_t i = 0; i < HALLS_MAX; i++) {
        fill(halls[i].name);
        fill(halls[i].location);
        halls[i].capacity = CAPACITY_MAX;
    }
    check_location(&full);
    check_location(&bare);
}

/* ---- what breaks the rules ---- */

typedef bool read_function(const bson_t *document, struct error *error);

static bool read_event(const bson_t *document, struct error *error)
{
    struct event event = {0};

    return mongo_event_read(document, &event, error);
}

static bool read_location(const bson_t *document, struct error *error)
{
    CLEANUP(location_clear) struct location location = {0};

    return mongo_location_read(document, &location, error);
}

static bool read_sale(const bson_t *document, struct error *error)
{
    struct sale_heard sale = {0};

    return mongo_sale_read(document, &sale, error);
}

static bool read_outbox(const bson_t *document, struct error *error)
{
    CLEANUP(outbox_list_clear) struct outbox_list list = {0};

    return mongo_outbox_read(document, OUTBOX_EVENT, &list, error);
}

static void check_corrupt(read_function *read, const bson_t *document, const char *what)
{
    struct error error = {0};

    cr_assert_not(read(document, &error), "%s", what);
    cr_expect_eq(error.code, ERROR_CORRUPT, "%s: %s", what, error.text);
}

static void check_each_missing(read_function *read, const bson_t *document,
                               const char *const members[])
{
    struct error error = {0};

    cr_assert(read(document, &error), "%s", error.text);
    for (size_t i = 0; members[i]; i++) {
        bson_t part = BSON_INITIALIZER;

        bson_copy_to_excluding_noinit(document, &part, members[i], NULL);
        check_corrupt(read, &part, members[i]);
        bson_destroy(&part);
    }
}

static void check_replaced(read_function *read, const bson_t *document, const char *name,
                           const char *json)
{
    bson_t *member = bson_new_from_json((const uint8_t *)json, -1, NULL);
    bson_t changed = BSON_INITIALIZER;

    cr_assert_not_null(member, "%s", json);
    bson_copy_to_excluding_noinit(document, &changed, name, NULL);
    bson_concat(&changed, member);
    check_corrupt(read, &changed, json);
    bson_destroy(&changed);
    bson_destroy(member);
}

Test(mongo_documents, call_an_event_corrupt_that_breaks_its_rules)
{
    static const char *const members[] = {"_id",      "version", "name", "capacity", "closed",
                                          "duration", "start",   "end",  NULL};
    static const char *const rows[][2] = {
        {"_id", "{\"_id\": 1}"},
        {"version", "{\"version\": 0}"},
        {"name", "{\"name\": 1}"},
        {"name", "{\"name\": \"a\\u0000b\"}"},
        {"location_id", "{\"location_id\": \"here\"}"},
        {"hall", "{\"hall\": null}"},
        {"capacity", "{\"capacity\": 1000001}"},
        {"closed", "{\"closed\": 1}"},
        {"duration", "{\"duration\": -1}"},
        {"start", "{\"start\": 253402300800}"},
        {"end", "{\"end\": 1.5}"},
    };
    const struct event event = full_event();
    bson_t document = BSON_INITIALIZER;
    char name[TEXT_BYTES + 1];

    mongo_event_append(&document, &event);
    check_each_missing(read_event, &document, members);
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
        check_replaced(read_event, &document, rows[i][0], rows[i][1]);
    bson_destroy(&document);

    memset(name, 'x', sizeof(name));
    bson_init(&document);
    bson_append_utf8(&document, "name", -1, name, sizeof(name));
    check_corrupt(read_event, &document, "a name that is too long");
    bson_destroy(&document);
}

Test(mongo_documents, name_member_and_document_in_an_error)
{
    static const char json[] =
        "{\"_id\": {\"$oid\": \"0123456789abcdef01234567\"}, \"version\": 1, \"name\": \"Aida\"}";
    bson_t *document = bson_new_from_json((const uint8_t *)json, -1, NULL);
    struct error error = {0};

    cr_assert_not(read_event(document, &error));

    cr_expect_str_eq(error.text, "event 0123456789abcdef01234567: member capacity is missing");
    bson_destroy(document);
}

Test(mongo_documents, call_a_location_corrupt_that_breaks_its_rules)
{
    static const char *const members[] = {"_id",     "version", "name",  "address",
                                          "country", "open",    "close", NULL};
    static const char *const rows[][2] = {
        {"open", "{\"open\": 25}"},
        {"close", "{\"close\": -1}"},
        {"halls", "{\"halls\": {\"name\": \"x\"}}"},
        {"halls", "{\"halls\": [\"x\"]}"},
        {"halls", "{\"halls\": [{\"name\": \"x\", \"location\": \"\"}]}"},
        {"halls", "{\"halls\": [{\"name\": \"x\", \"location\": \"\", \"capacity\": -1}]}"},
    };
    const struct location location = {.id = {{1}}, .version = 1, .name = "Opera"};
    bson_t document = BSON_INITIALIZER;

    mongo_location_append(&document, &location);
    check_each_missing(read_location, &document, members);
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
        check_replaced(read_location, &document, rows[i][0], rows[i][1]);
    bson_destroy(&document);
}

Test(mongo_documents, call_a_location_corrupt_that_has_too_many_halls)
{
    static struct hall halls[HALLS_MAX + 1];
    const struct location location = {
        .id = {{1}}, .version = 1, .halls = halls, .n_halls = HALLS_MAX + 1};
    bson_t document = BSON_INITIALIZER;

    mongo_location_append(&document, &location);
    check_corrupt(read_location, &document, "101 halls");
    bson_destroy(&document);
}

Test(mongo_documents, know_what_is_only_a_tombstone)
{
    bson_t *bare = bson_new_from_json((const uint8_t *)"{\"_id\": 1, \"removed\": true}", -1, NULL);
    bson_t *named = bson_new_from_json(
        (const uint8_t *)"{\"_id\": 1, \"removed\": true, \"name\": \"x\"}", -1, NULL);
    bson_t *there =
        bson_new_from_json((const uint8_t *)"{\"_id\": 1, \"removed\": false}", -1, NULL);

    cr_expect(mongo_document_is_removed(bare) && mongo_document_is_bare(bare));
    cr_expect(mongo_document_is_removed(named) && !mongo_document_is_bare(named));
    cr_expect(!mongo_document_is_removed(there) && !mongo_document_is_bare(there));
    bson_destroy(bare);
    bson_destroy(named);
    bson_destroy(there);
}

/* ---- sales and outbox ---- */

#define ID "{\"$oid\": \"090000000000000000000000\"}"

Test(mongo_documents, call_a_sale_corrupt_that_breaks_its_rules)
{
    static const char json[] = "{\"_id\": " ID ", \"entry\": 3, \"sold\": 20}";
    static const char *const members[] = {"_id", "entry", "sold", NULL};
    bson_t *document = bson_new_from_json((const uint8_t *)json, -1, NULL);
    struct sale_heard sale = {0};
    struct error error = {0};

    cr_assert(mongo_sale_read(document, &sale, &error), "%s", error.text);
    cr_expect_eq(sale.entry, 3);
    cr_expect_eq(sale.seats_sold, 20);
    check_each_missing(read_sale, document, members);
    check_replaced(read_sale, document, "sold", "{\"sold\": -1}");
    bson_destroy(document);
}

Test(mongo_documents, bring_a_message_back)
{
    static char body[] = "{\"name\": \"Zauberfl\xc3\xb6te\"}";
    const struct outbox_message message = {.version = 3,
                                           .name = "event.created",
                                           .time_ms = INT64_C(1800000000123),
                                           .body = body,
                                           .body_bytes = sizeof(body) - 1};
    const struct object_id subject = {{9}};
    CLEANUP(outbox_list_clear) struct outbox_list list = {0};
    bson_t *document = bson_new_from_json((const uint8_t *)"{\"_id\": " ID "}", -1, NULL);
    struct error error = {0};

    mongo_outbox_append(document, &message);
    cr_assert(mongo_outbox_read(document, OUTBOX_LOCATION, &list, &error), "%s", error.text);

    cr_assert_eq(list.n_messages, 1);
    cr_expect_eq(list.messages[0].kind, OUTBOX_LOCATION);
    cr_expect(object_id_equal(&list.messages[0].subject, &subject));
    cr_expect_eq(list.messages[0].version, 3);
    cr_expect_str_eq(list.messages[0].name, "event.created");
    cr_expect_eq(list.messages[0].time_ms, message.time_ms);
    cr_expect_eq(list.messages[0].body_bytes, message.body_bytes);
    cr_expect_str_eq(list.messages[0].body, body);
    bson_destroy(document);
}

Test(mongo_documents, take_a_full_outbox_and_an_empty_one)
{
    CLEANUP(outbox_list_clear) struct outbox_list list = {0};
    char json[OUTBOX_MESSAGES_MAX * 64 + 64] = "{\"_id\": " ID ", \"outbox\": [";
    bson_t *empty =
        bson_new_from_json((const uint8_t *)"{\"_id\": " ID ", \"outbox\": []}", -1, NULL);
    bson_t *full;
    struct error error = {0};

    for (size_t i = 0; i < OUTBOX_MESSAGES_MAX; i++)
        snprintf(json + strlen(json), 64,
                 "%s{\"v\": %zu, \"name\": \"n\", \"at\": 1, \"body\": \"\"}", i ? "," : "", i + 1);
    snprintf(json + strlen(json), 3, "]}");
    full = bson_new_from_json((const uint8_t *)json, -1, NULL);

    cr_assert(mongo_outbox_read(empty, OUTBOX_EVENT, &list, &error), "%s", error.text);
    cr_expect_eq(list.n_messages, 0);
    cr_assert(mongo_outbox_read(full, OUTBOX_EVENT, &list, &error), "%s", error.text);
    cr_assert_eq(list.n_messages, OUTBOX_MESSAGES_MAX);
    cr_expect_eq(list.messages[63].version, 64);
    bson_destroy(empty);
    bson_destroy(full);
}

Test(mongo_documents, call_an_outbox_corrupt_that_breaks_its_rules)
{
    static const char *const rows[] = {
        "{\"outbox\": []}",
        "{\"_id\": " ID ", \"outbox\": 1}",
        "{\"_id\": " ID ", \"outbox\": [1]}",
        "{\"_id\": " ID ", \"outbox\": [{\"name\": \"n\", \"at\": 1, \"body\": \"\"}]}",
        "{\"_id\": " ID ", \"outbox\": [{\"v\": 0, \"name\": \"n\", \"at\": 1, \"body\": \"\"}]}",
        "{\"_id\": " ID ", \"outbox\": [{\"v\": 1, \"name\": 7, \"at\": 1, \"body\": \"\"}]}",
        "{\"_id\": " ID ", \"outbox\": [{\"v\": 1, \"name\": \"n\", \"body\": \"\"}]}",
        "{\"_id\": " ID ", \"outbox\": [{\"v\": 1, \"name\": \"n\", \"at\": 1}]}",
        "{\"_id\": " ID ", \"outbox\": [{\"v\": 1, \"name\": \"n\", \"at\": 1, \"body\": 1}]}",
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        bson_t *document = bson_new_from_json((const uint8_t *)rows[i], -1, NULL);

        check_corrupt(read_outbox, document, rows[i]);
        bson_destroy(document);
    }
}
