#include "persistence/mongo/mongo_entry.h"

#include <criterion/criterion.h>
#include <string.h>

static struct ledger_booking bookings[] = {
    {.id = {{1}}, .user_id = {{0x11}}, .seats = 1, .fingerprint = UINT64_MAX},
    {.id = {{2}}, .seats = SEATS_PER_BOOKING_MAX, .fingerprint = 0},
};
static struct ledger_cancellation cancellations[] = {
    {.booking_id = {{3}}, .user_id = {{0x33}}, .seats = 4},
    {.booking_id = {{4}}, .seats = 5},
};
static const struct ledger_entry full = {
    .key = {.event_id = {{9}}, .sequence = 5},
    .token = {{7}},
    .at_ms = INT64_C(1800000000123),
    .state = {.event_version = 2,
              .capacity = CAPACITY_MAX,
              .closed = true,
              .removed = true,
              .end_s = SECONDS_MAX,
              .seats_sold = INT64_MAX},
    .bookings = bookings,
    .n_bookings = 2,
    .cancellations = cancellations,
    .n_cancellations = 2,
};
static const struct ledger_entry bare = {
    .key = {.event_id = {{9}}}, .token = {{7}}, .state = {.capacity = CAPACITY_UNKNOWN}};

static void check_state(const struct ledger_state *left, const struct ledger_state *right)
{
    cr_expect_eq(left->event_version, right->event_version);
    cr_expect_eq(left->capacity, right->capacity);
    cr_expect_eq(left->closed, right->closed);
    cr_expect_eq(left->removed, right->removed);
    cr_expect_eq(left->end_s, right->end_s);
    cr_expect_eq(left->seats_sold, right->seats_sold);
}

static void check_items(const struct ledger_entry *left, const struct ledger_entry *right)
{
    cr_assert_eq(left->n_bookings, right->n_bookings);
    for (size_t i = 0; i < left->n_bookings; i++) {
        cr_expect(object_id_equal(&left->bookings[i].id, &right->bookings[i].id));
        cr_expect(object_id_equal(&left->bookings[i].user_id, &right->bookings[i].user_id));
        cr_expect_eq(left->bookings[i].seats, right->bookings[i].seats);
        cr_expect_eq(left->bookings[i].fingerprint, right->bookings[i].fingerprint);
    }
    cr_assert_eq(left->n_cancellations, right->n_cancellations);
    for (size_t i = 0; i < left->n_cancellations; i++) {
        const struct ledger_cancellation *a = &left->cancellations[i];
        const struct ledger_cancellation *b = &right->cancellations[i];

        cr_expect(object_id_equal(&a->booking_id, &b->booking_id));
        cr_expect(object_id_equal(&a->user_id, &b->user_id));
        cr_expect_eq(a->seats, b->seats);
    }
}

static void check_round_trip(const struct ledger_entry *entry)
{
    CLEANUP(ledger_entry_clear) struct ledger_entry read = {0};
    bson_t *document = mongo_entry_new(entry);
    struct ledger_head head = {0};
    struct error error = {0};

    cr_assert(mongo_entry_read(document, &read, &error), "%s", error.text);
    cr_assert(mongo_entry_read_head(document, &head, &error), "%s", error.text);
    bson_destroy(document);

    cr_expect(object_id_equal(&read.key.event_id, &entry->key.event_id));
    cr_expect_eq(read.key.sequence, entry->key.sequence);
    cr_expect(object_id_equal(&read.token, &entry->token));
    cr_expect_eq(read.at_ms, entry->at_ms);
    check_state(&read.state, &entry->state);
    check_items(&read, entry);

    cr_expect(head.exists);
    cr_expect_eq(head.sequence, entry->key.sequence);
    cr_expect(object_id_equal(&head.token, &entry->token));
    check_state(&head.state, &entry->state);
}

Test(mongo_entry, brings_every_member_back)
{
    check_round_trip(&full);
    check_round_trip(&bare);
}

Test(mongo_entry, is_stored_as_the_design_says)
{
    bson_t *document = mongo_entry_new(&bare);
    bson_t *with_items = mongo_entry_new(&full);
    char *text = bson_as_relaxed_extended_json(document, NULL);

    cr_expect_str_eq(text, "{ \"_id\" : { \"e\" : { \"$oid\" : \"090000000000000000000000\" },"
                           " \"s\" : 0 }, \"w\" : { \"$oid\" : \"070000000000000000000000\" },"
                           " \"at\" : 0, \"ev\" : 0, \"cap\" : null, \"closed\" : false,"
                           " \"end\" : null, \"sold\" : 0, \"pub\" : false }");
    cr_expect(bson_has_field(with_items, "rm"));
    cr_expect(bson_has_field(with_items, "b.0.u"));
    cr_expect_not(bson_has_field(with_items, "b.1.u"), "a guest's has no user");
    cr_expect(bson_has_field(with_items, "x.0.u"));
    cr_expect_not(bson_has_field(with_items, "x.1.u"));
    bson_free(text);
    bson_destroy(document);
    bson_destroy(with_items);
}

Test(mongo_entry, gives_up_key_moment_and_items_of_a_part)
{
    CLEANUP(ledger_entry_clear) struct ledger_entry read = {0};
    bson_t *document = mongo_entry_new(&full);
    bson_t part = BSON_INITIALIZER;
    struct error error = {0};

    bson_copy_to_excluding_noinit(document, &part, "w", "ev", "cap", "closed", "rm", "end", "sold",
                                  "b", "pub", NULL);
    cr_assert(mongo_entry_read_batch(&part, &read, &error), "%s", error.text);

    cr_expect_eq(read.key.sequence, 5);
    cr_expect_eq(read.at_ms, full.at_ms);
    cr_expect_eq(read.n_bookings, 0);
    cr_expect_eq(read.n_cancellations, 2);
    bson_destroy(&part);
    bson_destroy(document);
}

static void check_corrupt(const bson_t *document, const char *what)
{
    struct ledger_entry read = {0};
    struct error error = {0};

    cr_assert_not(mongo_entry_read(document, &read, &error), "%s", what);
    cr_expect_eq(error.code, ERROR_CORRUPT, "%s: %s", what, error.text);
    cr_expect_null(read.bookings);
}

Test(mongo_entry, is_corrupt_without_any_one_of_its_members)
{
    static const char *const members[] = {"_id", "w", "at", "ev", "cap", "closed", "end", "sold"};
    bson_t *document = mongo_entry_new(&full);

    for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
        bson_t part = BSON_INITIALIZER;

        bson_copy_to_excluding_noinit(document, &part, members[i], NULL);
        check_corrupt(&part, members[i]);
        bson_destroy(&part);
    }
    bson_destroy(document);
}

/* The document of @full with one member in place of another. */
static void check_replaced(const char *name, const char *json)
{
    bson_t *document = mongo_entry_new(&full);
    bson_t *member = bson_new_from_json((const uint8_t *)json, -1, NULL);
    bson_t changed = BSON_INITIALIZER;

    cr_assert_not_null(member, "%s", json);
    bson_copy_to_excluding_noinit(document, &changed, name, NULL);
    bson_concat(&changed, member);
    check_corrupt(&changed, json);
    bson_destroy(&changed);
    bson_destroy(member);
    bson_destroy(document);
}

#define ID "{\"$oid\": \"090000000000000000000000\"}"

Test(mongo_entry, is_corrupt_with_a_member_of_another_type_or_out_of_bounds)
{
    static const struct {
        const char *name;
        const char *json;
    } rows[] = {
        {"_id", "{\"_id\": 1}"},
        {"_id", "{\"_id\": {\"e\": " ID "}}"},
        {"_id", "{\"_id\": {\"e\": " ID ", \"s\": -1}}"},
        {"_id", "{\"_id\": {\"e\": \"x\", \"s\": 1}}"},
        {"w", "{\"w\": \"token\"}"},
        {"at", "{\"at\": -1}"},
        {"at", "{\"at\": 1.5}"},
        {"ev", "{\"ev\": null}"},
        {"cap", "{\"cap\": -1}"},
        {"cap", "{\"cap\": 1000001}"},
        {"cap", "{\"cap\": \"many\"}"},
        {"closed", "{\"closed\": 0}"},
        {"closed", "{\"closed\": null}"},
        {"rm", "{\"rm\": \"yes\"}"},
        {"end", "{\"end\": 253402300800}"},
        {"sold", "{\"sold\": -1}"},
        {"sold", "{\"sold\": 1, \"sold\": 1}"},
        {"b", "{\"b\": 1}"},
        {"b", "{\"b\": [1]}"},
        {"b", "{\"b\": [{\"id\": " ID ", \"n\": 1}]}"},
        {"b", "{\"b\": [{\"id\": " ID ", \"n\": 0, \"f\": 1}]}"},
        {"b", "{\"b\": [{\"id\": " ID ", \"n\": 1001, \"f\": 1}]}"},
        {"b", "{\"b\": [{\"id\": " ID ", \"n\": 4294967297, \"f\": 1}]}"},
        {"b", "{\"b\": [{\"id\": null, \"n\": 1, \"f\": 1}]}"},
        {"b", "{\"b\": [{\"id\": " ID ", \"u\": null, \"n\": 1, \"f\": 1}]}"},
        {"x", "{\"x\": [{\"id\": " ID "}]}"},
        {"x", "{\"x\": [{\"n\": 1}]}"},
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
        check_replaced(rows[i].name, rows[i].json);
}

Test(mongo_entry, is_corrupt_with_more_items_than_a_batch_has)
{
    static struct ledger_booking many[LEDGER_BATCH_MAX + 1];
    struct ledger_entry entry = bare;
    bson_t *document;

    for (size_t i = 0; i < LEDGER_BATCH_MAX + 1; i++)
        many[i] = (struct ledger_booking){.id = {{1}}, .seats = 1};
    entry.bookings = many;
    entry.n_bookings = LEDGER_BATCH_MAX;
    check_round_trip(&entry);

    entry.n_bookings = LEDGER_BATCH_MAX + 1;
    document = mongo_entry_new(&entry);
    check_corrupt(document, "257 bookings");
    bson_destroy(document);
}

Test(mongo_entry, reads_small_numbers_as_a_shell_writes_them_and_passes_unknown_members_over)
{
    static const char json[] = "{\"_id\": {\"e\": " ID ", \"s\": 3}, \"w\": " ID ", \"at\": 1,"
                               " \"new\": [1], \"sold\": 2, \"ev\": 1, \"cap\": 10,"
                               " \"closed\": false, \"end\": null,"
                               " \"b\": [{\"f\": 5, \"n\": 2, \"id\": " ID "}]}";
    CLEANUP(ledger_entry_clear) struct ledger_entry read = {0};
    bson_t *document = bson_new_from_json((const uint8_t *)json, -1, NULL);
    struct error error = {0};

    cr_assert(mongo_entry_read(document, &read, &error), "%s", error.text);

    cr_expect_eq(read.key.sequence, 3);
    cr_expect_eq(read.state.seats_sold, 2);
    cr_expect_eq(read.state.end_s, 0);
    cr_assert_eq(read.n_bookings, 1);
    cr_expect_eq(read.bookings[0].fingerprint, 5);
    bson_destroy(document);
}
