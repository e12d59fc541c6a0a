#include "persistence/memory_faults.h"

#include "persistence/memory/memory_database.h"

#include <assert.h>
#include <string.h>

void memory_faults_plan(struct database *database, const char *operation, enum memory_fault fault)
{
    struct memory_database *self = CONTAINER_OF(database, struct memory_database, base);

    pthread_mutex_lock(&self->data->mutex);
    assert(self->n_planned < MEMORY_FAULTS_MAX);
    self->planned[self->n_planned++] =
        (struct memory_planned){.operation = operation, .fault = fault};
    pthread_mutex_unlock(&self->data->mutex);
}

void memory_faults_set_away(struct database *database, bool away)
{
    struct memory_database *self = CONTAINER_OF(database, struct memory_database, base);

    pthread_mutex_lock(&self->data->mutex);
    self->is_away = away;
    pthread_mutex_unlock(&self->data->mutex);
}

void memory_faults_settle(struct database *database)
{
    struct memory_database *self = CONTAINER_OF(database, struct memory_database, base);

    pthread_mutex_lock(&self->data->mutex);
    memory_ledgers_settle(&self->data->ledgers);
    pthread_mutex_unlock(&self->data->mutex);
}

static enum memory_fault next_fault(struct memory_database *database, const char *operation)
{
    enum memory_fault fault;
    size_t i = 0;

    if (database->is_away)
        return MEMORY_FAULT_AWAY;
    while (i < database->n_planned && strcmp(database->planned[i].operation, operation) != 0)
        i++;
    if (i == database->n_planned)
        return MEMORY_FAULT_NONE;
    fault = database->planned[i].fault;
    database->n_planned--;
    memmove(&database->planned[i], &database->planned[i + 1],
            (database->n_planned - i) * sizeof(database->planned[0]));
    return fault;
}

static bool read_fails(enum memory_fault fault)
{
    switch (fault) {
    case MEMORY_FAULT_NONE:
    case MEMORY_FAULT_REPEAT:
    case MEMORY_FAULT_FALSE_TAKEN:
        return false;
    case MEMORY_FAULT_LOSE:
    case MEMORY_FAULT_LOSE_REPLY:
    case MEMORY_FAULT_LATE:
    case MEMORY_FAULT_AWAY:
    case MEMORY_FAULT_DAMAGED:
        return true;
    }
    return true;
}

static struct memory_data *begin(struct memory_database *database, const char *operation,
                                 enum memory_fault *fault)
{
    pthread_mutex_lock(&database->data->mutex);
    *fault = next_fault(database, operation);
    return database->data;
}

static bool say_damaged(struct error *error)
{
    return error_set(error, ERROR_CORRUPT, "what is stored is damaged");
}

static struct memory_data *refuse(struct memory_data *data, enum memory_fault fault,
                                  struct error *error)
{
    pthread_mutex_unlock(&data->mutex);
    if (fault == MEMORY_FAULT_DAMAGED)
        say_damaged(error);
    else
        error_set(error, ERROR_UNAVAILABLE, "the database is away");
    return NULL;
}

struct memory_data *memory_database_read(struct memory_database *database, const char *operation,
                                         struct error *error)
{
    enum memory_fault fault;
    struct memory_data *data = begin(database, operation, &fault);

    return read_fails(fault) ? refuse(data, fault, error) : data;
}

struct memory_data *memory_database_write(struct memory_database *database, const char *operation,
                                          enum memory_fault *fault, struct error *error)
{
    struct memory_data *data = begin(database, operation, fault);

    return *fault == MEMORY_FAULT_AWAY ? refuse(data, *fault, error) : data;
}

void memory_data_unlock(struct memory_data **data)
{
    if (*data)
        pthread_mutex_unlock(&(*data)->mutex);
}

bool memory_fault_applies(enum memory_fault fault)
{
    return fault == MEMORY_FAULT_NONE || fault == MEMORY_FAULT_REPEAT ||
           fault == MEMORY_FAULT_LOSE_REPLY;
}

bool memory_fault_answer(enum memory_fault fault, struct error *error)
{
    if (fault == MEMORY_FAULT_NONE || fault == MEMORY_FAULT_REPEAT)
        return true;
    if (fault == MEMORY_FAULT_DAMAGED)
        return say_damaged(error);
    return error_set(error, ERROR_OUTCOME_UNKNOWN, "the reply was lost");
}
