/* What the broker notes in `x-death` when it moves a message to a dead queue by itself. */
#ifndef EVENTS_MSGQUEUE_AMQP_TAP_DEATH_H
#define EVENTS_MSGQUEUE_AMQP_TAP_DEATH_H

#include "msgqueue/amqp/amqp_message.h"

/* The latest death; NULL when the broker never moved the message. Lives as long as @properties. */
const amqp_table_t *amqp_tap_death(const amqp_basic_properties_t *properties);

/*
 * Moved by the broker, a message has lost its routing key, which may have been all that named it. The key
 * it had; no bytes when it is named otherwise or was never moved.
 */
amqp_bytes_t amqp_tap_death_key(const amqp_basic_properties_t *properties);

/* Write that key over @name when there is one that fits. */
void amqp_tap_death_name(const struct amqp_content *content, char name[MESSAGE_NAME_BYTES]);

/* A field of a table; NULL when absent or of another kind. */
const amqp_field_value_t *amqp_tap_field(const amqp_table_t *table, const char *name, int kind);

#endif
