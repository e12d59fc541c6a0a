/* From a change of the catalogue to the message that announces it, ready for the outbox. */
#ifndef EVENTS_EVENTSERVICE_ANNOUNCEMENT_H
#define EVENTS_EVENTSERVICE_ANNOUNCEMENT_H

#include "contracts/message.h"
#include "domain/event.h"
#include "persistence/outbox.h"

/* In the trace of the calling thread. The caller clears @message. @location is the event's, NULL without one. */
MUST_CHECK bool announce_event(enum message_kind kind, const struct event *event,
                               const struct location *location, struct outbox_message *message,
                               struct error *error);
MUST_CHECK bool announce_location(enum message_kind kind, const struct location *location,
                                  struct outbox_message *message, struct error *error);

/* @kind: MESSAGE_EVENT_REMOVED or MESSAGE_LOCATION_REMOVED. */
MUST_CHECK bool announce_removed(enum message_kind kind, const struct removed *removed,
                                 struct outbox_message *message, struct error *error);

#endif
