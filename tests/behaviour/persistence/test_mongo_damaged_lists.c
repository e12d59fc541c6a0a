/* Lists around what somebody else has damaged: they show all but that. */
#include "documents.h"
#include "samples.h"

#include <criterion/criterion.h>

TestSuite(mongo_damaged_lists, .init = world_begin, .fini = world_end, .timeout = 120);

/* The numbers of ids, as digits in the order in which they were visited. */
struct numbers {
    char text[32];
    size_t n;
};

static void note_number(struct numbers *numbers, const struct object_id *id)
{
    cr_assert_lt(numbers->n, sizeof(numbers->text) - 1);
    numbers->text[numbers->n++] = (char)('0' + id->bytes[sizeof(id->bytes) - 1]);
}

static bool note_event(void *context, const struct event_view *view, struct error *error)
{
    (void)error;
    note_number(context, &view->event.id);
    return true;
}

static bool note_location(void *context, const struct location *location, struct error *error)
{
    (void)error;
    note_number(context, &location->id);
    return true;
}

static void insert_location(uint32_t number)
{
    struct location location = location_of(number, "here");
    struct outbox_message message = message_of(OUTBOX_LOCATION, number, 1);
    struct error error = {0};

    cr_assert(catalogue_store_insert_location(world.catalogue, &location, NULL, &message, &error),
              "%s", error.text);
}

static void insert_event_at(uint32_t number, uint32_t location)
{
    struct event event = event_of(number, "stored", number);
    struct outbox_message message = message_of(OUTBOX_EVENT, number, 1);
    struct error error = {0};

    event.location_id = id_of(location);
    cr_assert(catalogue_store_insert_event(world.catalogue, &event, NULL, &message, &error), "%s",
              error.text);
}

/* Events 1 to 6: number 1 and 3 cannot be read, the location of 4 cannot, and the sale of 5 cannot. */
static void store_damaged_events(void)
{
    struct sale_heard sale = {.event_id = id_of(5), .entry = 1, .seats_sold = 1};
    struct error error = {0};

    insert_location(1);
    insert_location(2);
    for (uint32_t number = 1; number <= 6; number++)
        insert_event_at(number, number == 4 ? 2 : 1);
    cr_assert(catalogue_store_hear_sales(world.catalogue, &sale, 1, &error), "%s", error.text);
    change_documents("events", "{\"start\": 1}", "{\"$set\": {\"start\": \"soon\"}}");
    change_documents("events", "{\"start\": 3}", "{\"$set\": {\"name\": 7}}");
    change_documents("locations", "{\"_id\": {\"$oid\": \"5a0000000000000000000002\"}}",
                     "{\"$set\": {\"halls\": 7}}");
    change_documents("sales", "{}", "{\"$set\": {\"sold\": \"all\"}}");
}

Test(mongo_damaged_lists, leaves_out_of_a_page_only_what_cannot_be_read)
{
    const struct event_page all = {.limit = 100};
    const struct event_page two = {.limit = 2};
    const struct event_page next = {
        .limit = 1, .has_after = true, .after_start_s = 2, .after_id = id_of(2)};
    struct numbers shown = {0};
    struct numbers first = {0};
    struct numbers second = {0};
    struct error error = {0};

    store_damaged_events();

    cr_expect_not(catalogue_store_events(world.catalogue, &all, note_event, &shown, &error));
    cr_expect_eq(error.code, ERROR_CORRUPT);
    cr_expect_str_eq(shown.text, "26");
    /* As many are shown as were asked for, or others would seem to be none. */
    cr_expect_not(catalogue_store_events(world.catalogue, &two, note_event, &first, &error));
    cr_expect_str_eq(first.text, "26");
    cr_expect_not(catalogue_store_events(world.catalogue, &next, note_event, &second, &error));
    cr_expect_str_eq(second.text, "6");
}

Test(mongo_damaged_lists, comes_to_the_end_of_a_page_of_which_nothing_can_be_read)
{
    static const char *const damages[] = {"{\"$unset\": {\"start\": 1}}",
                                          "{\"$set\": {\"start\": 1.5}}",
                                          "{\"$set\": {\"start\": \"soon\"}}"};
    const struct event_page page = {.limit = 1};

    for (uint32_t number = 1; number <= 4; number++)
        insert_event_at(number, 1);
    for (size_t i = 0; i < 3; i++) {
        struct numbers shown = {0};
        struct error error = {0};

        change_documents("events", "{}", damages[i]);
        cr_expect_not(catalogue_store_events(world.catalogue, &page, note_event, &shown, &error));
        cr_expect_eq(error.code, ERROR_CORRUPT);
        cr_expect_eq(shown.n, 0);
    }
}

/* A double, as some shells write, and an id that is none of ours stand among the sound ones. */
Test(mongo_damaged_lists, goes_on_behind_what_has_no_place_among_those_that_have_one)
{
    const struct event_page pages[] = {{.limit = 1}, {.limit = 2}, {.limit = 3}, {.limit = 100}};
    static const char *const wanted[] = {"1", "15", "156", "156"};

    for (uint32_t number = 1; number <= 6; number++)
        insert_event_at(number, 1);
    change_documents("events", "{\"start\": {\"$in\": [2, 3]}}", "{\"$mul\": {\"start\": 1.0}}");
    change_documents("events", "{\"start\": 4}",
                     "{\"$set\": {\"start\": {\"$numberDecimal\": \"4\"}}}");
    insert_document("events",
                    "{\"_id\": \"text\", \"removed\": false, \"start\": {\"$numberLong\": \"2\"}}");

    for (size_t i = 0; i < ARRAY_SIZE(pages); i++) {
        struct numbers shown = {0};
        struct error error = {0};
        bool walked =
            catalogue_store_events(world.catalogue, &pages[i], note_event, &shown, &error);

        cr_expect(walked == (i == 0), "%s", error.text);
        cr_expect_str_eq(shown.text, wanted[i]);
    }
}

Test(mongo_damaged_lists, leaves_out_of_a_page_only_the_locations_that_cannot_be_read)
{
    const struct location_page all = {.limit = 100};
    const struct location_page two = {.limit = 2};
    struct numbers shown = {0};
    struct numbers first = {0};
    struct error error = {0};

    for (uint32_t number = 1; number <= 4; number++)
        insert_location(number);
    change_documents("locations", "{\"_id\": {\"$oid\": \"5a0000000000000000000002\"}}",
                     "{\"$set\": {\"name\": 7}}");

    cr_expect_not(catalogue_store_locations(world.catalogue, &all, note_location, &shown, &error));
    cr_expect_eq(error.code, ERROR_CORRUPT);
    cr_expect_str_eq(shown.text, "134");
    cr_expect_not(catalogue_store_locations(world.catalogue, &two, note_location, &first, &error));
    cr_expect_str_eq(first.text, "13");
}

static bool note_user(void *context, const struct user *user, struct error *error)
{
    (void)error;
    note_number(context, &user->id);
    return true;
}

Test(mongo_damaged_lists, leaves_out_of_a_page_only_the_users_that_cannot_be_read)
{
    const struct user_page pages[] = {
        {.limit = 100}, {.limit = 2}, {.limit = 1, .has_after = true, .after_id = id_of(1)}};
    static const char *const wanted[] = {"134", "13", "3"};
    bool existed;

    for (uint32_t number = 1; number <= 4; number++) {
        const struct user user = {.id = id_of(number), .first = "Ada", .age = (int64_t)number};
        struct error error = {0};

        cr_assert(user_store_insert(world.users, &user, &existed, &error), "%s", error.text);
    }
    change_documents("users", "{\"age\": 2}", "{\"$mul\": {\"age\": 1.0}}");
    insert_document("users", "{\"_id\": \"text\", \"first\": \"Bo\"}");

    for (size_t i = 0; i < ARRAY_SIZE(pages); i++) {
        struct numbers shown = {0};
        struct error error = {0};

        cr_expect_not(user_store_users(world.users, &pages[i], note_user, &shown, &error));
        cr_expect_eq(error.code, ERROR_CORRUPT);
        cr_expect_str_eq(shown.text, wanted[i]);
    }
}

static bool note_booking(void *context, const struct booking *booking, int64_t sequence,
                         size_t index, struct error *error)
{
    (void)sequence;
    (void)index;
    (void)error;
    cr_expect_eq(booking->cancelled, booking->event_id.bytes[OBJECT_ID_BYTES - 1] == 3);
    note_number(context, &booking->id);
    return true;
}

/* The same user books at events 1 to 4, and cancels at 3; beside that is always somebody else. */
static void store_bookings(void)
{
    struct ledger_cancellation cancelled[] = {
        {.booking_id = id_of(3), .user_id = id_of(50), .seats = 1},
        {.booking_id = id_of(13), .user_id = id_of(60), .seats = 1}};
    struct ledger_entry last = entry_of(3, 1, NULL, 0);

    for (uint32_t event = 1; event <= 4; event++) {
        struct ledger_booking bookings[] = {
            {.id = id_of(event), .user_id = id_of(50), .seats = 1},
            {.id = id_of(10 + event), .user_id = id_of(60), .seats = 1}};
        struct ledger_entry entry = entry_of(event, 0, bookings, 2);

        entry.at_ms = event;
        cr_assert_eq(insert_one(&entry), LEDGER_LANDED);
    }
    last.cancellations = cancelled;
    last.n_cancellations = 2;
    cr_assert_eq(insert_one(&last), LEDGER_LANDED);
}

Test(mongo_damaged_lists, shows_the_bookings_of_a_user_at_events_that_are_not_damaged)
{
    const struct object_id user_id = id_of(50);
    const struct booking_page pages[] = {{.limit = 100}, {.limit = 2}};
    static const char *const wanted[] = {"134", "13"};

    store_bookings();
    change_documents("ledger", "{\"at\": 2}", "{\"$set\": {\"b.1.n\": \"one\"}}");
    change_documents("ledger", "{\"x\": {\"$exists\": true}}", "{\"$set\": {\"x.1.n\": \"one\"}}");

    for (size_t i = 0; i < ARRAY_SIZE(pages); i++) {
        struct numbers shown = {0};
        struct error error = {0};

        cr_expect_not(ledger_store_bookings_of(world.ledger, &user_id, &pages[i], note_booking,
                                               &shown, &error));
        cr_expect_eq(error.code, ERROR_CORRUPT);
        cr_expect_str_eq(
            error.text,
            "ledger entry 5a0000000000000000000002:0: b[1]: member n is not what it may be");
        cr_expect_str_eq(shown.text, wanted[i]);
    }
}

Test(mongo_damaged_lists, leaves_out_of_what_was_found_only_what_cannot_be_read)
{
    const struct object_id ids[] = {id_of(3), id_of(2), id_of(1)};
    struct event events[] = {event_of(1, "a", 1), event_of(2, "b", 2), event_of(3, "c", 3)};
    struct copy_event copies[] = {
        {.event = &events[0]}, {.event = &events[1]}, {.event = &events[2]}};
    struct numbers shown = {0};
    struct error error = {0};

    cr_assert(copy_store_put_events(world.copy, copies, 3, &error), "%s", error.text);
    change_documents("copied_events", "{\"name\": \"b\"}", "{\"$set\": {\"hall\": 7}}");

    cr_expect_not(search_store_events(world.search, ids, 3, note_event, &shown, &error));
    cr_expect_eq(error.code, ERROR_CORRUPT);
    cr_expect_str_eq(shown.text, "31");
}

Test(mongo_damaged_lists, finds_around_entries_that_cannot_be_read)
{
    struct search_hit hits[6];
    size_t n = 0;

    for (uint32_t number = 1; number <= 6; number++) {
        const struct search_entry entry = {
            .event_id = id_of(number), .event_version = 1, .start_s = number, .words = "a"};
        struct error error = {0};

        cr_assert(search_store_put(world.search, &entry, 1, &error), "%s", error.text);
    }
    change_documents("found", "{\"start\": {\"$in\": [3, 6]}}", "{\"$unset\": {\"start\": 1}}");
    change_documents("found", "{\"start\": 2}", "{\"$mul\": {\"start\": 1.0}}");

    for (size_t limit = 1; limit <= 6; limit++) {
        const struct search_page page = {.limit = limit, .words = "a"};
        struct numbers found = {0};
        struct error error = {0};

        cr_assert_not(search_store_find(world.search, &page, hits, &n, &error));
        cr_expect_eq(error.code, ERROR_CORRUPT);
        for (size_t i = 0; i < n; i++)
            note_number(&found, &hits[i].event_id);
        cr_expect_str_eq(found.text, limit == 1 ? "1" : limit == 2 ? "14" : "145");
    }
}
