#include "base/random.h"
#include "tools/copy_feed.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static struct database *database;
static struct copy_feed feed;

static void start(void)
{
    static const struct database_options options = {.backend = "memory", .url = "feed"};

    cr_assert(random_init(NULL));
    cr_assert(database_open(&options, &database, NULL));
    feed.store = database_copy(database);
    cr_assert(copy_feed_open(&feed, NULL));
}

static void end(void)
{
    copy_feed_close(&feed);
    database_free(database);
}

TestSuite(copy_feed, .init = start, .fini = end);

static void take(const char *name, const char *body)
{
    struct envelope envelope = {.body = body, .body_bytes = strlen(body)};
    struct error error = {0};

    snprintf(envelope.name, sizeof(envelope.name), "%s", name);
    cr_assert(copy_feed_take(&feed, &envelope, &error), "%s", error.text);
}

/* The name of an event with its location's, "" when it is not there, "removed" when it was. */
static const char *shown(uint8_t number)
{
    static char text[2 * TEXT_BYTES + 4];
    const struct object_id id = {{number}};
    struct event_view view = {0};
    struct error error = {0};

    if (!copy_store_event(feed.store, &id, &view, &error))
        return error.code == ERROR_GONE ? "removed" : "";
    snprintf(text, sizeof(text), "%s at %s", view.event.name, view.location.name);
    event_view_clear(&view);
    return text;
}

#define EVENT_1 "\"id\":\"010000000000000000000000\""
#define PLACE_9 "\"id\":\"090000000000000000000000\""

Test(copy_feed, writes_what_it_was_given_when_it_is_flushed)
{
    take("event.created", "{" EVENT_1 ",\"version\":1,\"name\":\"Aida\","
                          "\"location_id\":\"090000000000000000000000\"}");
    take("location.created", "{" PLACE_9 ",\"version\":1,\"name\":\"Opera\"}");
    cr_expect_str_eq(shown(1), "");
    cr_assert(copy_feed_flush(&feed, NULL));

    cr_expect_str_eq(shown(1), "Aida at Opera");
    cr_expect_eq(feed.n_taken, 2);
}

Test(copy_feed, takes_changes_and_removals_in_any_order)
{
    take("event.updated", "{" EVENT_1 ",\"version\":3,\"name\":\"third\"}");
    take("event.created", "{" EVENT_1 ",\"version\":1,\"name\":\"first\"}");
    cr_assert(copy_feed_flush(&feed, NULL));
    cr_expect_str_eq(shown(1), "third at ");

    take("event.removed", "{" EVENT_1 ",\"version\":4}");
    take("location.removed", "{" PLACE_9 ",\"version\":2}");
    cr_assert(copy_feed_flush(&feed, NULL));
    cr_expect_str_eq(shown(1), "removed");
}

Test(copy_feed, leaves_out_what_nobody_understands)
{
    take("event.created", "{\"id\":\"nonsense\"}");
    take("event.booked", "{\"eventId\":\"010000000000000000000000\",\"bookingId\":"
                         "\"020000000000000000000000\",\"seats\":1}");
    take("weather.changed", "{}");
    cr_assert(copy_feed_flush(&feed, NULL));

    cr_expect_eq(feed.n_taken, 0);
    cr_expect_eq(feed.n_left_out, 3);
}

Test(copy_feed, writes_by_itself_when_a_batch_is_full)
{
    char body[128];

    for (int i = 1; i <= COPY_FEED_BATCH; i++) {
        snprintf(body, sizeof(body), "{" EVENT_1 ",\"version\":%d,\"name\":\"%d\"}", i, i);
        take("event.updated", body);
    }
    snprintf(body, sizeof(body), "%d at ", COPY_FEED_BATCH);

    cr_expect_str_eq(shown(1), body);
}
