#include "base/log.h"
#include "base/memory.h"
#include "bookingservice/catalogue_batch.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static struct delivery delivery_of(const char *name, const char *body)
{
    struct delivery delivery = {.verdict = DELIVERY_RETRY};

    snprintf(delivery.envelope.name, sizeof(delivery.envelope.name), "%s", name);
    delivery.envelope.body = body;
    delivery.envelope.body_bytes = strlen(body);
    return delivery;
}

static struct delivery deliveries[3];
static struct catalogue_batch batch;

static void read_all(void)
{
    struct error error = {0};

    log_setup(LOG_ERROR, LOG_FORMAT_TEXT, "test");
    deliveries[0] =
        delivery_of("event.created", "{\"id\":\"0123456789abcdef01234567\",\"version\":1,"
                                     "\"name\":\"Opera\",\"capacity\":7}");
    deliveries[1] =
        delivery_of("event.removed", "{\"id\":\"0123456789abcdef01234568\",\"version\":3}");
    deliveries[2] =
        delivery_of("location.removed", "{\"id\":\"0123456789abcdef01234569\",\"version\":2}");
    cr_assert(catalogue_batch_read(&batch, deliveries, 3, &error), "%s", error.text);
}

static void clear(void)
{
    catalogue_batch_clear(&batch);
}

TestSuite(catalogue_batch, .init = read_all, .fini = clear);

Test(catalogue_batch, says_what_copy_and_ledgers_are_to_do)
{
    cr_assert_eq(batch.copy.n_events, 2);
    cr_assert_eq(batch.copy.n_locations, 1);

    cr_expect_eq(batch.changes[0].capacity, 7);
    cr_expect_eq(batch.changes[0].event_version, 1);
    cr_expect(batch.copy.event_copies[1].removed);
    cr_expect(batch.changes[1].removed);
    cr_expect_eq(batch.changes[1].capacity, CAPACITY_UNKNOWN);
    cr_expect(batch.copy.location_copies[0].removed);
}

Test(catalogue_batch, leaves_every_verdict_open_until_the_end)
{
    for (size_t i = 0; i < 3; i++)
        cr_expect_eq(deliveries[i].verdict, DELIVERY_RETRY);
}

Test(catalogue_batch, gives_each_event_the_reason_of_its_own_ledger)
{
    batch.changes[0].code = ERROR_UNAVAILABLE;
    batch.changes[1].code = ERROR_CORRUPT;
    catalogue_batch_end(&batch);

    cr_expect_eq(deliveries[0].verdict, DELIVERY_RETRY);
    cr_expect_eq(deliveries[1].verdict, DELIVERY_PARK);
}

Test(catalogue_batch, acknowledges_what_copy_and_ledger_have)
{
    batch.changes[0].taken_over = true;
    batch.changes[1].taken_over = true;
    batch.copy.event_copies[1].changed = true;
    catalogue_batch_end(&batch);

    for (size_t i = 0; i < 3; i++)
        cr_expect_eq(deliveries[i].verdict, DELIVERY_ACKNOWLEDGE);
    cr_expect_not(deliveries[0].changed);
    cr_expect(deliveries[1].changed);
}

Test(catalogue_batch, parks_at_once_what_cannot_be_read)
{
    struct delivery bad = delivery_of("event.created", "{");
    struct catalogue_batch other = {0};

    cr_assert(catalogue_batch_read(&other, &bad, 1, NULL));

    cr_expect_eq(bad.verdict, DELIVERY_PARK);
    cr_expect_eq(other.copy.n_events, 0);
    catalogue_batch_clear(&other);
}

Test(catalogue_batch, reads_nothing_without_memory)
{
    struct delivery bad = delivery_of("event.created", "{");
    struct catalogue_batch other = {0};
    struct error error = {0};

    for (long n = 1; n <= 7; n++) {
        memory_fail_at(n, false);
        cr_expect_not(catalogue_batch_read(&other, &bad, 1, &error));
        memory_fail_at(0, false);
        cr_expect_eq(error.code, ERROR_MEMORY);
        cr_expect_eq(bad.verdict, DELIVERY_RETRY);
    }
}
