#include "persistence/memory/memory_database.h"

#include "base/memory.h"
#include "persistence/array.h"

#include <string.h>

/* All data that somebody has open, by name. */
static pthread_mutex_t registry_mutex = PTHREAD_MUTEX_INITIALIZER;
static struct memory_data *registry;

static void data_free(struct memory_data *data)
{
    if (!data)
        return;
    memory_catalogue_clear(&data->catalogue);
    memory_copy_clear(&data->copy);
    memory_ledgers_clear(&data->ledgers);
    memory_users_clear(&data->users);
    memory_attempts_clear(&data->attempts);
    memory_search_clear(&data->search);
    for (size_t i = 0; i < data->n_numbers; i++)
        memory_free(data->numbers[i].name);
    memory_free(data->numbers);
    pthread_mutex_destroy(&data->mutex);
    memory_free(data->name);
    memory_free(data);
}

DEFINE_FREEP(data_free, struct memory_data)

static bool data_new(const char *name, struct memory_data **data, struct error *error)
{
    CLEANUP(data_freep) struct memory_data *self = memory_new(sizeof(*self), error);
    int status;

    if (!self)
        return false;
    status = pthread_mutex_init(&self->mutex, NULL);
    if (status != 0) {
        memory_free(self);
        self = NULL;
        error_set_errno(error, status, "making a mutex");
        return false;
    }
    self->name = memory_text(name, error);
    if (!self->name)
        return false;
    *data = self;
    self = NULL;
    return true;
}

static bool data_open(const char *name, struct memory_data **data, struct error *error)
{
    struct memory_data *found = registry;

    while (found && strcmp(found->name, name) != 0)
        found = found->next;
    if (!found) {
        if (!data_new(name, &found, error))
            return false;
        found->next = registry;
        registry = found;
    }
    found->n_open++;
    *data = found;
    return true;
}

/* What nobody has open any more is gone. */
static void data_close(struct memory_data *data)
{
    struct memory_data **link = &registry;

    if (--data->n_open > 0)
        return;
    while (*link != data)
        link = &(*link)->next;
    *link = data->next;
    data_free(data);
}

static void memory_database_free(struct database *database)
{
    struct memory_database *self = CONTAINER_OF(database, struct memory_database, base);

    pthread_mutex_lock(&registry_mutex);
    data_close(self->data);
    pthread_mutex_unlock(&registry_mutex);
    memory_free(self);
}

static bool memory_database_ping(struct database *database, struct error *error)
{
    struct memory_database *self = CONTAINER_OF(database, struct memory_database, base);
    CLEANUP(memory_data_unlock)
    struct memory_data *data = memory_database_read(self, "database.ping", error);

    return data != NULL;
}

static struct memory_number *number_of(const struct memory_data *data, const char *name)
{
    for (size_t i = 0; i < data->n_numbers; i++) {
        if (strcmp(data->numbers[i].name, name) == 0)
            return &data->numbers[i];
    }
    return NULL;
}

static bool add_number(struct memory_data *data, const char *name, int64_t value,
                       struct error *error)
{
    struct memory_number *numbers = array_room(data->numbers, data->n_numbers, 1,
                                               &data->numbers_capacity, sizeof(*numbers), error);
    char *copy;

    if (!numbers)
        return false;
    data->numbers = numbers;
    copy = memory_text(name, error);
    if (!copy)
        return false;
    numbers[data->n_numbers++] = (struct memory_number){.name = copy, .value = value};
    return true;
}

static bool memory_database_load_number(struct database *database, const char *name, int64_t *value,
                                        struct error *error)
{
    struct memory_database *self = CONTAINER_OF(database, struct memory_database, base);
    CLEANUP(memory_data_unlock)
    struct memory_data *data = memory_database_read(self, "database.load_number", error);
    const struct memory_number *number;

    if (!data)
        return false;
    number = number_of(data, name);
    if (number)
        *value = number->value;
    return true;
}

static bool memory_database_store_number(struct database *database, const char *name, int64_t value,
                                         struct error *error)
{
    struct memory_database *self = CONTAINER_OF(database, struct memory_database, base);
    enum memory_fault fault;
    CLEANUP(memory_data_unlock)
    struct memory_data *data = memory_database_write(self, "database.store_number", &fault, error);
    struct memory_number *number;

    if (!data)
        return false;
    if (memory_fault_applies(fault)) {
        number = number_of(data, name);
        if (number)
            number->value = value;
        else if (!add_number(data, name, value, error))
            return false;
    }
    return memory_fault_answer(fault, error);
}

static const struct database_ops memory_database_ops = {
    .ping = memory_database_ping,
    .load_number = memory_database_load_number,
    .store_number = memory_database_store_number,
    .free = memory_database_free,
};

static bool memory_database_open(const struct database_options *options, struct database **database,
                                 struct error *error)
{
    struct memory_database *self = memory_new(sizeof(*self), error);
    bool ok;

    if (!self)
        return false;
    pthread_mutex_lock(&registry_mutex);
    ok = data_open(options->url, &self->data, error);
    pthread_mutex_unlock(&registry_mutex);
    if (!ok) {
        memory_free(self);
        return false;
    }
    self->catalogue.ops = &memory_catalogue_ops;
    self->copy.ops = &memory_copy_ops;
    self->ledger.ops = &memory_ledger_ops;
    self->user.ops = &memory_user_ops;
    self->attempt.ops = &memory_attempt_ops;
    self->search.ops = &memory_search_ops;
    self->base = (struct database){.ops = &memory_database_ops,
                                   .catalogue = &self->catalogue,
                                   .copy = &self->copy,
                                   .ledger = &self->ledger,
                                   .user = &self->user,
                                   .attempt = &self->attempt,
                                   .search = &self->search};
    *database = &self->base;
    return true;
}

const struct persistence_backend persistence_memory = {
    .name = "memory",
    .open = memory_database_open,
};
