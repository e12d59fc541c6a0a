#include "bookingservice/catalogue_batch.h"

#include "base/memory.h"
#include "service/delivery_verdict.h"

void catalogue_batch_clear(struct catalogue_batch *batch)
{
    copy_batch_clear(&batch->copy);
    memory_free(batch->changes);
    *batch = (struct catalogue_batch){0};
}

static struct ledger_change change_of(const struct copy_event *copy)
{
    const struct event *event = copy->event;

    return (struct ledger_change){
        .event_id = event->id,
        .event_version = event->version,
        .capacity = copy->removed ? CAPACITY_UNKNOWN : event->capacity,
        .closed = event->closed,
        .removed = copy->removed,
        .end_s = event->end_s,
    };
}

bool catalogue_batch_read(struct catalogue_batch *batch, struct delivery *deliveries,
                          size_t n_deliveries, struct error *error)
{
    batch->changes = memory_array(n_deliveries, sizeof(*batch->changes), error);
    if (!batch->changes || !copy_batch_make(&batch->copy, n_deliveries, error)) {
        catalogue_batch_clear(batch);
        return false;
    }
    copy_batch_read(&batch->copy, deliveries, n_deliveries);
    for (size_t i = 0; i < batch->copy.n_events; i++)
        batch->changes[i] = change_of(&batch->copy.event_copies[i]);
    return true;
}

/* One event's ledger may be closed for good while another is only busy. */
static void end_event(struct delivery *delivery, bool is_news, const struct ledger_change *change)
{
    struct error error = {0};

    if (change->taken_over) {
        delivery_take(delivery, is_news || change->changed, LOG_INFO);
        return;
    }
    error_set(&error, change->code, "the ledger of event %s did not take it over: %s",
              object_id_hex(&change->event_id).text, error_code_name(change->code));
    delivery_fail(delivery, &error);
}

void catalogue_batch_end(struct catalogue_batch *batch)
{
    const struct copy_batch *copy = &batch->copy;

    copy_batch_end_locations(&batch->copy);
    for (size_t i = 0; i < copy->n_events; i++)
        end_event(copy->event_deliveries[i], copy->event_copies[i].changed, &batch->changes[i]);
}
