/*
 * The ledgers against the catalogue: that each event's state is taken over in the head of its ledger, and that
 * every ledger adds up: entries without gaps, each sum of seats that of the entry before plus what is
 * booked and minus what is given back. What differs is read again, for as long as there is patience, before it is
 * told. One thread.
 */
#ifndef EVENTS_TOOLS_COMPARISON_LEDGER_COMPARISON_H
#define EVENTS_TOOLS_COMPARISON_LEDGER_COMPARISON_H

#include "persistence/catalogue_store.h"
#include "persistence/ledger_store.h"
#include "tools/comparison/differences.h"

struct ledger_comparison {
    struct catalogue_store *catalogue;
    struct ledger_store *ledgers;
    struct differences *differences;

    int64_t n_events;
    int64_t n_ledgers;
    int64_t n_entries;
};

/* Ends early, without an error, when interrupted. */
MUST_CHECK bool ledger_comparison_run(struct ledger_comparison *comparison, struct error *error);

#endif
