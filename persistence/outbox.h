/*
 * A message that waits in the document whose change it announces. Opaque here: the services encode
 * and read bodies. Owns its body.
 */
#ifndef EVENTS_PERSISTENCE_OUTBOX_H
#define EVENTS_PERSISTENCE_OUTBOX_H

#include "base/error.h"
#include "base/object_id.h"
#include "base/trace.h"

#include <stddef.h>
#include <stdint.h>

enum {
    OUTBOX_MESSAGES_MAX = 64,
    OUTBOX_NAME_BYTES = 64
};

enum outbox_kind {
    OUTBOX_EVENT,
    OUTBOX_LOCATION
};

struct outbox_message {
    enum outbox_kind kind;              /* which collection the document is in */
    struct object_id subject;           /* id of that document */
    int64_t version;                    /* of the document, made by the change; unique within it */
    char name[OUTBOX_NAME_BYTES];       /* "event.created" */
    int64_t time_ms;                    /* UTC, milliseconds since 1970 */
    char traceparent[TRACE_TEXT_BYTES]; /* of the change; empty: none */
    char *body;                         /* owned */
    size_t body_bytes;
};

void outbox_message_clear(struct outbox_message *message);
MUST_CHECK bool outbox_message_copy(const struct outbox_message *source,
                                    struct outbox_message *message, struct error *error);

#endif
