#include "base/memory.h"
#include "service/copy_batch.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#define EVENT "\"id\":\"0123456789abcdef01234567\",\"version\":4"
#define PLACE "\"id\":\"0123456789abcdef01234568\",\"version\":2"

static struct copy_batch batch;

static bool take(const char *name, const char *body, struct error *error)
{
    struct envelope envelope = {.body = body, .body_bytes = strlen(body)};

    snprintf(envelope.name, sizeof(envelope.name), "%s", name);
    return copy_batch_take(&batch, &envelope, NULL, error);
}

static void make(void)
{
    struct error error = {0};

    cr_assert(copy_batch_make(&batch, 3, &error), "%s", error.text);
}

static void clear(void)
{
    copy_batch_clear(&batch);
}

TestSuite(copy_batch, .init = make, .fini = clear);

Test(copy_batch, holds_an_event_with_all_its_members)
{
    struct error error = {0};

    cr_assert(take("event.created",
                   "{" EVENT ",\"name\":\"Opera\",\"location_id\":\"0123456789abcdef01234568\","
                   "\"hall\":\"Big\",\"capacity\":7,\"closed\":true,\"duration\":90,"
                   "\"start_date\":\"1970-01-01T00:01:40Z\",\"end_date\":\"1970-01-01T00:03:20Z\"}",
                   &error),
              "%s", error.text);

    cr_assert_eq(batch.n_events, 1);
    cr_assert_eq(batch.n_locations, 0);
    cr_expect(batch.event_copies[0].event == &batch.events[0]);
    cr_expect_not(batch.event_copies[0].removed);
    cr_expect_eq(batch.events[0].version, 4);
    cr_expect_str_eq(batch.events[0].name, "Opera");
    cr_expect_str_eq(batch.events[0].hall, "Big");
    cr_expect_str_eq(object_id_hex(&batch.events[0].location_id).text, "0123456789abcdef01234568");
    cr_expect_eq(batch.events[0].capacity, 7);
    cr_expect(batch.events[0].closed);
    cr_expect_eq(batch.events[0].duration_minutes, 90);
    cr_expect_eq(batch.events[0].start_s, 100);
    cr_expect_eq(batch.events[0].end_s, 200);
}

Test(copy_batch, holds_a_location_with_its_halls)
{
    struct error error = {0};

    cr_assert(take("location.updated",
                   "{" PLACE ",\"name\":\"Hall\",\"address\":\"Street 1\",\"country\":\"DE\","
                   "\"open_time\":8,\"close_time\":22,"
                   "\"halls\":[{\"name\":\"Big\",\"location\":\"up\",\"capacity\":9}]}",
                   &error),
              "%s", error.text);

    cr_assert_eq(batch.n_locations, 1);
    cr_expect_str_eq(batch.locations[0].address, "Street 1");
    cr_expect_eq(batch.locations[0].close_hour, 22);
    cr_assert_eq(batch.locations[0].n_halls, 1);
    cr_expect_str_eq(batch.locations[0].halls[0].location, "up");
    cr_expect_eq(batch.locations[0].halls[0].capacity, 9);
}

Test(copy_batch, keeps_of_what_was_removed_the_id_and_the_version)
{
    struct error error = {0};

    cr_assert(take("event.removed", "{" EVENT "}", &error), "%s", error.text);
    cr_assert(take("location.removed", "{" PLACE "}", &error), "%s", error.text);

    cr_expect(batch.event_copies[0].removed);
    cr_expect_eq(batch.events[0].version, 4);
    cr_expect(batch.location_copies[0].removed);
    cr_expect_eq(batch.locations[0].version, 2);
}

Test(copy_batch, takes_nothing_but_the_catalogue)
{
    struct error error = {0};

    cr_expect_not(take(
        "booking.cancelled",
        "{\"eventId\":\"0123456789abcdef01234567\","
        "\"userId\":null,\"bookingId\":\"0123456789abcdef01234569\",\"seats\":1,"
        "\"cancelledAt\":\"2026-01-01T00:00:00Z\",\"seatsSold\":0,\"seatsLeft\":1,\"entry\":1}",
        &error));

    cr_expect_eq(error.code, ERROR_UNSUPPORTED, "%s", error.text);
    cr_expect_eq(batch.n_events + batch.n_locations, 0);
}

Test(copy_batch, judges_at_once_what_cannot_be_read)
{
    struct delivery deliveries[] = {{.envelope = {.name = "event.removed"}},
                                    {.envelope = {.name = "event.removed"}}};

    deliveries[0].envelope.body = "{" EVENT "}";
    deliveries[1].envelope.body = "{";
    for (size_t i = 0; i < 2; i++) {
        deliveries[i].verdict = DELIVERY_RETRY;
        deliveries[i].envelope.body_bytes = strlen(deliveries[i].envelope.body);
    }
    copy_batch_read(&batch, deliveries, 2);

    cr_expect_eq(batch.n_events, 1);
    cr_expect(batch.event_deliveries[0] == &deliveries[0]);
    cr_expect_eq(deliveries[0].verdict, DELIVERY_RETRY);
    cr_expect_eq(deliveries[1].verdict, DELIVERY_PARK);
}

Test(copy_batch, is_empty_and_has_its_room_after_it_was_emptied)
{
    struct error error = {0};

    for (int i = 0; i < 3; i++) {
        cr_assert(take("event.removed", "{" EVENT "}", &error), "%s", error.text);
        copy_batch_empty(&batch);
    }

    cr_expect_eq(batch.n_events, 0);
    cr_expect_not_null(batch.events);
}
