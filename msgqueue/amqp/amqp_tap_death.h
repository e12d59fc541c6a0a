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

/* Whether the properties name the message, so that its routing key need not. */
bool amqp_tap_is_named(const amqp_basic_properties_t *properties);

/*
 * Correct @name where it was taken from a routing key that names a queue: that of a message that was
 * moved by the broker, or sent to @queue by name.
 */
void amqp_tap_death_name(const struct amqp_content *content, const char *queue,
                         char name[MESSAGE_NAME_BYTES]);

/* A field of a table; NULL when absent or of another kind. */
const amqp_field_value_t *amqp_tap_field(const amqp_table_t *table, const char *name, int kind);

#endif
