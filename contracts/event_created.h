/* `event.created` and `event.updated`: the whole state of an event, as of @version. */
#ifndef EVENTS_CONTRACTS_EVENT_CREATED_H
#define EVENTS_CONTRACTS_EVENT_CREATED_H

#include "base/json.h"
#include "base/object_id.h"
#include "contracts/limits.h"

struct event_created {
    struct object_id id;
    int64_t version;                         /* 1 and up */
    char name[CONTRACT_TEXT_BYTES];          /* never empty */
    struct object_id location_id;            /* none: null on the wire */
    char location_name[CONTRACT_TEXT_BYTES]; /* empty: none */
    char hall[CONTRACT_TEXT_BYTES];          /* empty: none */
    int64_t capacity;                        /* -1: no limit, null on the wire */
    bool closed;
    int64_t duration_minutes; /* 0: not known */
    int64_t start_s;          /* UTC, seconds; 0: not known, null on the wire; else RFC 3339 text */
    int64_t end_s;
};

void event_created_encode(const struct event_created *message, struct json_writer *writer);
MUST_CHECK bool event_created_decode(const struct json *body, struct event_created *message,
                                     struct error *error);

#endif
