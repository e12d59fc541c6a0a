/* The catalogue's outbox as the relay's source. */
#ifndef EVENTS_EVENTSERVICE_CATALOGUE_RELAY_H
#define EVENTS_EVENTSERVICE_CATALOGUE_RELAY_H

#include "persistence/catalogue_store.h"
#include "service/relay.h"

/* Where the relay's items come from and what the messages say of their sender. */
struct catalogue_relay {
    struct catalogue_store *catalogue;
    const char *service_name; /* app_id of the messages */
};

/* @context outlives the relay. */
struct relay_source catalogue_relay_source(struct catalogue_relay *context);

/* Publish @message now rather than at the next sweep; a courtesy, so nothing is reported. */
void catalogue_relay_hand_over(struct relay *relay, const struct outbox_message *message);

#endif
