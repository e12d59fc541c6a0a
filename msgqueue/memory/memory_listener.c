#include "base/backoff.h"
#include "base/clock.h"
#include "base/memory.h"
#include "base/random.h"
#include "msgqueue/listener_attempts.h"
#include "msgqueue/memory/memory_backend.h"
#include "msgqueue/memory/memory_broker.h"

#include <poll.h>

enum {
    RETRY_FIRST_MS = 10,
    RETRY_MOST_MS = 100,
    TICK_MS = 1000,
    ROUND_AGAIN_MS = 100
};

struct memory_delivery {
    struct listened listened;
    struct memory_message *message;
};

struct memory_listener {
    struct listener_common common;
    struct memory_broker *broker;

    /* The thread's. */
    struct memory_connection connection;
    struct listener_flow flow;
    int n_in_hand;
    struct listener_flow log_flow;
    bool reading;        /* the log */
    int64_t round_at_ms; /* when the next round begins; monotonic */
    bool log_was_read;   /* since this connection was made */
    int64_t log_next;    /* offset of the next message to hand out */
    int64_t log_end;     /* the round reads up to here */
    bool log_countable;  /* what it brings was not in our queue */
};

static void free_finished(struct memory_listener *self, struct listener_flow *flow)
{
    struct held *held;

    while ((held = listener_attempts_finished(&self->common, flow))) {
        struct memory_delivery *delivery =
            CONTAINER_OF(held, struct memory_delivery, listened.held);

        memory_broker_let_go(self->broker, delivery->message);
        listened_clear(&delivery->listened);
        memory_free(delivery);
    }
}

/* @message is the delivery's from here on, also on failure. */
static struct memory_delivery *delivery_new(struct memory_listener *self,
                                            struct memory_message *message, struct error *error)
{
    struct memory_delivery *delivery = memory_new(sizeof(*delivery), error);

    if (!delivery) {
        memory_broker_let_go(self->broker, message);
        return NULL;
    }
    delivery->message = message;
    delivery->listened.envelope = message->envelope;
    return delivery;
}

static bool take_arrivals(struct memory_listener *self, struct error *error)
{
    while (self->n_in_hand < self->common.prefetch) {
        uint64_t tag = 0;
        int64_t delivery_count = 0;
        struct memory_message *message =
            memory_connection_take(&self->connection, &tag, &delivery_count);
        struct memory_delivery *delivery;

        if (!message)
            return true;
        delivery = delivery_new(self, message, error);
        if (!delivery)
            return false;
        delivery->listened.delivery_count = delivery_count;
        listener_attempts_judge(&self->common, &delivery->listened);
        listener_flow_arrived(&self->flow, &delivery->listened.held, tag, HELD_WAITING);
        self->common.last_heard_ms = clock_monotonic_ms();
        self->n_in_hand++;
    }
    return true;
}

static void park(struct memory_listener *self)
{
    struct held *held;

    while ((held = listener_flow_park(&self->flow, clock_monotonic_ms()))) {
        const struct listened *listened = CONTAINER_OF(held, struct listened, held);
        bool parked =
            memory_connection_park(&self->connection, held->tag, listened_reason(listened),
                                   self->common.name, listened->parked_count);

        if (parked)
            listener_common_parked(&self->common, listened);
        listener_flow_parked(&self->flow, held, parked ? PARKING_CONFIRMED : PARKING_FAILED,
                             clock_monotonic_ms(), random_u64());
    }
}

static void settle(struct memory_listener *self)
{
    struct settlement settlement;

    while (listener_flow_settle(&self->flow, &settlement)) {
        memory_connection_acknowledge(&self->connection, settlement.tag, settlement.multiple);
        self->n_in_hand -= settlement.n;
        /* There is room for more, and nobody rings for what was there before. */
        own_thread_wake(&self->common.thread);
    }
    free_finished(self, &self->flow);
}

static bool declare(struct memory_listener *self, int64_t *n_ready, struct error *error)
{
    const struct topology_queue *log = self->common.log;

    return memory_broker_declare_log(self->broker, &topology_catalogue_log, error) &&
           memory_broker_declare_log(self->broker, &topology_bookings_log, error) &&
           (!log || memory_broker_declare_log(self->broker, log, error)) &&
           memory_broker_declare_queue(self->broker, self->common.queue, n_ready, error);
}

static bool start_reading(struct memory_listener *self, int64_t end, bool countable,
                          struct error *error)
{
    const struct event_listener_handler *handler = &self->common.handler;

    self->log_next = 0;
    if (!handler->load_offset(handler->context, &self->log_next, error))
        return false;
    /* A log that was deleted and made anew counts from 0 again. */
    if (self->log_next > end)
        self->log_next = 0;
    self->log_end = end;
    self->log_countable = countable && self->log_next > 0;
    self->reading = true;
    listener_flow_opened(&self->log_flow);
    return true;
}

/* What lies in the log before our queue is declared is counted when the queue turns out to be empty. */
static bool begin_round(struct memory_listener *self, struct error *error)
{
    bool idle = listener_flow_is_empty(&self->flow);
    int64_t end = 0;
    int64_t n_ready = 0;

    if (self->common.log)
        end = memory_broker_log_end(self->broker, self->common.log->name);
    if (!declare(self, &n_ready, error))
        return false;
    if (!self->common.log || (self->log_was_read && !self->common.reads_log_always))
        return true;
    return start_reading(self, end, idle && n_ready == 0, error);
}

static bool take_from_log(struct memory_listener *self, struct error *error)
{
    for (int i = 0; i < self->common.prefetch && self->log_next < self->log_end; i++) {
        struct memory_message *message =
            memory_broker_log_read(self->broker, self->common.log->name, self->log_next);
        struct memory_delivery *delivery;

        if (!message)
            return error_set(error, ERROR_UNAVAILABLE, "the log was deleted");
        delivery = delivery_new(self, message, error);
        if (!delivery)
            return false;
        delivery->listened.countable = self->log_countable;
        if (!listener_attempts_judge_logged(&self->common, &delivery->listened, error)) {
            memory_broker_let_go(self->broker, message);
            memory_free(delivery);
            return false;
        }
        self->log_next++;
        listener_flow_arrived(&self->log_flow, &delivery->listened.held, (uint64_t)self->log_next,
                              HELD_WAITING);
    }
    return true;
}

static void forget_log(struct memory_listener *self)
{
    listener_flow_lost(&self->log_flow);
    free_finished(self, &self->log_flow);
    self->common.round = (struct listener_round){0};
    self->reading = false;
}

static bool store_offset(struct memory_listener *self, int64_t offset, struct error *error)
{
    const struct event_listener_handler *handler = &self->common.handler;

    return handler->store_offset(handler->context, offset, error);
}

static bool finish_round(struct memory_listener *self, struct error *error)
{
    if (!store_offset(self, self->log_end, error))
        return false;
    self->log_was_read = true;
    listener_attempts_round_over(&self->common);
    forget_log(self);
    return true;
}

static bool step_round(struct memory_listener *self, struct error *error)
{
    struct settlement settlement;

    if (listener_flow_is_empty(&self->log_flow) && !take_from_log(self, error))
        return false;
    (void)listener_common_offer(&self->common, &self->log_flow, true);
    while (listener_flow_settle(&self->log_flow, &settlement))
        continue;
    free_finished(self, &self->log_flow);
    if (!listener_flow_is_empty(&self->log_flow))
        return true;
    if (self->log_next == self->log_end)
        return finish_round(self, error);
    return !self->common.round.is_careful || store_offset(self, self->log_next, error);
}

static void serve_rounds(struct memory_listener *self)
{
    int64_t now_ms = clock_monotonic_ms();
    struct error error = {0};
    bool good = true;

    if (!self->reading && now_ms >= self->round_at_ms) {
        self->round_at_ms = now_ms + self->common.round_every_ms;
        good = begin_round(self, &error);
    }
    if (good && self->reading)
        good = step_round(self, &error);
    if (good)
        return;
    forget_log(self);
    self->round_at_ms = now_ms + ROUND_AGAIN_MS;
}

static void consume_when_up_to_date(struct memory_listener *self)
{
    if (self->reading || self->connection.consumes)
        return;
    memory_connection_consume(&self->connection, self->common.queue->name);
    listener_common_opened(&self->common);
}

static int wait_ms(const struct memory_listener *self)
{
    int64_t now_ms = clock_monotonic_ms();
    int64_t round_ms = self->round_at_ms > now_ms ? self->round_at_ms - now_ms : 0;
    int64_t most_ms = round_ms < TICK_MS ? round_ms : TICK_MS;

    if (self->reading)
        most_ms = listener_flow_wait_ms(&self->log_flow, now_ms,
                                        listener_flow_is_empty(&self->log_flow) ? 0 : TICK_MS);
    return (int)listener_flow_wait_ms(&self->flow, now_ms, most_ms);
}

static bool turn(struct memory_listener *self, struct error *error)
{
    struct pollfd wake = {.fd = self->common.thread.wake_descriptor, .events = POLLIN};

    (void)poll(&wake, 1, wait_ms(self));
    own_thread_drain(&self->common.thread);
    if (!memory_connection_check(&self->connection, error))
        return false;
    if (self->connection.consumes && !take_arrivals(self, error))
        return false;
    (void)listener_common_offer(&self->common, &self->flow, false);
    park(self);
    settle(self);
    serve_rounds(self);
    consume_when_up_to_date(self);
    return true;
}

static bool connect(struct memory_listener *self, struct error *error)
{
    int64_t n_ready;

    if (!memory_broker_connect(self->broker, &self->connection, &self->common.thread, error) ||
        !declare(self, &n_ready, error))
        return false;
    if (!listener_common_wait_ready(&self->common))
        return error_set(error, ERROR_UNAVAILABLE, "the listener has stopped");
    listener_flow_opened(&self->flow);
    self->n_in_hand = 0;
    self->round_at_ms = 0;
    self->log_was_read = false;
    return true;
}

static bool serve(struct memory_listener *self, struct error *error)
{
    while (!own_thread_stopping(&self->common.thread)) {
        if (!turn(self, error))
            return false;
    }
    return error_set(error, ERROR_UNAVAILABLE, "the listener has stopped");
}

static void disconnect(struct memory_listener *self, const struct error *cause)
{
    listener_common_lost(&self->common, cause);
    forget_log(self);
    listener_flow_lost(&self->flow);
    free_finished(self, &self->flow);
    memory_broker_disconnect(&self->connection);
}

static void *run(void *context)
{
    struct memory_listener *self = context;
    struct backoff backoff = {.first_ms = RETRY_FIRST_MS, .most_ms = RETRY_MOST_MS};

    while (!own_thread_stopping(&self->common.thread)) {
        struct error error = {0};

        if (connect(self, &error)) {
            backoff_reset(&backoff);
            (void)serve(self, &error);
        }
        disconnect(self, &error);
        own_thread_rest(&self->common.thread, backoff_next_ms(&backoff, random_u64()));
    }
    return NULL;
}

static void memory_listener_free(struct event_listener *listener)
{
    struct memory_listener *self = CONTAINER_OF(listener, struct memory_listener, common.listener);

    listener_common_clear(&self->common);
    memory_broker_drop(self->broker);
    memory_free(self);
}

static const struct event_listener_ops ops = {
    .is_connected = listener_common_is_connected,
    .counts = listener_common_counts,
    .free = memory_listener_free,
};

static bool memory_listener_init(struct memory_listener *self,
                                 const struct event_listener_options *options, struct error *error)
{
    listener_flow_init(&self->flow);
    self->flow.pace_ms = options->batch_every_ms ? options->batch_every_ms : BATCH_EVERY_MS;
    listener_flow_init(&self->log_flow);
    self->log_flow.leaves_out = true;
    self->broker = memory_broker_hold(options->url, error);
    return self->broker && listener_common_init(&self->common, options, &ops, error) &&
           own_thread_start(&self->common.thread, run, self, error);
}

bool memory_listener_open(const struct event_listener_options *options,
                          struct event_listener **listener, struct error *error)
{
    struct memory_listener *self = memory_new(sizeof(*self), error);

    if (!self)
        return false;
    if (!memory_listener_init(self, options, error)) {
        memory_listener_free(&self->common.listener);
        return false;
    }
    *listener = &self->common.listener;
    return true;
}
