/* Messages about the catalogue, on their way into copy and ledgers; what becomes of them is the batch's. */
#include "base/clock.h"
#include "base/log.h"
#include "bookingservice/booking_service.h"
#include "bookingservice/catalogue_batch.h"

static void apply_locations(struct booking_service *service, struct catalogue_batch *batch)
{
    const struct copy_batch *copy = &batch->copy;
    struct error error = {0};
    bool stored =
        copy_store_put_locations(service->copy, copy->location_copies, copy->n_locations, &error);

    catalogue_batch_end_locations(batch, stored ? NULL : &error);
}

static void apply_events(struct booking_service *service, struct catalogue_batch *batch)
{
    int64_t deadline_ms = clock_monotonic_ms() + TAKE_OVER_WAIT_MS;
    const struct copy_batch *copy = &batch->copy;
    struct error error = {0};

    if (!copy_store_put_events(service->copy, copy->event_copies, copy->n_events, &error)) {
        catalogue_batch_end_events(batch, &error);
        return;
    }
    if (!ledger_take_over(service->ledger, batch->changes, copy->n_events, deadline_ms, &error))
        log_debug("not all taken over", LOG_CAUSE(&error)); /* each has its own reason */
    catalogue_batch_end_events(batch, NULL);
}

void catalogue_heard(void *context, struct delivery *deliveries, size_t n_deliveries)
{
    CLEANUP(catalogue_batch_clear) struct catalogue_batch batch = {0};
    struct error error = {0};

    if (!catalogue_batch_read(&batch, deliveries, n_deliveries, &error))
        return; /* the verdicts stay: retry */
    /* Locations first, so that an event is never shown without the one that came before it. */
    if (batch.copy.n_locations)
        apply_locations(context, &batch);
    if (batch.copy.n_events)
        apply_events(context, &batch);
}
