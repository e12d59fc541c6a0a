#include "msgqueue/amqp/amqp_tap_visit.h"

#include "base/memory.h"

#include <string.h>

enum {
    NAME_BYTES_MAX = 255
};

bool amqp_tap_visit_init(struct amqp_tap_visit *visit, const struct queue_access *access,
                         struct error *error)
{
    if (!amqp_address_init(&visit->address, access->url, error))
        return false;
    visit->name = memory_text(access->connection_name, error);
    return visit->name && watchdog_start(&visit->watchdog, error);
}

void amqp_tap_visit_clear(struct amqp_tap_visit *visit)
{
    watchdog_stop(&visit->watchdog);
    amqp_address_clear(&visit->address);
    memory_free(visit->name);
    *visit = (struct amqp_tap_visit){0};
}

bool amqp_tap_visit_link(struct amqp_tap_visit *visit, struct amqp_link *link, struct error *error)
{
    const struct amqp_link_options options = {
        .address = &visit->address,
        .name = visit->name,
        .watchdog = &visit->watchdog,
        .body_max_bytes = QUEUE_TAP_BODY_BYTES_MAX,
    };

    return amqp_link_open(&options, link, error);
}

bool amqp_tap_visit_name(const char *name, struct error *error)
{
    size_t n = strlen(name);

    return (n > 0 && n <= NAME_BYTES_MAX) ||
           error_set(error, ERROR_INVALID, "a name at the broker has 1 to %d bytes, this one %zu",
                     NAME_BYTES_MAX, n);
}

bool amqp_tap_visit_count(struct amqp_link *link, const char *queue, int64_t *n_ready,
                          struct error *error)
{
    const amqp_queue_declare_ok_t *answer;

    if (!amqp_tap_visit_name(queue, error))
        return false;
    answer = amqp_queue_declare(link->state, AMQP_LINK_CHANNEL, amqp_text(queue), 1, 0, 0, 0,
                                amqp_empty_table);
    if (answer)
        *n_ready = answer->message_count;
    return amqp_link_succeeded(link, "looking for queue", queue, error);
}
