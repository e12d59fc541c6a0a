/* Messages about the catalogue, on their way into copy and ledgers; what becomes of them is the batch's. */
#include "base/clock.h"
#include "base/log.h"
#include "bookingservice/booking_service.h"
#include "bookingservice/catalogue_batch.h"
#include "service/delivery_verdict.h"

static void take_over(struct booking_service *service, struct catalogue_batch *batch)
{
    int64_t deadline_ms = clock_monotonic_ms() + TAKE_OVER_WAIT_MS;
    struct error error = {0};

    if (!ledger_take_over(service->ledger, batch->changes, batch->copy.n_events, deadline_ms,
                          &error))
        log_debug("not all taken over", LOG_CAUSE(&error)); /* each has its own reason */
}

static bool hear(void *context, struct delivery *deliveries, size_t n_deliveries,
                 struct error *error)
{
    struct booking_service *service = context;
    CLEANUP(catalogue_batch_clear) struct catalogue_batch batch = {0};

    if (!catalogue_batch_read(&batch, deliveries, n_deliveries, error) ||
        !copy_batch_put(&batch.copy, service->copy, error))
        return false;
    if (batch.copy.n_events)
        take_over(service, &batch);
    catalogue_batch_end(&batch);
    return true;
}

void catalogue_heard(void *context, struct delivery *deliveries, size_t n_deliveries)
{
    deliveries_handle(hear, context, deliveries, n_deliveries);
}
