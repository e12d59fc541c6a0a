#include "persistence/memory/memory_attempt.h"

#include "base/memory.h"
#include "persistence/array.h"
#include "persistence/memory/memory_database.h"

#include <stdio.h>
#include <string.h>

void memory_attempts_clear(struct memory_attempts *attempts)
{
    memory_free(attempts->attempts);
    *attempts = (struct memory_attempts){0};
}

static struct memory_database *database_of(struct attempt_store *store)
{
    return CONTAINER_OF(store, struct memory_database, attempt);
}

static struct memory_attempt *find(const struct memory_attempts *self, const char *name)
{
    for (size_t i = 0; i < self->n_attempts; i++) {
        if (strcmp(self->attempts[i].name, name) == 0)
            return &self->attempts[i];
    }
    return NULL;
}

static struct memory_attempt *find_or_add(struct memory_attempts *self, const char *name,
                                          struct error *error)
{
    struct memory_attempt *found = find(self, name);
    struct memory_attempt *attempts;

    if (found)
        return found;
    attempts =
        array_room(self->attempts, self->n_attempts, 1, &self->capacity, sizeof(*attempts), error);
    if (!attempts)
        return NULL;
    self->attempts = attempts;
    found = &attempts[self->n_attempts++];
    *found = (struct memory_attempt){0};
    snprintf(found->name, sizeof(found->name), "%s", name);
    return found;
}

static bool is_by(const struct memory_attempt *attempt, const struct object_id *by)
{
    for (int i = 0; i < attempt->n_by; i++) {
        if (object_id_equal(&attempt->by[i], by))
            return true;
    }
    return false;
}

static bool note(struct memory_attempts *self, const char *name, const struct object_id *by,
                 int *n_noted, struct error *error)
{
    struct memory_attempt *attempt = find_or_add(self, name, error);

    if (!attempt)
        return false;
    if (!is_by(attempt, by) && attempt->n_by < ATTEMPTS_MAX)
        attempt->by[attempt->n_by++] = *by;
    *n_noted = attempt->n_by;
    return true;
}

static bool memory_attempt_note(struct attempt_store *store, const char *name,
                                const struct object_id *by, int *n_noted, struct error *error)
{
    enum memory_fault fault = MEMORY_FAULT_NONE;
    CLEANUP(memory_data_unlock)
    struct memory_data *data =
        memory_database_write(database_of(store), "attempt.note", &fault, error);
    int n = 0;

    if (!data)
        return false;
    if (memory_fault_applies(fault) && !note(&data->attempts, name, by, &n, error))
        return false;
    if (!memory_fault_answer(fault, error))
        return false;
    *n_noted = n;
    return true;
}

static bool memory_attempt_forget(struct attempt_store *store, const char *name,
                                  struct error *error)
{
    enum memory_fault fault = MEMORY_FAULT_NONE;
    CLEANUP(memory_data_unlock)
    struct memory_data *data =
        memory_database_write(database_of(store), "attempt.forget", &fault, error);
    struct memory_attempt *found;

    if (!data)
        return false;
    found = find(&data->attempts, name);
    if (memory_fault_applies(fault) && found)
        *found = data->attempts.attempts[--data->attempts.n_attempts];
    return memory_fault_answer(fault, error);
}

const struct attempt_store_ops memory_attempt_ops = {
    .note = memory_attempt_note,
    .forget = memory_attempt_forget,
};
