/* What is counted of bookings, as one table of metrics. */
#ifndef EVENTS_BOOKINGSERVICE_BOOKING_METRICS_H
#define EVENTS_BOOKINGSERVICE_BOOKING_METRICS_H

#include "base/error.h"
#include "ledger/ledger.h"

#include <stdbool.h>

/* Register everything; @myevents_names adds the names that MyEvents used. */
void booking_metrics_register(struct ledger *ledger, bool myevents_names);

/* Before @ledger ends. */
void booking_metrics_forget(void);

void booking_metrics_rejected(enum error_code code);

/*
 * Told of each entry of ours that has landed: its bookings and their seats, also those whose callers have left
 * without hearing of it. A repeat that finds its booking is not counted again.
 */
void booking_metrics_landed(const struct ledger_entry *entry);

#endif
