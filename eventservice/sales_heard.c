#include "eventservice/event_service.h"

#include "base/memory.h"
#include "contracts/message.h"
#include "service/delivery_verdict.h"

struct metric metric_unknown_event =
    METRIC_COUNTER("myevents_messages_unknown_event_total",
                   "Messages about events that are not in the catalogue.", NULL, NULL);

static bool decode_sale(const struct envelope *envelope, struct sale_heard *sale,
                        struct error *error)
{
    CLEANUP(message_clear) struct message message = {0};
    const struct event_booked *booked = &message.as.booking;

    if (!message_decode(envelope, &message, error))
        return false;
    if (message.kind != MESSAGE_EVENT_BOOKED && message.kind != MESSAGE_BOOKING_CANCELLED)
        return error_set(error, ERROR_UNSUPPORTED, "%s is not for this queue", envelope->name);
    *sale = (struct sale_heard){
        .event_id = booked->event_id, .entry = booked->entry, .seats_sold = booked->seats_sold};
    return true;
}

/* The first form of the message gives no sums, so there is nothing to keep of it. */
static bool says_nothing(const struct sale_heard *sale)
{
    return sale->entry < 0;
}

static void settle(struct delivery *delivery, const struct sale_heard *sale)
{
    if (!sale->known)
        metric_add(&metric_unknown_event, 1);
    /* There are thousands of them a second. */
    delivery_take(delivery, sale->changed, LOG_DEBUG);
}

/* Decode what can be decoded; @owners[i] is the delivery that @sales[i] came in. */
static size_t decode_all(struct delivery *deliveries, size_t n_deliveries, struct sale_heard *sales,
                         struct delivery **owners)
{
    size_t n = 0;

    for (size_t i = 0; i < n_deliveries; i++) {
        struct error error = {0};

        if (!decode_sale(&deliveries[i].envelope, &sales[n], &error))
            delivery_fail(&deliveries[i], &error);
        else if (says_nothing(&sales[n]))
            deliveries[i].verdict = DELIVERY_ACKNOWLEDGE;
        else
            owners[n++] = &deliveries[i];
    }
    return n;
}

static bool hear(void *context, struct delivery *deliveries, size_t n_deliveries,
                 struct error *error)
{
    struct event_service *service = context;
    CLEANUP(memory_freep)
    struct sale_heard *sales = memory_array(n_deliveries, sizeof(*sales), error);
    CLEANUP(memory_freep)
    struct delivery **owners = memory_array(n_deliveries, sizeof(struct delivery *), error);

    if (!sales || !owners)
        return false;

    size_t n = decode_all(deliveries, n_deliveries, sales, owners);

    if (n > 0 && !catalogue_store_hear_sales(service->catalogue, sales, n, error))
        return false;
    for (size_t i = 0; i < n; i++)
        settle(owners[i], &sales[i]);
    return true;
}

void sales_heard(void *context, struct delivery *deliveries, size_t n_deliveries)
{
    deliveries_handle(hear, context, deliveries, n_deliveries);
}
