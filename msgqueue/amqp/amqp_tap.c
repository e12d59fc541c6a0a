/* The three ways to consume by hand. Finding the end of a log is in amqp_tap_log.c. */
#include "msgqueue/amqp/amqp_tap.h"

#include "base/memory.h"
#include "contracts/topology.h"
#include "msgqueue/amqp/amqp_message.h"

#include <stdio.h>

enum {
    PREFETCH = 256,
    ACKNOWLEDGE_EVERY = 64, /* of a log and a watch, where acknowledging only asks for more */
    WATCHED_MAX = 10000,
    OTHERS_TOOK_IT_MS = 3000,
    LOG_SILENT_MS = 10000,
    CONSUMER_TAG_BYTES = 32,
};

enum tap_kind {
    TAP_WATCH,
    TAP_LOOK,
    TAP_REPLAY
};

struct queue_tap {
    enum tap_kind kind;
    struct amqp_tap_visit visit;
    struct amqp_link link;
    struct amqp_content content; /* of the message shown last */
    const char *queue;           /* of a look; owned by the next */
    char *queue_text;
    int64_t end;
    int64_t n_shown;
    int64_t n_held; /* shown and not acknowledged */
    int64_t n_consumers;
    int64_t start_offset; /* what the broker sends from before it is left out */
    int64_t last_offset;
    uint64_t last_tag;
    int64_t quiet_ms; /* waited in vain since the last message */
};

static bool set_prefetch(struct queue_tap *tap, struct error *error)
{
    amqp_basic_qos(tap->link.state, AMQP_LINK_CHANNEL, 0, PREFETCH, 0);
    return amqp_link_succeeded(&tap->link, "setting the prefetch", "", error);
}

static struct queue_tap *tap_new(enum tap_kind kind, const struct queue_access *access,
                                 struct error *error)
{
    struct queue_tap *tap = memory_new(sizeof(*tap), error);

    if (!tap)
        return NULL;
    tap->kind = kind;
    if (amqp_tap_visit_init(&tap->visit, access, error) &&
        amqp_tap_visit_link(&tap->visit, &tap->link, error) && set_prefetch(tap, error))
        return tap;
    queue_tap_free(tap);
    return NULL;
}

void queue_tap_free(struct queue_tap *tap)
{
    if (!tap)
        return;
    amqp_link_close(&tap->link);
    amqp_content_clear(&tap->content);
    amqp_tap_visit_clear(&tap->visit);
    memory_free(tap->queue_text);
    memory_free(tap);
}
