#include "msgqueue/amqp/amqp_tap_log.h"

#include "base/object_id.h"
#include "msgqueue/amqp/amqp_log.h"

#include <stdio.h>
#include <string.h>

enum {
    MARKER_SEEN_MS = 10000,
    PREFETCH = 64,
};

static bool consume(struct amqp_tap_visit *visit, struct amqp_link *link, const char *log,
                    amqp_table_entry_t position, struct error *error)
{
    amqp_basic_consume(link->state, AMQP_LINK_CHANNEL, amqp_text(log), amqp_text(visit->name), 0, 0,
                       0, (amqp_table_t){1, &position});
    return amqp_link_succeeded(link, "reading", log, error);
}

bool amqp_tap_log_consume(struct amqp_tap_visit *visit, struct amqp_link *link, const char *log,
                          const struct queue_tap_start *start, struct error *error)
{
    amqp_table_entry_t position = amqp_text_entry("x-stream-offset", "first");

    if (start->kind == QUEUE_TAP_OFFSET)
        position.value =
            (amqp_field_value_t){.kind = AMQP_FIELD_KIND_I64, .value.i64 = start->number};
    if (start->kind == QUEUE_TAP_TIME)
        position.value = (amqp_field_value_t){.kind = AMQP_FIELD_KIND_TIMESTAMP,
                                              .value.u64 = (uint64_t)start->number};
    return consume(visit, link, log, position, error);
}

/*
 * Only a stream refuses basic.get, and nothing else tells kinds of queues apart without changing one:
 * a consumer that acknowledges would empty any other, and a marker would stay in it.
 */
static bool is_log(struct amqp_tap_visit *visit, const char *log, struct error *error)
{
    CLEANUP(amqp_link_close) struct amqp_link link = {0};
    amqp_rpc_reply_t reply;
    int64_t n_ready;

    if (!amqp_tap_visit_link(visit, &link, error) ||
        !amqp_tap_visit_count(&link, log, &n_ready, error))
        return false;
    reply = amqp_basic_get(link.state, AMQP_LINK_CHANNEL, amqp_text(log), 0);
    link.broken = true; /* in the middle of a message, or closed by the broker */
    return reply.reply_type == AMQP_RESPONSE_SERVER_EXCEPTION ||
           error_set(error, ERROR_INVALID, "%s is no log (stream)", log);
}

static bool put_marker(struct amqp_tap_visit *visit, const char *log, const char *marker,
                       struct error *error)
{
    CLEANUP(amqp_link_close) struct amqp_link link = {0};

    return amqp_tap_visit_link(visit, &link, error) && amqp_link_confirms(&link, error) &&
           amqp_log_put_marker(&link, log, marker, error);
}

static bool is_marker(const struct amqp_arrival *arrival, const char *marker, int64_t *offset)
{
    struct envelope envelope;
    struct amqp_facts facts;
    struct error unfit = {0};

    /* Its routing key, the name of the log, counts as its name, unless that is too long for one. */
    if (arrival->kind != AMQP_ARRIVAL_DELIVERY ||
        (!amqp_message_read(arrival->content, &envelope, &facts, &unfit) && !*facts.marker) ||
        strcmp(facts.marker, marker) != 0)
        return false;
    *offset = facts.offset;
    return true;
}

/* Whatever comes is acknowledged at once: others may be publishing a lot. */
static bool find_marker(struct amqp_link *link, const char *marker, int64_t *offset,
                        struct error *error)
{
    int64_t until_ms = clock_monotonic_ms() + MARKER_SEEN_MS;
    struct amqp_arrival arrival = {0};

    do {
        int64_t left_ms = until_ms - clock_monotonic_ms();

        if (left_ms <= 0)
            return error_set(error, ERROR_UNAVAILABLE, "the log gives nothing");
        if (!amqp_link_wait(link, -1, (int)left_ms, error) ||
            !amqp_link_next(link, &arrival, error))
            return false;
        if (arrival.kind == AMQP_ARRIVAL_DELIVERY &&
            !amqp_link_acknowledge(link, arrival.tag, false, error))
            return false;
    } while (!is_marker(&arrival, marker, offset));
    return true;
}

static bool consume_end(struct amqp_tap_visit *visit, struct amqp_link *link, const char *log,
                        struct error *error)
{
    if (!amqp_tap_visit_link(visit, link, error))
        return false;
    amqp_basic_qos(link->state, AMQP_LINK_CHANNEL, 0, PREFETCH, 0);
    return amqp_link_succeeded(link, "setting the prefetch of", log, error) &&
           consume(visit, link, log, amqp_text_entry("x-stream-offset", "next"), error);
}

bool amqp_tap_log_end(struct amqp_tap_visit *visit, const char *log, int64_t *end,
                      struct error *error)
{
    CLEANUP(amqp_link_close) struct amqp_link link = {0};
    struct object_id id = object_id_random();
    struct object_id_hex hex = object_id_hex(&id);
    char marker[AMQP_MARKER_BYTES];

    snprintf(marker, sizeof(marker), "%s:tap", hex.text);
    return is_log(visit, log, error) && consume_end(visit, &link, log, error) &&
           put_marker(visit, log, marker, error) && find_marker(&link, marker, end, error);
}
