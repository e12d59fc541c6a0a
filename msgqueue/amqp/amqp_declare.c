#include "msgqueue/amqp/amqp_declare.h"

#include "msgqueue/amqp/amqp_message.h"

#include <stdio.h>

enum {
    LENGTH_MAX = 1000000,
    /* Deaths of a consumer count too, so a low limit would park good messages after some crashes. */
    DELIVERY_LIMIT = 1000,
    SEGMENT_BYTES = 50000000,
    QUEUE_NAME_BYTES = 256,
};

static const int64_t log_bytes_default = 5000000000;

static bool declare_exchange(struct amqp_link *link, const char *name, const char *type,
                             struct error *error)
{
    amqp_exchange_declare(link->state, AMQP_LINK_CHANNEL, amqp_text(name), amqp_text(type), 0, 1, 0,
                          0, amqp_empty_table);
    return amqp_link_succeeded(link, "declaring exchange", name, error);
}

/* The broker has said what differs. */
static bool say_what_to_do(struct error *error)
{
    struct error cause = *error;

    return error_set(error, ERROR_EXISTS,
                     "%s; see \"A queue with other arguments\" in operations.md", cause.text);
}

static bool declare(struct amqp_link *link, const char *name, amqp_table_entry_t *arguments,
                    size_t n_arguments, int64_t *n_ready, struct error *error)
{
    const amqp_table_t table = {(int)n_arguments, arguments};
    const amqp_queue_declare_ok_t *answer =
        amqp_queue_declare(link->state, AMQP_LINK_CHANNEL, amqp_text(name), 0, 1, 0, 0, table);

    if (answer)
        *n_ready = answer->message_count;
    if (amqp_link_succeeded(link, "declaring queue", name, error))
        return true;
    return error->code == ERROR_EXISTS && say_what_to_do(error);
}

static bool bind(struct amqp_link *link, const char *queue, const char *exchange, const char *key,
                 struct error *error)
{
    amqp_queue_bind(link->state, AMQP_LINK_CHANNEL, amqp_text(queue), amqp_text(exchange),
                    amqp_text(key), amqp_empty_table);
    return amqp_link_succeeded(link, "binding queue", queue, error);
}

static bool bind_all(struct amqp_link *link, const struct topology_queue *queue,
                     struct error *error)
{
    for (const char *const *key = queue->keys; *key; key++) {
        if (!bind(link, queue->name, TOPOLOGY_EXCHANGE, *key, error))
            return false;
    }
    return true;
}

static bool declare_dead(struct amqp_link *link, const char *queue, struct error *error)
{
    amqp_table_entry_t arguments[] = {amqp_text_entry("x-queue-type", "quorum")};
    char dead[QUEUE_NAME_BYTES];
    int64_t n_ready;

    snprintf(dead, sizeof(dead), "%s%s", queue, TOPOLOGY_DEAD_SUFFIX);
    return declare(link, dead, arguments, ARRAY_SIZE(arguments), &n_ready, error) &&
           bind(link, dead, TOPOLOGY_DEAD_EXCHANGE, queue, error);
}

bool amqp_declare_queue(struct amqp_link *link, const struct topology_queue *queue,
                        int64_t *n_ready, struct error *error)
{
    amqp_table_entry_t arguments[] = {
        amqp_text_entry("x-queue-type", "quorum"),
        amqp_text_entry("x-dead-letter-exchange", TOPOLOGY_DEAD_EXCHANGE),
        amqp_text_entry("x-dead-letter-routing-key", queue->name),
        amqp_text_entry("x-dead-letter-strategy", "at-least-once"),
        amqp_text_entry("x-overflow", "reject-publish"),
        amqp_number_entry("x-max-length", LENGTH_MAX),
        amqp_number_entry("x-delivery-limit", DELIVERY_LIMIT),
    };

    return declare_dead(link, queue->name, error) &&
           declare(link, queue->name, arguments, ARRAY_SIZE(arguments), n_ready, error) &&
           bind_all(link, queue, error);
}

bool amqp_declare_log(struct amqp_link *link, const struct topology_queue *log, int64_t log_bytes,
                      struct error *error)
{
    amqp_table_entry_t arguments[] = {
        amqp_text_entry("x-queue-type", "stream"),
        amqp_number_entry("x-max-length-bytes", log_bytes ? log_bytes : log_bytes_default),
        amqp_number_entry("x-stream-max-segment-size-bytes", SEGMENT_BYTES),
    };
    int64_t n_ready;

    return declare(link, log->name, arguments, ARRAY_SIZE(arguments), &n_ready, error) &&
           bind_all(link, log, error);
}

bool amqp_declare_common(struct amqp_link *link, int64_t log_bytes, struct error *error)
{
    return declare_exchange(link, TOPOLOGY_EXCHANGE, "topic", error) &&
           declare_exchange(link, TOPOLOGY_DEAD_EXCHANGE, "direct", error) &&
           amqp_declare_log(link, &topology_catalogue_log, log_bytes, error) &&
           amqp_declare_log(link, &topology_bookings_log, log_bytes, error);
}
