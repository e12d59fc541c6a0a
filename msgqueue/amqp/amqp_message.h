/*
 * Between an envelope and an AMQP message: properties and headers as contracts/README.md has them, and
 * CloudEvents 1.0 in binary mode beside them. Structured mode is understood on receipt.
 */
#ifndef EVENTS_MSGQUEUE_AMQP_MESSAGE_H
#define EVENTS_MSGQUEUE_AMQP_MESSAGE_H

#include "base/clock.h"
#include "contracts/envelope.h"
#include "msgqueue/amqp/amqp_link.h"

#define AMQP_MARKER_HEADER "x-log-marker"

enum {
    AMQP_HEADERS_MAX = 8,
    AMQP_MARKER_BYTES = 40,
};

/* Properties of an outgoing message; they point into the envelope and into this struct. */
struct amqp_outgoing {
    amqp_basic_properties_t properties;
    amqp_table_entry_t headers[AMQP_HEADERS_MAX];
    char source[MESSAGE_SOURCE_BYTES + 16];
    char time[CLOCK_TEXT_BYTES];
};

void amqp_outgoing_init(struct amqp_outgoing *outgoing, const struct envelope *envelope);

/* What the broker says about a delivery beside the message itself. */
struct amqp_facts {
    int64_t delivery_count;         /* earlier deliveries; 0: none or not told */
    int64_t offset;                 /* in a stream; -1: not from one */
    char marker[AMQP_MARKER_BYTES]; /* a reader's, put into a log, see amqp_log.h; or empty */
};

/*
 * Read @content, whose body stays borrowed by @envelope. A foreign publisher may leave anything out: the
 * name then comes from the CloudEvents type, the type or the routing key, and texts that are missing
 * or too long are empty. Of a structured CloudEvent the body is what its `data` says. When nobody could
 * handle it, with @facts and the rest of @envelope written all the same: ERROR_INVALID (no fitting name,
 * properties unreadable, a CloudEvent that is none), ERROR_TOO_LARGE (the body), ERROR_UNSUPPORTED (another
 * major version of CloudEvents), ERROR_MEMORY.
 */
MUST_CHECK bool amqp_message_read(const struct amqp_content *content, struct envelope *envelope,
                                  struct amqp_facts *facts, struct error *error);

/* The text of a message's id from its encoded properties; empty when it has none that fits. */
void amqp_message_id(const struct amqp_content *content, char id[MESSAGE_ID_BYTES]);

amqp_table_entry_t amqp_text_entry(const char *key, const char *text);
amqp_table_entry_t amqp_number_entry(const char *key, int64_t number);

/* Decode; the result lives in @pool. NULL when the bytes make no sense. */
amqp_basic_properties_t *amqp_properties_decode(const struct buffer *encoded, amqp_pool_t *pool);

/* A header by name; NULL when absent. */
const amqp_field_value_t *amqp_header(const amqp_basic_properties_t *properties, const char *name);

/*
 * Copy the headers of @theirs into @room, which has a place for each, but for those called as one of
 * @left_out. The values stay theirs.
 */
amqp_table_t amqp_copy_headers(const amqp_basic_properties_t *theirs, const char *const left_out[],
                               size_t n_left_out, amqp_table_entry_t *room);

/* Of a text header, its bytes; of one that is an integer, it; otherwise no bytes, or @absent. */
amqp_bytes_t amqp_header_text(const amqp_basic_properties_t *properties, const char *name);
int64_t amqp_header_number(const amqp_basic_properties_t *properties, const char *name,
                           int64_t absent);

#endif
