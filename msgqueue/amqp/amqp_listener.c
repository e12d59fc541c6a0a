#include "msgqueue/amqp/amqp_listener.h"

#include "base/memory.h"
#include "base/random.h"
#include "msgqueue/amqp/amqp_log.h"
#include "msgqueue/amqp/amqp_parking.h"
#include "msgqueue/listener_attempts.h"

enum {
    RETRY_FIRST_MS = 100,
    RETRY_MOST_MS = 5000,
    TICK_MS = 1000,
    LOG_TICK_MS = 20, /* while the log is read too, our own connection waits no longer */
    ROUND_AGAIN_MS = 2000,
    SLOW_ROUND_MS = 5000, /* beginning a round so long may cost us our own connection */
    /* A body that no handler takes is still kept whole for parking, up to here. */
    BODY_BYTES_MAX = 4 * 1024 * 1024,
    /* Where more than this is in hand, the broker parks the next of them by itself. */
    IN_HAND_BYTES_MAX = 64 * 1024 * 1024,
    DELETED_REST_MS = 500,
    DELETED_SPREAD_MS = 1000,
    /* So many of the log without one of the queue, of which each consumer gets its share. */
    UNHEARD_MAX = 32,
};

struct amqp_listener {
    struct listener_common common;
    struct amqp_address address;
    struct watchdog watchdog;
    struct amqp_link_options options; /* borrows address, name and watchdog */

    /* The thread's. */
    struct amqp_link link;
    struct listener_flow flow;
    struct amqp_parking parking;
    struct amqp_log log;
    bool consuming;
    bool was_deleted;    /* the queue, under this connection */
    bool was_heard;      /* the queue brought something since a round began */
    bool round_repeats;  /* the queue may have brought what this round reads */
    int64_t n_unheard;   /* messages of later rounds since the queue brought one */
    int64_t round_at_ms; /* when the next round begins; monotonic */
    bool log_was_read;   /* since this connection was made */
    bool round_is_slow;  /* the last one took long to begin */
};

static size_t bytes_in_hand(const struct listener_flow *flow)
{
    size_t n_bytes = 0;

    for (struct held *held = flow->in_hand.first; held; held = held->next)
        n_bytes += CONTAINER_OF(held, struct amqp_delivery, listened.held)->body.size_bytes;
    return n_bytes;
}

/* What is to be parked only; all else is small. */
static void drop_large_body(const struct amqp_listener *self, struct amqp_content *content)
{
    if (content->body.size_bytes > MESSAGE_BODY_BYTES_MAX &&
        bytes_in_hand(&self->flow) > IN_HAND_BYTES_MAX)
        buffer_clear(&content->body);
}

static bool take(struct amqp_listener *self, const struct amqp_arrival *arrival,
                 struct error *error)
{
    struct amqp_facts facts;
    enum held_state state;
    struct amqp_delivery *delivery;

    drop_large_body(self, arrival->content);
    delivery = amqp_delivery_new(arrival->content, &facts, &state, error);
    if (!delivery)
        return false;
    listener_attempts_judge(&self->common, &delivery->listened);
    listener_flow_arrived(&self->flow, &delivery->listened.held, arrival->tag, state);
    self->common.last_heard_ms = clock_monotonic_ms();
    self->was_heard = true;
    self->n_unheard = 0;
    return true;
}

static bool read_arrivals(struct amqp_listener *self, struct error *error)
{
    for (int i = 0; i < self->common.prefetch; i++) {
        struct amqp_arrival arrival;

        if (!amqp_link_next(&self->link, &arrival, error))
            return false;
        if (arrival.kind == AMQP_ARRIVAL_NONE)
            return true;
        if (arrival.kind == AMQP_ARRIVAL_CANCEL) {
            self->was_deleted = true;
            return error_set(error, ERROR_UNAVAILABLE, "queue %s was deleted",
                             self->common.queue->name);
        }
        if (arrival.kind == AMQP_ARRIVAL_DELIVERY && !take(self, &arrival, error))
            return false;
    }
    return true;
}

static void park(struct amqp_listener *self)
{
    struct held *held;

    while ((held = listener_flow_park(&self->flow, clock_monotonic_ms()))) {
        const struct amqp_delivery *delivery =
            CONTAINER_OF(held, struct amqp_delivery, listened.held);
        enum parking_end end = amqp_parking_put(&self->parking, delivery);

        if (end != PARKING_FAILED)
            listener_common_parked(&self->common, &delivery->listened);
        listener_flow_parked(&self->flow, held, end, clock_monotonic_ms(), random_u64());
    }
    amqp_parking_close(&self->parking);
}

static bool settle(struct amqp_listener *self, struct error *error)
{
    struct settlement settlement;

    while (listener_flow_settle(&self->flow, &settlement)) {
        bool told = settlement.reject ? amqp_link_reject(&self->link, settlement.tag, error)
                                      : amqp_link_acknowledge(&self->link, settlement.tag,
                                                              settlement.multiple, error);

        if (!told)
            return false;
    }
    amqp_delivery_free_finished(&self->common, &self->flow);
    return true;
}

static bool consume(struct amqp_listener *self, struct error *error)
{
    const char *queue = self->common.queue->name;

    amqp_basic_qos(self->link.state, AMQP_LINK_CHANNEL, 0, (uint16_t)self->common.prefetch, 0);
    if (!amqp_link_succeeded(&self->link, "setting the prefetch of", queue, error))
        return false;
    amqp_basic_consume(self->link.state, AMQP_LINK_CHANNEL, amqp_text(queue),
                       amqp_text(self->common.name), 0, 0, 0, amqp_empty_table);
    if (!amqp_link_succeeded(&self->link, "consuming", queue, error))
        return false;
    self->consuming = true;
    listener_common_opened(&self->common);
    return true;
}

static bool wants_log(const struct amqp_listener *self)
{
    return self->common.log && (self->common.reads_log_always || !self->log_was_read);
}

/* A round that fails is begun again soon; its failing is no reason to stop consuming. */
static void begin_round(struct amqp_listener *self)
{
    bool idle = listener_flow_is_empty(&self->flow);
    int64_t start_ms = clock_monotonic_ms();
    struct error error = {0};
    bool begun = wants_log(self) ? amqp_log_begin(&self->log, idle, &error)
                                 : amqp_log_declare(&self->log, &error);

    self->round_repeats |= self->was_heard;
    self->was_heard = false;
    self->round_is_slow = clock_monotonic_ms() - start_ms > SLOW_ROUND_MS;
    self->round_at_ms =
        clock_monotonic_ms() + (begun ? self->common.round_every_ms : ROUND_AGAIN_MS);
}

static void step_round(struct amqp_listener *self)
{
    int64_t n_taken = self->log.reader.n_taken;
    struct error error = {0};
    bool stepped = amqp_log_step(&self->log, &error);

    /* What was said before we were here, the queue may have brought to somebody long ago. */
    if (self->consuming && self->log_was_read && !self->round_repeats)
        self->n_unheard += self->log.reader.n_taken - n_taken;
    if (!stepped) {
        amqp_log_abandon(&self->log);
        self->round_at_ms = clock_monotonic_ms() + ROUND_AGAIN_MS;
    } else if (!self->log.reading) {
        self->log_was_read = true;
        self->round_repeats = false;
    }
}

static void serve_rounds(struct amqp_listener *self)
{
    if (!self->log.reading && clock_monotonic_ms() >= self->round_at_ms)
        begin_round(self);
    if (self->log.reading)
        step_round(self);
}

static int64_t earlier(int64_t a_ms, int64_t b_ms)
{
    return a_ms < b_ms ? a_ms : b_ms;
}

static int64_t round_wait_ms(const struct amqp_listener *self, int64_t now_ms)
{
    if (!self->log.reading)
        return self->round_at_ms > now_ms ? self->round_at_ms - now_ms : 0;
    if (amqp_link_has_more(&self->log.link))
        return 0;
    return listener_flow_wait_ms(&self->log.reader.flow, now_ms, LOG_TICK_MS);
}

static int wait_ms(const struct amqp_listener *self)
{
    int64_t now_ms = clock_monotonic_ms();
    int64_t round_ms = round_wait_ms(self, now_ms);

    return (int)listener_flow_wait_ms(&self->flow, now_ms, earlier(round_ms, TICK_MS));
}

static bool turn(struct amqp_listener *self, struct error *error)
{
    int wake = self->common.thread.wake_descriptor;

    if (self->log.reading)
        wake = self->log.link.descriptor;
    if (!amqp_link_wait(&self->link, wake, wait_ms(self), error) || !read_arrivals(self, error))
        return false;
    (void)listener_common_offer(&self->common, &self->flow, false);
    park(self);
    if (!settle(self, error))
        return false;
    serve_rounds(self);
    if (self->n_unheard >= UNHEARD_MAX && !self->log.reading)
        return error_set(error, ERROR_UNAVAILABLE, "queue %s brings nothing of what is in the log",
                         self->common.queue->name);
    return self->consuming || self->log.reading || consume(self, error);
}

static bool connect(struct amqp_listener *self, struct error *error)
{
    if (!amqp_log_declare(&self->log, error))
        return false;
    if (!listener_common_wait_ready(&self->common))
        return error_set(error, ERROR_UNAVAILABLE, "the listener has stopped");
    if (!amqp_link_open(&self->options, &self->link, error))
        return false;
    listener_flow_opened(&self->flow);
    self->consuming = false;
    self->was_deleted = false;
    self->n_unheard = 0;
    self->log_was_read = false;
    /* Or at a slow broker each round would end the connection before anything was consumed. */
    self->round_at_ms =
        self->round_is_slow ? clock_monotonic_ms() + self->common.round_every_ms : 0;
    return true;
}

static bool serve(struct amqp_listener *self, struct error *error)
{
    while (!own_thread_stopping(&self->common.thread)) {
        if (!turn(self, error))
            return false;
    }
    return error_set(error, ERROR_UNAVAILABLE, "the listener has stopped");
}

static void disconnect(struct amqp_listener *self, const struct error *cause)
{
    listener_common_lost(&self->common, cause);
    amqp_log_abandon(&self->log);
    amqp_link_close(&self->link);
    listener_flow_lost(&self->flow);
    amqp_delivery_free_finished(&self->common, &self->flow);
}

/*
 * When several consumers declare a deleted queue anew in the same moment, RabbitMQ 3.10 may count what it
 * gives to one of them as delivered and never send it; hence not all at once, and UNHEARD_MAX.
 */
static int rest_ms(const struct amqp_listener *self, struct backoff *backoff)
{
    uint64_t random = random_u64();

    if (self->was_deleted)
        return DELETED_REST_MS + (int)(random % DELETED_SPREAD_MS);
    return (int)backoff_next_ms(backoff, random);
}

static void *run(void *context)
{
    struct amqp_listener *self = context;
    struct backoff backoff = {.first_ms = RETRY_FIRST_MS, .most_ms = RETRY_MOST_MS};

    while (!own_thread_stopping(&self->common.thread)) {
        struct error error = {0};

        if (connect(self, &error)) {
            backoff_reset(&backoff);
            (void)serve(self, &error);
        }
        disconnect(self, &error);
        own_thread_rest(&self->common.thread, rest_ms(self, &backoff));
    }
    return NULL;
}

static void amqp_listener_free(struct event_listener *listener)
{
    struct amqp_listener *self = CONTAINER_OF(listener, struct amqp_listener, common.listener);

    listener_common_clear(&self->common);
    watchdog_stop(&self->watchdog);
    amqp_address_clear(&self->address);
    memory_free(self);
}

static const struct event_listener_ops ops = {
    .is_connected = listener_common_is_connected,
    .counts = listener_common_counts,
    .free = amqp_listener_free,
};

static void wire(struct amqp_listener *self, const struct event_listener_options *options)
{
    self->options = (struct amqp_link_options){
        .address = &self->address,
        .name = self->common.name,
        .watchdog = &self->watchdog,
        .body_max_bytes = BODY_BYTES_MAX,
    };
    self->parking =
        (struct amqp_parking){.options = self->options, .queue = self->common.queue->name};
    self->log = (struct amqp_log){.common = &self->common, .options = self->options};
    self->log.options.body_max_bytes = MESSAGE_BODY_BYTES_MAX; /* it parks nothing */
    listener_flow_init(&self->flow);
    self->flow.pace_ms = options->batch_every_ms ? options->batch_every_ms : BATCH_EVERY_MS;
    listener_reader_init(&self->log.reader);
}

static bool amqp_listener_init(struct amqp_listener *self,
                               const struct event_listener_options *options, struct error *error)
{
    if (!amqp_address_init(&self->address, options->url, error) ||
        !listener_common_init(&self->common, options, &ops, error))
        return false;
    wire(self, options);
    return watchdog_start(&self->watchdog, error) &&
           own_thread_start(&self->common.thread, run, self, error);
}

bool amqp_listener_open(const struct event_listener_options *options,
                        struct event_listener **listener, struct error *error)
{
    struct amqp_listener *self = memory_new(sizeof(*self), error);

    if (!self)
        return false;
    if (!amqp_listener_init(self, options, error)) {
        amqp_listener_free(&self->common.listener);
        return false;
    }
    *listener = &self->common.listener;
    return true;
}
