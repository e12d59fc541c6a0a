#include "support.h"

#include "bookingservice/ledger_relay.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static void book(struct fixture *fixture, const struct object_id *event_id)
{
    CLEANUP(http_response_clear) struct http_response response = {0};
    const struct object_id_hex id = object_id_hex(event_id);
    const struct http_request request = request_to_book(id.text, NULL, "{\"seats\":2}");
    struct error error = {0};

    http_response_init(&response);
    cr_assert(http_handle(booking_create, &fixture->service, &request, &response, &error), "%s",
              error.text);
}

/* Take the items of all entries that are not marked yet. */
struct items {
    struct relay_item *list[8];
    size_t n;
};

static bool take(void *context, const struct ledger_entry *entry, struct error *error)
{
    struct items *items = context;

    items->list[items->n] = ledger_relay_item(entry, error);
    return items->list[items->n++] != NULL;
}

static struct items unpublished(struct fixture *fixture)
{
    struct items items = {0};
    struct error error = {0};

    cr_assert(ledger_store_unpublished(fixture->service.ledgers, ARRAY_SIZE(items.list), take,
                                       &items, &error),
              "%s", error.text);
    return items;
}

Test(ledger_relay, makes_one_message_of_a_booking)
{
    struct fixture fixture;
    fixture_init(&fixture);
    struct object_id event_id = fixture_event(&fixture, 5);
    struct ledger_relay relay = {.ledgers = fixture.service.ledgers,
                                 .service_name = "bookingservice"};
    const struct relay_source source = ledger_relay_source(&relay);
    CLEANUP(buffer_clear) struct buffer body = {0};
    struct envelope envelope = {0};
    struct error error = {0};
    char id[MESSAGE_ID_BYTES];

    book(&fixture, &event_id);
    struct items items = unpublished(&fixture);
    struct relay_item *booked = NULL;

    buffer_init(&body, 4096);
    for (size_t i = 0; i < items.n; i++) {
        if (items.list[i]->n_messages)
            booked = items.list[i];
    }
    cr_assert_not_null(booked);
    cr_expect_eq(booked->n_messages, 1);
    cr_assert(source.envelope(source.context, booked, 0, &body, &envelope, &error));
    cr_expect_str_eq(envelope.name, "event.booked");
    cr_expect(strstr(envelope.body, "\"seatsLeft\":3") != NULL, "%s", envelope.body);
    snprintf(id, sizeof(id), "%s:1:b0", object_id_hex(&event_id).text);
    cr_expect_str_eq(envelope.id, id);

    cr_assert(source.mark(source.context, items.list, items.n, &error), "%s", error.text);
    cr_assert_eq(unpublished(&fixture).n, 0);
    for (size_t i = 0; i < items.n; i++)
        source.free_item(items.list[i]);
    fixture_clear(&fixture);
}
