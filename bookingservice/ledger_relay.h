/* The ledger as the relay's source: an entry is one item, its bookings and cancellations are messages. */
#ifndef EVENTS_BOOKINGSERVICE_LEDGER_RELAY_H
#define EVENTS_BOOKINGSERVICE_LEDGER_RELAY_H

#include "bookingservice/booking_traces.h"
#include "persistence/ledger_store.h"
#include "service/relay.h"

struct ledger_relay {
    struct ledger_store *ledgers;
    const char *service_name;      /* app_id of the messages */
    struct booking_traces *traces; /* NULL: messages carry none */
};

/* @context outlives the relay. */
struct relay_source ledger_relay_source(struct ledger_relay *context);

/* The item of @entry, which is copied; freed by the source's free_item. NULL and ERROR_MEMORY. */
struct relay_item *ledger_relay_item(const struct ledger_entry *entry, struct error *error);

/* Publish the messages of @entry (copied) now rather than at the next sweep, and in their traces. */
void ledger_relay_hand_over(struct relay *relay, const struct ledger_relay *context,
                            const struct ledger_entry *entry);

#endif
