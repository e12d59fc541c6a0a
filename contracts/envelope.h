/*
 * What travels between programs: a body with the properties that every transport carries. The body
 * is bytes here; contracts/message.h knows what is inside. Equal ids mean equal names and bodies,
 * for ever, so that a receiver may forget a repeat.
 */
#ifndef EVENTS_CONTRACTS_ENVELOPE_H
#define EVENTS_CONTRACTS_ENVELOPE_H

#include "base/trace.h"

#include <stddef.h>
#include <stdint.h>

enum {
    MESSAGE_ID_BYTES = 64,
    MESSAGE_NAME_BYTES = 64,
    MESSAGE_SUBJECT_BYTES = 32,
    MESSAGE_SOURCE_BYTES = 64,
    TRACEPARENT_BYTES = TRACE_TEXT_BYTES,
    MESSAGE_BODY_BYTES_MAX = 256 * 1024,
};

struct envelope {
    char id[MESSAGE_ID_BYTES];
    char name[MESSAGE_NAME_BYTES];       /* "event.created": message name and routing key */
    char subject[MESSAGE_SUBJECT_BYTES]; /* id of the event or location: the partition key */
    char source[MESSAGE_SOURCE_BYTES];   /* service that speaks: "eventservice" */
    char traceparent[TRACEPARENT_BYTES]; /* W3C Trace Context; empty: none */
    int64_t time_ms;                     /* when it happened; UTC, milliseconds since 1970 */
    const char *body;                    /* JSON; borrowed */
    size_t body_bytes;                   /* at most MESSAGE_BODY_BYTES_MAX */
};

#endif
