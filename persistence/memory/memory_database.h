/* The memory backend: what is stored, shared by all who open one name, and one opened handle. */
#ifndef EVENTS_PERSISTENCE_MEMORY_DATABASE_H
#define EVENTS_PERSISTENCE_MEMORY_DATABASE_H

#include "persistence/backend.h"
#include "persistence/memory/memory_attempt.h"
#include "persistence/memory/memory_catalogue.h"
#include "persistence/memory/memory_copy.h"
#include "persistence/memory/memory_ledger.h"
#include "persistence/memory/memory_search.h"
#include "persistence/memory/memory_user.h"
#include "persistence/memory_faults.h"

#include <pthread.h>

struct memory_number {
    char *name; /* owned */
    int64_t value;
};

struct memory_data {
    char *name; /* owned */
    size_t n_open;
    struct memory_data *next;

    pthread_mutex_t mutex; /* guards what follows, and the faults of every handle */
    struct memory_catalogue catalogue;
    struct memory_copy copy;
    struct memory_ledgers ledgers;
    struct memory_users users;
    struct memory_attempts attempts;
    struct memory_search search;
    struct memory_number *numbers; /* owned */
    size_t n_numbers;
    size_t numbers_capacity;
};

struct memory_planned {
    const char *operation;
    enum memory_fault fault;
};

struct memory_database {
    struct database base;
    struct catalogue_store catalogue;
    struct copy_store copy;
    struct ledger_store ledger;
    struct user_store user;
    struct attempt_store attempt;
    struct search_store search;

    struct memory_data *data;
    bool is_away;
    struct memory_planned planned[MEMORY_FAULTS_MAX];
    size_t n_planned;
};

/*
 * A call begins: what is stored, locked, until memory_data_unlock(), which takes the pointer for
 * CLEANUP and does nothing when it is NULL.
 *
 * memory_database_read: NULL and ERROR_UNAVAILABLE when the fault planned for @operation says so.
 * memory_database_write: the same when the write is certainly not sent; otherwise @fault is what
 * the caller has to do, MEMORY_FAULT_NONE for nothing unusual.
 */
struct memory_data *memory_database_read(struct memory_database *database, const char *operation,
                                         struct error *error);
struct memory_data *memory_database_write(struct memory_database *database, const char *operation,
                                          enum memory_fault *fault, struct error *error);
void memory_data_unlock(struct memory_data **data);

/* For writes that may simply be repeated: whether to apply one, and what to answer afterwards. */
bool memory_fault_applies(enum memory_fault fault);
MUST_CHECK bool memory_fault_answer(enum memory_fault fault, struct error *error);

#endif
