/*
 * The memory backend told to misbehave, for unit tests and the simulator: what a real server may do
 * to an insert, a read or a mark. Faults are taken in the order they were planned; each is used
 * once.
 *
 * A fault meets a whole call, so all entries of a bulk share it. A read that meets one that is
 * about answers sets ERROR_UNAVAILABLE; what is damaged is ERROR_CORRUPT (an insert of a ledger is lost). @database
 * is one that was opened on the backend "memory"; its faults are its own, although others opened under the same name
 * see the same data.
 */
#ifndef EVENTS_PERSISTENCE_MEMORY_FAULTS_H
#define EVENTS_PERSISTENCE_MEMORY_FAULTS_H

#include "persistence/database.h"

enum memory_fault {
    MEMORY_FAULT_NONE,
    MEMORY_FAULT_LOSE,        /* not applied, outcome unknown */
    MEMORY_FAULT_LOSE_REPLY,  /* applied, outcome unknown */
    MEMORY_FAULT_LATE,        /* "ledger.insert": applied by memory_faults_settle(); else as LOSE */
    MEMORY_FAULT_REPEAT,      /* applied twice: the second time sees the key taken */
    MEMORY_FAULT_AWAY,        /* not sent: the database is away */
    MEMORY_FAULT_FALSE_TAKEN, /* answers "key taken" although a majority read finds nothing */
    MEMORY_FAULT_DAMAGED,     /* not applied, for what is stored breaks its own rules */
};

enum {
    MEMORY_FAULTS_MAX = 64
};

/*
 * The next call of @operation ("ledger.insert", "copy.put_events": store and function) on @database
 * meets @fault. At most MEMORY_FAULTS_MAX may be planned and not yet met. @operation is static
 * text.
 */
void memory_faults_plan(struct database *database, const char *operation, enum memory_fault fault);

/* Until told otherwise every call answers as MEMORY_FAULT_AWAY does. */
void memory_faults_set_away(struct database *database, bool away);

/* Apply what was late, in the order it was sent, as far as the rules of the store let it by now. */
void memory_faults_settle(struct database *database);

#endif
