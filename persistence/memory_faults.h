/*
 * The memory backend told to misbehave, for unit tests and the simulator: what a real server may do to
 * an insert, a read or a mark. Faults are taken in the order they were planned; each is used once.
 */
#ifndef EVENTS_PERSISTENCE_MEMORY_FAULTS_H
#define EVENTS_PERSISTENCE_MEMORY_FAULTS_H

#include "persistence/database.h"

enum memory_fault {
    MEMORY_FAULT_LOSE,        /* not applied, outcome unknown */
    MEMORY_FAULT_LOSE_REPLY,  /* applied, outcome unknown */
    MEMORY_FAULT_LATE,        /* applied only when memory_faults_settle() is called; unknown */
    MEMORY_FAULT_REPEAT,      /* applied twice: the second time sees the key taken */
    MEMORY_FAULT_AWAY,        /* not sent: the database is away */
    MEMORY_FAULT_FALSE_TAKEN, /* answers "key taken" although a majority read finds nothing */
};

/* The next call of @operation ("ledger.insert", "ledger.heads", ...) on @database meets @fault. */
void memory_faults_plan(struct database *database, const char *operation, enum memory_fault fault);

/* Until told otherwise every call answers as MEMORY_FAULT_AWAY does. */
void memory_faults_set_away(struct database *database, bool away);

/* Apply what was late. */
void memory_faults_settle(struct database *database);

#endif
