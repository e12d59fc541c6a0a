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

void booking_metrics_booked(int32_t seats);
void booking_metrics_rejected(enum error_code code);

/* Told of each entry that has landed: how many bookings one commit carried. */
void booking_metrics_landed(const struct ledger_entry *entry);

#endif
