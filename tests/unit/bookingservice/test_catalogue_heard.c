#include "support.h"

#include "base/random.h"
#include "persistence/memory_faults.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static const char event_id[] = "0123456789abcdef01234567";

static struct delivery delivery_of(const char *name, const char *body)
{
    struct delivery delivery = {.verdict = DELIVERY_RETRY};

    snprintf(delivery.envelope.name, sizeof(delivery.envelope.name), "%s", name);
    delivery.envelope.body = body;
    delivery.envelope.body_bytes = strlen(body);
    return delivery;
}

static struct ledger_head head_of(struct fixture *fixture)
{
    struct ledger_head head = {0};
    struct error error = {0};
    struct object_id id;

    cr_assert(object_id_parse(event_id, &id));
    cr_assert(ledger_store_head(fixture->service.ledgers, &id, &head, &error), "%s", error.text);
    return head;
}

Test(catalogue_heard, takes_an_event_into_copy_and_ledger)
{
    struct fixture fixture;
    fixture_init(&fixture);
    struct delivery delivery = delivery_of(
        "event.created", "{\"id\":\"0123456789abcdef01234567\",\"version\":1,\"name\":\"Opera\","
                         "\"capacity\":7,\"closed\":false}");
    CLEANUP(event_view_clear) struct event_view view = {0};
    struct error error = {0};
    struct object_id id;

    catalogue_heard(&fixture.service, &delivery, 1);

    cr_expect_eq(delivery.verdict, DELIVERY_ACKNOWLEDGE, "%s", delivery.reason);
    cr_expect(delivery.changed);
    cr_expect_eq(head_of(&fixture).state.capacity, 7);
    cr_assert(object_id_parse(event_id, &id));
    cr_assert(copy_store_event(fixture.service.copy, &id, &view, &error), "%s", error.text);
    cr_expect_str_eq(view.event.name, "Opera");
    fixture_clear(&fixture);
}

Test(catalogue_heard, keeps_the_highest_version_whatever_the_order)
{
    struct fixture fixture;
    fixture_init(&fixture);
    struct delivery deliveries[] = {
        delivery_of("event.updated", "{\"id\":\"0123456789abcdef01234567\",\"version\":3,"
                                     "\"name\":\"New\",\"capacity\":9,\"closed\":false}"),
        delivery_of("event.created", "{\"id\":\"0123456789abcdef01234567\",\"version\":1,"
                                     "\"name\":\"Old\",\"capacity\":5,\"closed\":false}"),
        delivery_of("event.updated", "{\"id\":\"0123456789abcdef01234567\",\"version\":3,"
                                     "\"name\":\"New\",\"capacity\":9,\"closed\":false}"),
    };

    catalogue_heard(&fixture.service, deliveries, ARRAY_SIZE(deliveries));

    for (size_t i = 0; i < ARRAY_SIZE(deliveries); i++)
        cr_expect_eq(deliveries[i].verdict, DELIVERY_ACKNOWLEDGE, "%zu: %s", i,
                     deliveries[i].reason);
    cr_expect_eq(head_of(&fixture).state.capacity, 9);
    cr_expect_eq(head_of(&fixture).state.event_version, 3);
    fixture_clear(&fixture);
}

Test(catalogue_heard, closes_the_ledger_of_a_removed_event)
{
    struct fixture fixture;
    fixture_init(&fixture);
    struct delivery delivery =
        delivery_of("event.removed", "{\"id\":\"0123456789abcdef01234567\",\"version\":2}");

    catalogue_heard(&fixture.service, &delivery, 1);

    cr_expect_eq(delivery.verdict, DELIVERY_ACKNOWLEDGE, "%s", delivery.reason);
    cr_expect(head_of(&fixture).state.removed);
    cr_expect(head_of(&fixture).state.closed);
    fixture_clear(&fixture);
}

Test(catalogue_heard, parks_what_cannot_be_read_and_takes_the_rest)
{
    struct fixture fixture;
    fixture_init(&fixture);
    struct delivery deliveries[] = {
        delivery_of("event.created", "{\"id\":"),
        delivery_of("event.exploded", "{}"),
        delivery_of("event.booked", "{}"),
        delivery_of("event.created", "{\"id\":\"0123456789abcdef01234567\",\"version\":1,"
                                     "\"name\":\"Opera\",\"capacity\":7,\"closed\":false}"),
        delivery_of("event.created", "{\"id\":5,\"version\":1,\"name\":\"Opera\"}"),
    };

    catalogue_heard(&fixture.service, deliveries, ARRAY_SIZE(deliveries));

    cr_expect_eq(deliveries[0].verdict, DELIVERY_PARK);
    cr_expect_eq(deliveries[1].verdict, DELIVERY_PARK);
    cr_expect_eq(deliveries[2].verdict, DELIVERY_PARK);
    cr_expect_eq(deliveries[3].verdict, DELIVERY_ACKNOWLEDGE, "%s", deliveries[3].reason);
    cr_expect_eq(deliveries[4].verdict, DELIVERY_PARK);
    cr_expect(strstr(deliveries[4].reason, "/id") != NULL, "%s", deliveries[4].reason);
    fixture_clear(&fixture);
}

static struct delivery event_closed(char last, char body[128])
{
    snprintf(body, 128,
             "{\"id\":\"00000000000000000000000%c\",\"version\":1,\"name\":\"Opera\","
             "\"capacity\":7,\"closed\":true}",
             last);
    return delivery_of("event.created", body);
}

Test(catalogue_heard, parks_what_meets_damage_and_closes_the_others)
{
    struct fixture fixture;
    fixture_init(&fixture);
    char bodies[4][128];
    struct delivery deliveries[4];
    struct ledger_head head = {0};
    struct error error = {0};

    for (size_t i = 0; i < ARRAY_SIZE(deliveries); i++)
        deliveries[i] = event_closed((char)('1' + i), bodies[i]);
    /* The whole batch, its first half, its first message. */
    for (int i = 0; i < 3; i++)
        memory_faults_plan(fixture.database, "copy.put_events", MEMORY_FAULT_DAMAGED);
    catalogue_heard(&fixture.service, deliveries, ARRAY_SIZE(deliveries));

    cr_expect_eq(deliveries[0].verdict, DELIVERY_PARK);
    cr_expect_eq(deliveries[0].kind, PARKED_OTHER);
    for (uint8_t i = 1; i < 4; i++) {
        const struct object_id id = {.bytes = {[OBJECT_ID_BYTES - 1] = i + 1}};

        cr_expect_eq(deliveries[i].verdict, DELIVERY_ACKNOWLEDGE, "%s", deliveries[i].reason);
        cr_assert(ledger_store_head(fixture.service.ledgers, &id, &head, &error), "%s", error.text);
        cr_expect(head.state.closed);
    }
    fixture_clear(&fixture);
}

Test(catalogue_heard, takes_over_nothing_that_the_copy_lacks)
{
    struct fixture fixture;
    fixture_init(&fixture);
    struct delivery delivery =
        delivery_of("event.removed", "{\"id\":\"0123456789abcdef01234567\",\"version\":2}");
    struct ledger_head head = {0};
    struct error error = {0};
    struct object_id id;

    memory_faults_plan(fixture.database, "copy.put_events", MEMORY_FAULT_AWAY);
    catalogue_heard(&fixture.service, &delivery, 1);

    cr_expect_eq(delivery.verdict, DELIVERY_RETRY);
    cr_assert(object_id_parse(event_id, &id));
    cr_expect_not(ledger_store_head(fixture.service.ledgers, &id, &head, &error));
    cr_expect_eq(error.code, ERROR_NOT_FOUND);
    fixture_clear(&fixture);
}
