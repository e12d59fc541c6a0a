#include "persistence/memory/memory_database.h"

static struct memory_data *begin(struct catalogue_store *store, enum memory_fault *fault,
                                 struct error *error)
{
    struct memory_database *database = CONTAINER_OF(store, struct memory_database, catalogue);

    return memory_database_write(database, "catalogue.change", fault, error);
}

static size_t n_waiting(const struct memory_catalogue *catalogue,
                        const struct outbox_message *message)
{
    size_t n = 0;

    for (size_t i = 0; i < catalogue->n_outbox; i++) {
        const struct outbox_message *waiting = &catalogue->outbox[i];

        if (waiting->kind == message->kind && object_id_equal(&waiting->subject, &message->subject))
            n++;
    }
    return n;
}

/* What a change finds: @version is 0 when there is nothing. */
static bool check(const struct memory_catalogue *catalogue, int64_t version, bool is_removed,
                  const struct outbox_message *message, struct error *error)
{
    const struct object_id_hex hex = object_id_hex(&message->subject);

    if (version == 0)
        return error_set(error, ERROR_NOT_FOUND, "there is no %s", hex.text);
    if (is_removed)
        return error_set(error, ERROR_GONE, "%s was removed", hex.text);
    if (version != message->version - 1)
        return error_set(error, ERROR_CONFLICT, "%s was changed in the meantime", hex.text);
    if (n_waiting(catalogue, message) >= OUTBOX_MESSAGES_MAX)
        return error_set(error, ERROR_BUSY, "too many messages about %s wait", hex.text);
    return true;
}

static bool check_event(const struct memory_catalogue *catalogue, const struct memory_event *stored,
                        const struct outbox_message *message, struct error *error)
{
    return check(catalogue, stored ? stored->event.version : 0, stored && stored->is_removed,
                 message, error);
}

static bool check_location(const struct memory_catalogue *catalogue,
                           const struct memory_location *stored,
                           const struct outbox_message *message, struct error *error)
{
    return check(catalogue, stored ? stored->location.version : 0, stored && stored->is_removed,
                 message, error);
}

static bool change_event(struct memory_catalogue *catalogue, const struct event *event,
                         const struct outbox_message *message, struct error *error)
{
    struct memory_event *stored = memory_shelf_event(&catalogue->shelf, &event->id);
    struct outbox_message copy;

    if (!check_event(catalogue, stored, message, error) ||
        !memory_catalogue_prepare_message(catalogue, message, &copy, error))
        return false;
    stored->event = *event;
    catalogue->outbox[catalogue->n_outbox++] = copy;
    return true;
}

static bool change_location(struct memory_catalogue *catalogue, const struct location *location,
                            const struct outbox_message *message, struct error *error)
{
    struct memory_location *stored = memory_shelf_location(&catalogue->shelf, &location->id);
    CLEANUP(outbox_message_clear) struct outbox_message copy = {0};

    if (!check_location(catalogue, stored, message, error) ||
        !memory_catalogue_prepare_message(catalogue, message, &copy, error) ||
        !memory_shelf_set_location(stored, location, error))
        return false;
    catalogue->outbox[catalogue->n_outbox++] = copy;
    copy = (struct outbox_message){0};
    return true;
}

/* Name and address stay, for whoever still shows them. */
static bool remove_one(struct memory_catalogue *catalogue, const struct outbox_message *message,
                       struct error *error)
{
    struct memory_event *event = memory_shelf_event(&catalogue->shelf, &message->subject);
    struct memory_location *location = memory_shelf_location(&catalogue->shelf, &message->subject);
    bool is_event = message->kind == OUTBOX_EVENT;
    struct outbox_message copy;

    if (!(is_event ? check_event(catalogue, event, message, error)
                   : check_location(catalogue, location, message, error)) ||
        !memory_catalogue_prepare_message(catalogue, message, &copy, error))
        return false;
    if (is_event) {
        event->event.version = message->version;
        event->is_removed = true;
    } else {
        location->location.version = message->version;
        location->is_removed = true;
    }
    catalogue->outbox[catalogue->n_outbox++] = copy;
    return true;
}

bool memory_catalogue_change_event(struct catalogue_store *store, const struct event *event,
                                   const struct outbox_message *message, struct error *error)
{
    enum memory_fault fault = MEMORY_FAULT_NONE;
    CLEANUP(memory_data_unlock) struct memory_data *data = begin(store, &fault, error);

    if (!data)
        return false;
    if (memory_fault_applies(fault) && !change_event(&data->catalogue, event, message, error))
        return false;
    return memory_fault_answer(fault, error);
}

bool memory_catalogue_change_location(struct catalogue_store *store,
                                      const struct location *location,
                                      const struct outbox_message *message, struct error *error)
{
    enum memory_fault fault = MEMORY_FAULT_NONE;
    CLEANUP(memory_data_unlock) struct memory_data *data = begin(store, &fault, error);

    if (!data)
        return false;
    if (memory_fault_applies(fault) && !change_location(&data->catalogue, location, message, error))
        return false;
    return memory_fault_answer(fault, error);
}

bool memory_catalogue_remove(struct catalogue_store *store, const struct outbox_message *message,
                             struct error *error)
{
    enum memory_fault fault = MEMORY_FAULT_NONE;
    CLEANUP(memory_data_unlock) struct memory_data *data = begin(store, &fault, error);

    if (!data)
        return false;
    if (memory_fault_applies(fault) && !remove_one(&data->catalogue, message, error))
        return false;
    return memory_fault_answer(fault, error);
}
