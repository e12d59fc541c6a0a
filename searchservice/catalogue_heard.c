/*
 * Messages about the catalogue. A batch is brought into the copy, then what it touches is made to be found
 * by what the copy says. All of it may be done again at any time: versions decide.
 */
#include "base/memory.h"
#include "searchservice/finding.h"
#include "service/copy_batch.h"
#include "service/delivery_verdict.h"

static bool find_removed(struct search_service *service, const struct copy_batch *batch,
                         struct error *error)
{
    for (size_t i = 0; i < batch->n_events; i++) {
        const struct search_entry entry = {
            .event_id = batch->events[i].id,
            .event_version = batch->events[i].version,
            .removed = true,
        };

        if (batch->event_copies[i].removed && !search_store_put(service->found, &entry, 1, error))
            return false;
    }
    return true;
}

static bool find_events(struct search_service *service, const struct copy_batch *batch,
                        struct error *error)
{
    CLEANUP(memory_freep)
    struct object_id *ids = memory_array(batch->n_events + 1, sizeof(*ids), error);

    if (!ids)
        return false;
    for (size_t i = 0; i < batch->n_events; i++)
        ids[i] = batch->events[i].id;
    return finding_events(service, ids, batch->n_events, error) &&
           find_removed(service, batch, error);
}

static bool find_places(struct search_service *service, const struct copy_batch *batch,
                        struct error *error)
{
    for (size_t i = 0; i < batch->n_locations; i++) {
        if (!finding_place(service, &batch->locations[i].id, error))
            return false;
    }
    return true;
}

static bool hear(void *context, struct delivery *deliveries, size_t n_deliveries,
                 struct error *error)
{
    struct search_service *service = context;
    CLEANUP(copy_batch_clear) struct copy_batch batch = {0};

    if (!copy_batch_make(&batch, n_deliveries, error))
        return false;
    copy_batch_read(&batch, deliveries, n_deliveries);
    if (!copy_batch_put(&batch, service->copy, error) || !find_events(service, &batch, error) ||
        !find_places(service, &batch, error))
        return false;
    copy_batch_end_locations(&batch);
    copy_batch_end_events(&batch);
    return true;
}

void search_heard(void *context, struct delivery *deliveries, size_t n_deliveries)
{
    deliveries_handle(hear, context, deliveries, n_deliveries);
}
