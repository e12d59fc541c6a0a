/*
 * CloudEvents 1.0 in structured mode: envelope and body are one JSON document, whatever the transport
 * (content type `application/cloudevents+json`). We send binary mode, where the envelope travels as
 * headers, and understand both. Any thread.
 */
#ifndef EVENTS_CONTRACTS_CLOUD_EVENT_H
#define EVENTS_CONTRACTS_CLOUD_EVENT_H

#include "base/cleanup.h"
#include "base/error.h"
#include "contracts/envelope.h"

#include <stdbool.h>

/* In front of the service's name in `source`. */
#define CLOUD_EVENT_SOURCE "/myevents/"

/* Whether a content type of @size_bytes bytes says so: in any case, with or without parameters. */
bool cloud_event_is_structured(const char *content_type, size_t size_bytes);

/*
 * Read @size_bytes bytes of JSON into @envelope, whose body then points to the value of `data` in @text.
 * Attributes that need not be there and are not leave what @envelope has; an id, source or
 * subject that does not fit is empty, above 255 characters it is refused. Otherwise @envelope stays as it was:
 * ERROR_INVALID for what is no event (with the members named) or has its data as `data_base64`, ERROR_UNSUPPORTED for
 * another major version of CloudEvents, ERROR_MEMORY.
 */
MUST_CHECK bool cloud_event_read(const char *text, size_t size_bytes, struct envelope *envelope,
                                 struct error *error);

/* "/myevents/eventservice" becomes "eventservice"; what begins otherwise stays. Borrowed from @source. */
const char *cloud_event_service(const char *source);

#endif
