#include "persistence/memory/memory_catalogue.h"

#include "base/memory.h"
#include "persistence/array.h"
#include "persistence/memory/memory_database.h"

#include <string.h>

void memory_catalogue_clear(struct memory_catalogue *catalogue)
{
    memory_shelf_clear(&catalogue->shelf);
    for (size_t i = 0; i < catalogue->n_outbox; i++)
        outbox_message_clear(&catalogue->outbox[i]);
    memory_free(catalogue->outbox);
    memory_free(catalogue->keyed);
    memory_free(catalogue->sales);
    id_index_clear(&catalogue->sales_index);
    *catalogue = (struct memory_catalogue){0};
}

static struct memory_database *database_of(struct catalogue_store *store)
{
    return CONTAINER_OF(store, struct memory_database, catalogue);
}

static bool memory_catalogue_prepare(struct catalogue_store *store, struct error *error)
{
    CLEANUP(memory_data_unlock)
    struct memory_data *data = memory_database_read(database_of(store), "catalogue.prepare", error);

    return data != NULL;
}

/* ---- inserting ---- */

bool memory_catalogue_prepare_message(struct memory_catalogue *catalogue,
                                      const struct outbox_message *message,
                                      struct outbox_message *copy, struct error *error)
{
    struct outbox_message *outbox = array_room(catalogue->outbox, catalogue->n_outbox, 1,
                                               &catalogue->outbox_capacity, sizeof(*outbox), error);

    if (!outbox)
        return false;
    catalogue->outbox = outbox;
    return outbox_message_copy(message, copy, error);
}

/* What was created under a key; NULL when nothing was. */
static const struct memory_keyed *find_keyed(const struct memory_catalogue *catalogue,
                                             enum outbox_kind kind, const uint8_t hash[HASH_BYTES])
{
    for (size_t i = 0; i < catalogue->n_keyed; i++) {
        const struct memory_keyed *keyed = &catalogue->keyed[i];

        if (keyed->kind == kind && memcmp(keyed->key.hash, hash, HASH_BYTES) == 0)
            return keyed;
    }
    return NULL;
}

/* Room for a key that is not there yet; NULL is none. */
static bool prepare_key(struct memory_catalogue *catalogue, enum outbox_kind kind,
                        const struct catalogue_key *key, struct error *error)
{
    struct memory_keyed *keyed;

    if (!key)
        return true;
    if (find_keyed(catalogue, kind, key->hash))
        return error_set(error, ERROR_CONFLICT, "the key was taken in the meantime");
    keyed = array_room(catalogue->keyed, catalogue->n_keyed, 1, &catalogue->keyed_capacity,
                       sizeof(*keyed), error);
    if (!keyed)
        return false;
    catalogue->keyed = keyed;
    return true;
}

/* Both have their room. The message becomes the catalogue's. */
static void finish_insert(struct memory_catalogue *catalogue, const struct catalogue_key *key,
                          struct outbox_message *message)
{
    if (key)
        catalogue->keyed[catalogue->n_keyed++] =
            (struct memory_keyed){.kind = message->kind, .key = *key, .id = message->subject};
    catalogue->outbox[catalogue->n_outbox++] = *message;
    *message = (struct outbox_message){0};
}

static bool refuse_taken(bool is_removed, const struct object_id *id, struct error *error)
{
    if (is_removed)
        return error_set(error, ERROR_GONE, "%s was removed", object_id_hex(id).text);
    return error_set(error, ERROR_EXISTS, "%s exists", object_id_hex(id).text);
}

static bool insert_event(struct memory_catalogue *catalogue, const struct event *event,
                         const struct catalogue_key *key, const struct outbox_message *message,
                         struct error *error)
{
    const struct memory_event *stored = memory_shelf_event(&catalogue->shelf, &event->id);
    CLEANUP(outbox_message_clear) struct outbox_message copy = {0};

    if (!prepare_key(catalogue, OUTBOX_EVENT, key, error))
        return false;
    if (stored)
        return refuse_taken(stored->is_removed, &event->id, error);
    if (!memory_catalogue_prepare_message(catalogue, message, &copy, error) ||
        !memory_shelf_add_event(&catalogue->shelf, event, error))
        return false;
    finish_insert(catalogue, key, &copy);
    return true;
}

static bool insert_location(struct memory_catalogue *catalogue, const struct location *location,
                            const struct catalogue_key *key, const struct outbox_message *message,
                            struct error *error)
{
    const struct memory_location *stored = memory_shelf_location(&catalogue->shelf, &location->id);
    CLEANUP(outbox_message_clear) struct outbox_message copy = {0};

    if (!prepare_key(catalogue, OUTBOX_LOCATION, key, error))
        return false;
    if (stored)
        return refuse_taken(stored->is_removed, &location->id, error);
    if (!memory_catalogue_prepare_message(catalogue, message, &copy, error) ||
        !memory_shelf_add_location(&catalogue->shelf, location, error))
        return false;
    finish_insert(catalogue, key, &copy);
    return true;
}

static bool memory_catalogue_insert_event(struct catalogue_store *store, const struct event *event,
                                          const struct catalogue_key *key,
                                          const struct outbox_message *message, struct error *error)
{
    enum memory_fault fault = MEMORY_FAULT_NONE;
    CLEANUP(memory_data_unlock)
    struct memory_data *data =
        memory_database_write(database_of(store), "catalogue.insert_event", &fault, error);

    if (!data)
        return false;
    if (memory_fault_applies(fault) && !insert_event(&data->catalogue, event, key, message, error))
        return false;
    return memory_fault_answer(fault, error);
}

static bool memory_catalogue_insert_location(struct catalogue_store *store,
                                             const struct location *location,
                                             const struct catalogue_key *key,
                                             const struct outbox_message *message,
                                             struct error *error)
{
    enum memory_fault fault = MEMORY_FAULT_NONE;
    CLEANUP(memory_data_unlock)
    struct memory_data *data =
        memory_database_write(database_of(store), "catalogue.insert_location", &fault, error);

    if (!data)
        return false;
    if (memory_fault_applies(fault) &&
        !insert_location(&data->catalogue, location, key, message, error))
        return false;
    return memory_fault_answer(fault, error);
}

static bool memory_catalogue_find_key(struct catalogue_store *store, enum outbox_kind kind,
                                      const uint8_t hash[HASH_BYTES], struct catalogue_keyed *keyed,
                                      struct error *error)
{
    CLEANUP(memory_data_unlock)
    struct memory_data *data =
        memory_database_read(database_of(store), "catalogue.find_key", error);
    const struct memory_keyed *found;

    if (!data)
        return false;
    found = find_keyed(&data->catalogue, kind, hash);
    if (!found)
        return error_set(error, ERROR_NOT_FOUND, "nothing was created under this key");
    *keyed = (struct catalogue_keyed){.id = found->id, .fingerprint = found->key.fingerprint};
    return true;
}

/* ---- reading ---- */

static struct memory_sale *sale_of(const struct memory_catalogue *catalogue,
                                   const struct object_id *event_id)
{
    size_t place;

    return id_index_find(&catalogue->sales_index, event_id, &place) ? &catalogue->sales[place]
                                                                    : NULL;
}

static void show_sale(const struct memory_catalogue *catalogue, struct event_view *view)
{
    const struct memory_sale *sale = sale_of(catalogue, &view->event.id);

    if (!sale)
        return;
    view->entry = sale->entry;
    view->seats_sold = sale->seats_sold;
}

static bool memory_catalogue_event(struct catalogue_store *store, const struct object_id *id,
                                   struct event_view *view, struct error *error)
{
    CLEANUP(memory_data_unlock)
    struct memory_data *data = memory_database_read(database_of(store), "catalogue.event", error);
    const struct memory_event *stored;

    if (!data)
        return false;
    stored = memory_shelf_event(&data->catalogue.shelf, id);
    if (!stored || stored->is_removed)
        return error_set(error, ERROR_NOT_FOUND, "there is no event %s", object_id_hex(id).text);
    if (!memory_shelf_view(&data->catalogue.shelf, &stored->event, view, error))
        return false;
    show_sale(&data->catalogue, view);
    return true;
}

static bool memory_catalogue_location(struct catalogue_store *store, const struct object_id *id,
                                      struct location *location, struct error *error)
{
    CLEANUP(memory_data_unlock)
    struct memory_data *data =
        memory_database_read(database_of(store), "catalogue.location", error);
    const struct memory_location *stored;

    if (!data)
        return false;
    stored = memory_shelf_location(&data->catalogue.shelf, id);
    if (!stored || stored->is_removed)
        return error_set(error, ERROR_NOT_FOUND, "there is no location %s", object_id_hex(id).text);
    return location_copy(&stored->location, location, error);
}

static bool list_events(struct catalogue_store *store, const struct event_page *page,
                        struct memory_views *views, struct error *error)
{
    CLEANUP(memory_data_unlock)
    struct memory_data *data = memory_database_read(database_of(store), "catalogue.events", error);

    if (!data || !memory_shelf_events(&data->catalogue.shelf, page, views, error))
        return false;
    for (size_t i = 0; i < views->n_views; i++)
        show_sale(&data->catalogue, &views->views[i]);
    return true;
}

static bool memory_catalogue_events(struct catalogue_store *store, const struct event_page *page,
                                    event_visit *visit, void *context, struct error *error)
{
    CLEANUP(memory_views_clear) struct memory_views views = {0};

    return list_events(store, page, &views, error) &&
           memory_views_visit(&views, visit, context, error);
}

static bool list_locations(struct catalogue_store *store, const struct location_page *page,
                           struct memory_locations *locations, struct error *error)
{
    CLEANUP(memory_data_unlock)
    struct memory_data *data =
        memory_database_read(database_of(store), "catalogue.locations", error);

    return data && memory_shelf_locations(&data->catalogue.shelf, page, locations, error);
}

static bool memory_catalogue_locations(struct catalogue_store *store,
                                       const struct location_page *page, location_visit *visit,
                                       void *context, struct error *error)
{
    CLEANUP(memory_locations_clear) struct memory_locations locations = {0};

    return list_locations(store, page, &locations, error) &&
           memory_locations_visit(&locations, visit, context, error);
}

/* ---- sales ---- */

static bool add_sale(struct memory_catalogue *catalogue, const struct sale_heard *heard,
                     struct error *error)
{
    struct memory_sale *sales = array_room(catalogue->sales, catalogue->n_sales, 1,
                                           &catalogue->sales_capacity, sizeof(*sales), error);

    if (!sales)
        return false;
    catalogue->sales = sales;
    if (!id_index_put(&catalogue->sales_index, &heard->event_id, catalogue->n_sales, error))
        return false;
    sales[catalogue->n_sales++] = (struct memory_sale){
        .event_id = heard->event_id, .entry = heard->entry, .seats_sold = heard->seats_sold};
    return true;
}

static bool hear_sale(struct memory_catalogue *catalogue, struct sale_heard *heard,
                      struct error *error)
{
    struct memory_sale *sale = sale_of(catalogue, &heard->event_id);

    heard->known = memory_shelf_event(&catalogue->shelf, &heard->event_id) != NULL;
    heard->changed = heard->known && (!sale || sale->entry < heard->entry);
    if (!heard->changed)
        return true;
    if (!sale)
        return add_sale(catalogue, heard, error);
    sale->entry = heard->entry;
    sale->seats_sold = heard->seats_sold;
    return true;
}

static bool memory_catalogue_hear_sales(struct catalogue_store *store, struct sale_heard *sales,
                                        size_t n_sales, struct error *error)
{
    enum memory_fault fault = MEMORY_FAULT_NONE;
    CLEANUP(memory_data_unlock)
    struct memory_data *data =
        memory_database_write(database_of(store), "catalogue.hear_sales", &fault, error);

    if (!data)
        return false;
    for (size_t i = 0; i < n_sales && memory_fault_applies(fault); i++) {
        if (!hear_sale(&data->catalogue, &sales[i], error))
            return false;
    }
    return memory_fault_answer(fault, error);
}

/* ---- outbox ---- */

struct message_list {
    struct outbox_message *messages; /* owned */
    size_t n_messages;
};

static void message_list_clear(struct message_list *list)
{
    for (size_t i = 0; i < list->n_messages; i++)
        outbox_message_clear(&list->messages[i]);
    memory_free(list->messages);
}

static bool list_messages(struct catalogue_store *store, size_t limit, struct message_list *list,
                          struct error *error)
{
    CLEANUP(memory_data_unlock)
    struct memory_data *data =
        memory_database_read(database_of(store), "catalogue.unpublished", error);
    size_t n;

    if (!data)
        return false;
    n = data->catalogue.n_outbox < limit ? data->catalogue.n_outbox : limit;
    list->messages = memory_array(n + 1, sizeof(*list->messages), error);
    if (!list->messages)
        return false;
    for (; list->n_messages < n; list->n_messages++) {
        if (!outbox_message_copy(&data->catalogue.outbox[list->n_messages],
                                 &list->messages[list->n_messages], error))
            return false;
    }
    return true;
}

static bool memory_catalogue_unpublished(struct catalogue_store *store, size_t limit,
                                         outbox_visit *visit, void *context, struct error *error)
{
    CLEANUP(message_list_clear) struct message_list list = {0};

    if (!list_messages(store, limit, &list, error))
        return false;
    for (size_t i = 0; i < list.n_messages; i++) {
        if (!visit(context, &list.messages[i], error))
            return false;
    }
    return true;
}

static bool is_same_message(const struct outbox_message *a, const struct outbox_message *b)
{
    return a->kind == b->kind && a->version == b->version &&
           object_id_equal(&a->subject, &b->subject);
}

static void take_out(struct memory_catalogue *catalogue, const struct outbox_message *message)
{
    size_t n_kept = 0;

    for (size_t i = 0; i < catalogue->n_outbox; i++) {
        if (is_same_message(&catalogue->outbox[i], message))
            outbox_message_clear(&catalogue->outbox[i]);
        else
            catalogue->outbox[n_kept++] = catalogue->outbox[i];
    }
    catalogue->n_outbox = n_kept;
}

static bool memory_catalogue_mark(struct catalogue_store *store,
                                  const struct outbox_message *const messages[], size_t n_messages,
                                  struct error *error)
{
    enum memory_fault fault = MEMORY_FAULT_NONE;
    CLEANUP(memory_data_unlock)
    struct memory_data *data =
        memory_database_write(database_of(store), "catalogue.mark", &fault, error);

    if (!data)
        return false;
    for (size_t i = 0; i < n_messages && memory_fault_applies(fault); i++)
        take_out(&data->catalogue, messages[i]);
    return memory_fault_answer(fault, error);
}

static bool memory_catalogue_sales_generation(struct catalogue_store *store, uint64_t *generation,
                                              struct error *error)
{
    CLEANUP(memory_data_unlock)
    struct memory_data *data =
        memory_database_read(database_of(store), "catalogue.sales_generation", error);

    if (!data)
        return false;
    *generation = 1;
    return true;
}

const struct catalogue_store_ops memory_catalogue_ops = {
    .prepare = memory_catalogue_prepare,
    .insert_event = memory_catalogue_insert_event,
    .insert_location = memory_catalogue_insert_location,
    .find_key = memory_catalogue_find_key,
    .change_event = memory_catalogue_change_event,
    .change_location = memory_catalogue_change_location,
    .remove = memory_catalogue_remove,
    .event = memory_catalogue_event,
    .location = memory_catalogue_location,
    .events = memory_catalogue_events,
    .locations = memory_catalogue_locations,
    .scan = memory_catalogue_scan,
    .sales_generation = memory_catalogue_sales_generation,
    .hear_sales = memory_catalogue_hear_sales,
    .unpublished = memory_catalogue_unpublished,
    .mark = memory_catalogue_mark,
};
