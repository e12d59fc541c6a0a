/*
 * The invariants, judged from outside: from what is stored, what the broker has seen and what callers
 * were told. No code of ledger/ takes part in deciding what is right.
 */
#ifndef EVENTS_TESTS_SIMULATOR_JUDGE_H
#define EVENTS_TESTS_SIMULATOR_JUDGE_H

#include "tests/simulator/world.h"

/* At the moment an entry reaches the database. */
void judge_entry(struct world *world, const struct stored *stored);

/* At the end, when all is quiet. */
void judge_ledgers(struct world *world);
void judge_calls(struct world *world);
void judge_messages(struct world *world);
void judge_catalogue(struct world *world);

#endif
