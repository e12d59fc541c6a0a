/* A foreign AMQP client: what an operator or a program in another language does. Failing fails the test. */
#ifndef EVENTS_TESTS_BEHAVIOUR_MSGQUEUE_RAW_AMQP_H
#define EVENTS_TESTS_BEHAVIOUR_MSGQUEUE_RAW_AMQP_H

#include "tests/behaviour/msgqueue/world.h"

#include <amqp.h>

/* Of world->backend: the connection that the test itself uses. */
struct raw_amqp {
    struct amqp_connection_info info;
    char url[1024];
    amqp_connection_state_t connection;
    struct relay *relay; /* between the programs under test and the broker */
};

struct raw_amqp *raw_amqp_of(struct world *world);

/* Publish to the exchange `events`. */
void raw_amqp_publish(struct world *world, const char *key,
                      const amqp_basic_properties_t *properties, amqp_bytes_t body);

/* Declare a queue with a single argument x-queue-type. */
void raw_amqp_declare(struct world *world, const char *queue, const char *type);

/* Take the first message of a queue; the caller frees. False when it is empty. */
bool raw_amqp_get(struct world *world, const char *queue, amqp_message_t *message);

/* A header by name; NULL when absent. */
const amqp_field_value_t *raw_amqp_find(const amqp_message_t *message, const char *name);

/* The text of a header; empty when absent or no text. @text has @size_bytes. */
void raw_amqp_header(const amqp_message_t *message, const char *name, char *text,
                     size_t size_bytes);

#endif
