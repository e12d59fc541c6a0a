/*
 * The messages of MyEvents: one tagged union, one table of kind, wire name, encode and decode.
 *
 * Wire names are those of the table; `eventCreated`, `locationCreated` and `eventBooked` are
 * understood on receipt as other spellings. Unknown members are ignored; a body without `version`
 * counts as version 1. A message owns what its union owns: message_clear().
 */
#ifndef EVENTS_CONTRACTS_MESSAGE_H
#define EVENTS_CONTRACTS_MESSAGE_H

#include "base/buffer.h"
#include "contracts/envelope.h"
#include "contracts/event_booked.h"
#include "contracts/event_created.h"
#include "contracts/location_created.h"
#include "contracts/removed.h"

enum message_kind {
    MESSAGE_EVENT_CREATED,
    MESSAGE_EVENT_UPDATED,
    MESSAGE_EVENT_REMOVED,
    MESSAGE_LOCATION_CREATED,
    MESSAGE_LOCATION_UPDATED,
    MESSAGE_LOCATION_REMOVED,
    MESSAGE_EVENT_BOOKED,
    MESSAGE_BOOKING_CANCELLED,
    N_MESSAGE_KINDS,
};

struct message {
    enum message_kind kind;
    union {
        struct event_created event;       /* event.created, event.updated */
        struct location_created location; /* location.created, location.updated */
        struct removed removed;           /* event.removed, location.removed */
        struct event_booked booking;      /* event.booked, booking.cancelled */
    } as;
};

const char *message_name(enum message_kind kind); /* "event.created"; static text */
MUST_CHECK bool message_kind_of(const char *name, enum message_kind *kind);

/* Append the body to @body. Fails only as buffer_ok() does. */
MUST_CHECK bool message_encode(const struct message *message, struct buffer *body,
                               struct error *error);

/*
 * Read @envelope: its name and body. ERROR_UNSUPPORTED for an unknown name, ERROR_INVALID for a
 * body that breaks the contract (with the members named), ERROR_MEMORY. On success:
 * message_clear().
 */
MUST_CHECK bool message_decode(const struct envelope *envelope, struct message *message,
                               struct error *error);
void message_clear(struct message *message);

/* Id of the event or location that the message is about. */
struct object_id message_subject(const struct message *message);

/*
 * Derived message ids: "id:version" for a catalogue change; "event:entry:b3" for the fourth
 * booking, "event:entry:x0" for the first cancellation of a ledger entry.
 */
void message_id_of_version(const struct object_id *id, int64_t version,
                           char text[MESSAGE_ID_BYTES]);
void message_id_of_entry(const struct object_id *event_id, int64_t entry, char part, size_t index,
                         char text[MESSAGE_ID_BYTES]);

#endif
