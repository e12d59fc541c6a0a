#include "msgqueue/amqp/amqp_log.h"

#include "base/object_id.h"
#include "msgqueue/amqp/amqp_declare.h"
#include "msgqueue/listener_attempts.h"

#include <stdio.h>
#include <string.h>

enum {
    LOG_PREFETCH = 256,
    STORE_EVERY = 4096, /* messages; what is not stored is read again */
    BEYOND_END_MS = 3000,
    SILENT_MS = 10000,
    LATE_AGAIN_MS = 10000,
};

static bool declare(struct amqp_log *log, struct amqp_link *link, int64_t *n_ready,
                    struct error *error)
{
    return amqp_declare_queue(link, log->common->queue, n_ready, error);
}

static bool declare_logs(struct amqp_log *log, struct amqp_link *link, struct error *error)
{
    const struct listener_common *common = log->common;
    const struct topology_queue *own = common->log;
    bool is_common = own == &topology_catalogue_log || own == &topology_bookings_log;

    return amqp_declare_common(link, common->log_bytes, error) &&
           (!own || is_common || amqp_declare_log(link, own, common->log_bytes, error));
}

bool amqp_log_declare(struct amqp_log *log, struct error *error)
{
    CLEANUP(amqp_link_close) struct amqp_link link = {0};
    int64_t n_ready;

    return amqp_link_open(&log->options, &link, error) && declare_logs(log, &link, error) &&
           declare(log, &link, &n_ready, error);
}

bool amqp_log_put_marker(struct amqp_link *link, const char *log, const char *marker,
                         struct error *error)
{
    amqp_table_entry_t header = amqp_text_entry(AMQP_MARKER_HEADER, marker);
    const amqp_basic_properties_t properties = {
        ._flags = AMQP_BASIC_HEADERS_FLAG | AMQP_BASIC_DELIVERY_MODE_FLAG,
        .headers = {1, &header},
        .delivery_mode = AMQP_DELIVERY_PERSISTENT,
    };

    if (!amqp_link_publish_confirmed(link,
                                     &(struct amqp_publication){
                                         .exchange = "",
                                         .routing_key = log,
                                         .properties = &properties,
                                         .body = "",
                                     },
                                     error))
        return error_wrap(error, "putting a marker into %s", log);
    return true;
}

static bool put_marker(const struct amqp_log *log, struct amqp_link *link, const char *marker,
                       struct error *error)
{
    return amqp_log_put_marker(link, log->common->log->name, marker, error);
}

static bool put_markers(struct amqp_log *log, bool idle, struct error *error)
{
    CLEANUP(amqp_link_close) struct amqp_link link = {0};
    int64_t n_ready = 0;

    if (!amqp_link_open(&log->options, &link, error) || !amqp_link_confirms(&link, error) ||
        !declare_logs(log, &link, error) || !put_marker(log, &link, log->from, error) ||
        !declare(log, &link, &n_ready, error) || !put_marker(log, &link, log->to, error))
        return false;
    /* Whoever reads for the first time had no queue that could have missed anything. */
    log->countable = idle && n_ready == 0 && log->next_offset > 0;
    return true;
}

/* @from is an offset, or negative for the first there is. */
static bool consume(struct amqp_log *log, int64_t from, struct error *error)
{
    amqp_table_entry_t position = amqp_text_entry("x-stream-offset", "first");
    const char *name = log->common->log->name;

    if (from >= 0)
        position.value = (amqp_field_value_t){.kind = AMQP_FIELD_KIND_I64, .value.i64 = from};
    if (!amqp_link_open(&log->options, &log->link, error))
        return false;
    amqp_basic_qos(log->link.state, AMQP_LINK_CHANNEL, 0, LOG_PREFETCH, 0);
    if (!amqp_link_succeeded(&log->link, "setting the prefetch of", name, error))
        return false;
    amqp_basic_consume(log->link.state, AMQP_LINK_CHANNEL, amqp_text(name),
                       amqp_text(log->common->name), 0, 0, 0, (amqp_table_t){1, &position});
    if (!amqp_link_succeeded(&log->link, "reading", name, error))
        return false;
    listener_flow_opened(&log->flow);
    log->start_offset = from;
    log->heard = false;
    log->heard_ms = clock_monotonic_ms();
    log->late_at_ms = log->heard_ms + BEYOND_END_MS;
    return true;
}

static void name_markers(struct amqp_log *log)
{
    struct object_id id = object_id_random();
    struct object_id_hex hex = object_id_hex(&id);

    snprintf(log->from, sizeof(log->from), "%s:from", hex.text);
    snprintf(log->to, sizeof(log->to), "%s:to", hex.text);
    snprintf(log->late, sizeof(log->late), "%s:late", hex.text);
}

static bool start_reading(struct amqp_log *log, bool idle, struct error *error)
{
    const struct event_listener_handler *handler = &log->common->handler;
    int64_t offset = 0;

    if (!handler->load_offset(handler->context, &offset, error))
        return error_wrap(error, "loading the offset of %s", log->common->log->name);
    name_markers(log);
    log->is_late_put = false;
    log->is_beyond = false;
    log->complete = false;
    log->next_offset = offset;
    log->stored_offset = offset;
    return put_markers(log, idle, error) && consume(log, offset, error);
}

bool amqp_log_begin(struct amqp_log *log, bool idle, struct error *error)
{
    if (start_reading(log, idle, error)) {
        log->reading = true;
        return true;
    }
    amqp_log_abandon(log);
    return false;
}

/* True when the message is for nobody. */
static bool take_marker(struct amqp_log *log, const struct amqp_facts *facts)
{
    if (strcmp(facts->marker, log->from) == 0)
        log->countable = false;
    if (strcmp(facts->marker, log->to) == 0)
        log->complete = true;
    if (strcmp(facts->marker, log->late) == 0)
        log->is_beyond = !log->complete;
    return *facts->marker || facts->offset < log->start_offset;
}

/* No offset between two messages is left out, so what is missing at the beginning was cut off. */
static void notice_cut(struct amqp_log *log, int64_t first)
{
    if (!log->heard && log->start_offset >= 0 && first > log->start_offset)
        listener_common_log_cut(log->common, log->start_offset, first);
}

static bool take(struct amqp_log *log, const struct amqp_arrival *arrival, struct error *error)
{
    struct amqp_facts facts;
    enum held_state state;
    struct amqp_delivery *delivery = amqp_delivery_new(arrival->content, &facts, &state, error);

    if (!delivery)
        return false;
    /* What nobody could handle is left out: our queue parks it. */
    if (take_marker(log, &facts) || state != HELD_WAITING)
        state = HELD_DONE;
    if (state == HELD_WAITING &&
        !listener_attempts_judge_logged(log->common, &delivery->listened, error)) {
        amqp_delivery_free(delivery);
        return false;
    }
    log->n_taken += state == HELD_WAITING;
    delivery->listened.countable = log->countable;
    listener_flow_arrived(&log->flow, &delivery->listened.held, arrival->tag, state);
    notice_cut(log, facts.offset);
    log->next_offset = facts.offset + 1;
    log->heard = true;
    log->heard_ms = clock_monotonic_ms();
    return true;
}

/* What follows our marker belongs to the next round. */
static bool read_arrivals(struct amqp_log *log, struct error *error)
{
    for (int i = 0; i < LOG_PREFETCH && !log->complete; i++) {
        struct amqp_arrival arrival;

        if (!amqp_link_next(&log->link, &arrival, error))
            return false;
        if (arrival.kind == AMQP_ARRIVAL_NONE)
            return true;
        if (arrival.kind == AMQP_ARRIVAL_CANCEL)
            return error_set(error, ERROR_UNAVAILABLE, "the log was deleted");
        if (arrival.kind == AMQP_ARRIVAL_DELIVERY && !take(log, &arrival, error))
            return false;
    }
    return true;
}

/* Acknowledging is what lets a stream send more. */
static bool settle(struct amqp_log *log, struct error *error)
{
    struct settlement settlement;

    while (listener_flow_settle(&log->flow, &settlement)) {
        if (!amqp_link_acknowledge(&log->link, settlement.tag, settlement.multiple, error))
            return false;
    }
    amqp_delivery_free_finished(log->common, &log->flow);
    return true;
}

/* All before it was handled or left out: what is in hand stands in the order of the log. */
static int64_t reached(const struct amqp_log *log)
{
    struct held *first = log->flow.in_hand.first;

    return first ? CONTAINER_OF(first, struct listened, held)->offset : log->next_offset;
}

static bool store(struct amqp_log *log, struct error *error)
{
    const struct event_listener_handler *handler = &log->common->handler;
    int64_t offset = reached(log);

    if (!handler->store_offset(handler->context, offset, error))
        return error_wrap(error, "storing the offset of %s", log->common->log->name);
    log->stored_offset = offset;
    return true;
}

/* Careful: whoever dies next begins close to what it died of. */
static bool store_on_the_way(struct amqp_log *log, struct error *error)
{
    int64_t every = log->common->round.is_careful ? 1 : STORE_EVERY;

    return reached(log) - log->stored_offset < every || store(log, error);
}

/*
 * Our marker must come and does not: the log was deleted and made anew, and counts from 0 again. Then all of it is
 * read.
 */
static bool start_over(struct amqp_log *log, struct error *error)
{
    amqp_log_abandon(log);
    log->is_beyond = false;
    log->next_offset = 0;
    log->stored_offset = 0;
    log->reading = consume(log, -1, error);
    return log->reading;
}

/* While others fill the log there is no silence that would tell. */
static bool put_late_marker(const struct amqp_log *log)
{
    CLEANUP(amqp_link_close) struct amqp_link link = {0};
    struct error error = {0};

    return amqp_link_open(&log->options, &link, &error) && amqp_link_confirms(&link, &error) &&
           put_marker(log, &link, log->late, &error);
}

/* A broker that takes nothing now, such as one with an alarm, still gives what the log has. */
static void see_to_late_marker(struct amqp_log *log)
{
    if (log->complete || log->is_late_put || log->start_offset <= 0 ||
        clock_monotonic_ms() < log->late_at_ms)
        return;
    log->is_late_put = put_late_marker(log);
    log->late_at_ms = clock_monotonic_ms() + LATE_AGAIN_MS;
}

static bool bear_silence(struct amqp_log *log, struct error *error)
{
    int64_t silent_ms = clock_monotonic_ms() - log->heard_ms;

    if (!log->heard && log->start_offset > 0 && silent_ms >= BEYOND_END_MS)
        return start_over(log, error);
    return silent_ms < SILENT_MS ||
           error_set(error, ERROR_UNAVAILABLE, "%s gives nothing", log->common->log->name);
}

/* Everything that arrived was handled. */
static bool pause(struct amqp_log *log, struct error *error)
{
    if (log->complete) {
        bool stored = store(log, error);

        if (stored)
            listener_attempts_round_over(log->common);
        amqp_log_abandon(log);
        return stored;
    }
    return bear_silence(log, error);
}

bool amqp_log_step(struct amqp_log *log, struct error *error)
{
    if (!amqp_link_wait(&log->link, -1, 0, error) || !read_arrivals(log, error))
        return false;
    (void)listener_common_offer(log->common, &log->flow, true);
    if (!settle(log, error))
        return false;
    if (log->is_beyond)
        return start_over(log, error);
    see_to_late_marker(log);
    return store_on_the_way(log, error) &&
           (!listener_flow_is_empty(&log->flow) || pause(log, error));
}

void amqp_log_abandon(struct amqp_log *log)
{
    amqp_link_close(&log->link);
    listener_flow_lost(&log->flow);
    amqp_delivery_free_finished(log->common, &log->flow);
    log->common->round = (struct listener_round){0};
    log->reading = false;
}
