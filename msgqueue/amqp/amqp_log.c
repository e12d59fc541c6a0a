#include "msgqueue/amqp/amqp_log.h"

#include "base/object_id.h"
#include "msgqueue/amqp/amqp_declare.h"
#include "msgqueue/listener_attempts.h"

#include <stdio.h>
#include <string.h>

enum {
    LOG_PREFETCH = 256
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
    listener_reader_declared(&log->reader, idle && n_ready == 0);
    return true;
}

static bool consume(struct amqp_log *log, struct error *error)
{
    int64_t from = log->reader.start_offset;
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
    listener_reader_opened(&log->reader, clock_monotonic_ms());
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
    listener_reader_begin(&log->reader, offset);
    return put_markers(log, idle, error) && consume(log, error);
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

static enum log_marker marker_of(const struct amqp_log *log, const struct amqp_facts *facts)
{
    if (!*facts->marker)
        return LOG_NO_MARKER;
    if (strcmp(facts->marker, log->from) == 0)
        return LOG_FROM;
    if (strcmp(facts->marker, log->to) == 0)
        return LOG_TO;
    return strcmp(facts->marker, log->late) == 0 ? LOG_LATE : LOG_FOREIGN;
}

static bool take(struct amqp_log *log, const struct amqp_arrival *arrival, struct error *error)
{
    struct amqp_facts facts;
    enum held_state state;
    struct amqp_delivery *delivery = amqp_delivery_new(arrival->content, &facts, &state, error);

    if (!delivery)
        return false;
    state = listener_reader_judge(&log->reader, marker_of(log, &facts), facts.offset, state);
    if (state == HELD_WAITING &&
        !listener_attempts_judge_logged(log->common, &delivery->listened, error)) {
        amqp_delivery_free(delivery);
        return false;
    }
    delivery->listened.countable = log->reader.countable;
    if (listener_reader_arrived(&log->reader, &delivery->listened.held, facts.offset, arrival->tag,
                                state, clock_monotonic_ms()))
        listener_common_log_cut(log->common, log->reader.wanted_offset, facts.offset);
    return true;
}

/* What follows our marker belongs to the next round. */
static bool read_arrivals(struct amqp_log *log, struct error *error)
{
    for (int i = 0; i < LOG_PREFETCH && !log->reader.complete; i++) {
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

    while (listener_flow_settle(&log->reader.flow, &settlement)) {
        if (!amqp_link_acknowledge(&log->link, settlement.tag, settlement.multiple, error))
            return false;
    }
    amqp_delivery_free_finished(log->common, &log->reader.flow);
    return true;
}

static bool store(struct amqp_log *log, struct error *error)
{
    const struct event_listener_handler *handler = &log->common->handler;
    int64_t offset = listener_reader_reached(&log->reader);

    if (!handler->store_offset(handler->context, offset, error))
        return error_wrap(error, "storing the offset of %s", log->common->log->name);
    listener_reader_stored(&log->reader, offset);
    return true;
}

static bool start_over(struct amqp_log *log, struct error *error)
{
    amqp_log_abandon(log);
    listener_reader_begin_again(&log->reader);
    log->reading = consume(log, error);
    return log->reading;
}

static bool put_late_marker(const struct amqp_log *log)
{
    CLEANUP(amqp_link_close) struct amqp_link link = {0};
    struct error error = {0};

    return amqp_link_open(&log->options, &link, &error) && amqp_link_confirms(&link, &error) &&
           put_marker(log, &link, log->late, &error);
}

static void end(struct amqp_log *log)
{
    listener_attempts_round_over(log->common);
    amqp_log_abandon(log);
}

/* What there is to do beside handling, until there is nothing or the round goes on in another way. */
static bool go_on(struct amqp_log *log, struct error *error)
{
    for (;;) {
        bool is_careful = log->common->round.is_careful;

        switch (listener_reader_next(&log->reader, is_careful, clock_monotonic_ms())) {
        case READER_WAITS:
            return true;
        case READER_PUTS_LATE:
            listener_reader_late_put(&log->reader, put_late_marker(log), clock_monotonic_ms());
            break;
        case READER_STORES:
            if (!store(log, error))
                return false;
            break;
        case READER_STARTS_OVER:
            return start_over(log, error);
        case READER_ENDS:
            end(log);
            return true;
        case READER_FAILS:
            return error_set(error, ERROR_UNAVAILABLE, "%s does not give our marker",
                             log->common->log->name);
        }
    }
}

bool amqp_log_step(struct amqp_log *log, struct error *error)
{
    if (!amqp_link_wait(&log->link, -1, 0, error) || !read_arrivals(log, error))
        return false;
    (void)listener_common_offer(log->common, &log->reader.flow, true);
    return settle(log, error) && go_on(log, error);
}

void amqp_log_abandon(struct amqp_log *log)
{
    amqp_link_close(&log->link);
    listener_reader_lost(&log->reader);
    amqp_delivery_free_finished(log->common, &log->reader.flow);
    log->common->round = (struct listener_round){0};
    log->reading = false;
}
