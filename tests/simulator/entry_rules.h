/*
 * What has to be true of an entry, whoever wrote it: I1, I2 and I5 of one ledger. Shared by simulator and
 * explorer; no code of ledger/ takes part.
 */
#ifndef EVENTS_TESTS_SIMULATOR_ENTRY_RULES_H
#define EVENTS_TESTS_SIMULATOR_ENTRY_RULES_H

#include "tests/simulator/store.h"

/* @stored, which is in @store, against what stands before it. Else ERROR_CORRUPT names the invariant. */
MUST_CHECK bool entry_is_right(struct store *store, const struct stored *stored,
                               int64_t seats_per_user, struct error *error);

/* Seats that @user booked in @entry, less those given back. */
int64_t entry_seats_of(const struct ledger_entry *entry, const struct object_id *user_id);

#endif
