#include "msgqueue/amqp/amqp_emitter.h"
#include "base/backoff.h"
#include "base/memory.h"
#include "base/random.h"
#include "msgqueue/amqp/amqp_declare.h"
#include "msgqueue/amqp/amqp_message.h"
#include "msgqueue/emitter_common.h"

enum {
    RETRY_FIRST_MS = 100,
    RETRY_MOST_MS = 5000,
    TICK_MS = 1000,
    /* After so many messages confirms are read, or the broker could stop reading ours. */
    BURST = 64,
};

struct amqp_emitter {
    struct emitter_common common;
    struct amqp_address address;
    struct watchdog watchdog;
    char *name;
    int64_t log_bytes;
    struct amqp_link link; /* the thread's */
};

/* Which one it is must be known, or its confirm would count as published: better all are sent again. */
static bool take_return(struct amqp_emitter *self, const struct amqp_content *content,
                        struct error *error)
{
    char id[MESSAGE_ID_BYTES];

    amqp_message_id(content, id);
    return emitter_window_returned(&self->common.window, id) || *id ||
           error_set(error, ERROR_UNAVAILABLE, "a message came back without its id");
}

static bool apply(struct amqp_emitter *self, const struct amqp_arrival *arrival,
                  struct error *error)
{
    struct emitter_window *window = &self->common.window;

    switch (arrival->kind) {
    case AMQP_ARRIVAL_CONFIRM:
        emitter_window_confirmed(window, arrival->tag, arrival->multiple);
        break;
    case AMQP_ARRIVAL_REFUSAL:
        emitter_window_refused(window, arrival->tag, arrival->multiple);
        break;
    case AMQP_ARRIVAL_RETURN:
        return take_return(self, arrival->content, error);
    case AMQP_ARRIVAL_BLOCKED:
        emitter_common_blocked(&self->common, true);
        break;
    case AMQP_ARRIVAL_UNBLOCKED:
        emitter_common_blocked(&self->common, false);
        break;
    case AMQP_ARRIVAL_DELIVERY: /* nothing is consumed here */
    case AMQP_ARRIVAL_CANCEL:
    case AMQP_ARRIVAL_NONE:
        break;
    }
    return true;
}

static bool read_answers(struct amqp_emitter *self, struct error *error)
{
    struct amqp_arrival arrival = {.kind = AMQP_ARRIVAL_CONFIRM};
    bool good = true;

    while (good && arrival.kind != AMQP_ARRIVAL_NONE) {
        if (!amqp_link_next(&self->link, &arrival, error))
            return false;
        pthread_mutex_lock(&self->common.lock);
        good = apply(self, &arrival, error);
        pthread_mutex_unlock(&self->common.lock);
    }
    return good;
}

static bool publish(struct amqp_emitter *self, const struct envelope *envelope, struct error *error)
{
    struct amqp_outgoing outgoing = {0};

    amqp_outgoing_init(&outgoing, envelope);
    return amqp_link_publish(&self->link,
                             &(struct amqp_publication){
                                 .exchange = TOPOLOGY_EXCHANGE,
                                 .routing_key = envelope->name,
                                 .properties = &outgoing.properties,
                                 .body = envelope->body,
                                 .body_bytes = envelope->body_bytes,
                             },
                             error);
}

static struct emission *next_of_burst(struct amqp_emitter *self, int n)
{
    return n < BURST ? emitter_common_send(&self->common) : NULL;
}

/* @n: how many went out. */
static bool publish_burst(struct amqp_emitter *self, int *n, struct error *error)
{
    const struct emission *emission = next_of_burst(self, 0);
    bool good = true;

    *n = 0;
    if (!emission)
        return true;
    amqp_link_begin_burst(&self->link);
    while (emission) {
        good = publish(self, &emission->envelope, error);
        emission = good ? next_of_burst(self, ++*n) : NULL;
    }
    amqp_link_end_burst(&self->link);
    return good;
}

/* Until the connection breaks or the emitter is to stop. */
static bool serve(struct amqp_emitter *self, struct error *error)
{
    int n_published = BURST; /* what was emitted before this woke nobody */

    while (!own_thread_stopping(&self->common.thread)) {
        int wait_ms = n_published == BURST ? 0 : TICK_MS;

        if (!amqp_link_wait(&self->link, self->common.thread.wake_descriptor, wait_ms, error))
            return false;
        own_thread_drain(&self->common.thread);
        if (!read_answers(self, error) || !publish_burst(self, &n_published, error))
            return false;
        emitter_common_settle(&self->common);
    }
    return error_set(error, ERROR_UNAVAILABLE, "the emitter has stopped");
}

static bool connect(struct amqp_emitter *self, struct error *error)
{
    const struct amqp_link_options options = {
        .address = &self->address,
        .name = self->name,
        .watchdog = &self->watchdog,
        .body_max_bytes = MESSAGE_BODY_BYTES_MAX,
    };

    return amqp_link_open(&options, &self->link, error) &&
           amqp_declare_common(&self->link, self->log_bytes, error) &&
           amqp_link_confirms(&self->link, error);
}

static void *run(void *context)
{
    struct amqp_emitter *self = context;
    struct backoff backoff = {.first_ms = RETRY_FIRST_MS, .most_ms = RETRY_MOST_MS};

    while (!own_thread_stopping(&self->common.thread)) {
        struct error error = {0};

        if (connect(self, &error)) {
            backoff_reset(&backoff);
            emitter_common_opened(&self->common);
            (void)serve(self, &error);
        }
        emitter_common_lost(&self->common, &error);
        amqp_link_close(&self->link);
        own_thread_rest(&self->common.thread, backoff_next_ms(&backoff, random_u64()));
    }
    return NULL;
}

static void amqp_emitter_free(struct event_emitter *emitter)
{
    struct amqp_emitter *self;

    if (!emitter)
        return;
    self = CONTAINER_OF(emitter, struct amqp_emitter, common.emitter);
    emitter_common_clear(&self->common);
    watchdog_stop(&self->watchdog);
    amqp_address_clear(&self->address);
    memory_free(self->name);
    memory_free(self);
}

static const struct event_emitter_ops ops = {
    .emit = emitter_common_emit,
    .is_connected = emitter_common_is_connected,
    .counts = emitter_common_counts,
    .free = amqp_emitter_free,
};

static bool amqp_emitter_init(struct amqp_emitter *self,
                              const struct event_emitter_options *options, struct error *error)
{
    if (!amqp_address_init(&self->address, options->url, error))
        return false;
    self->name = memory_text(options->connection_name, error);
    if (!self->name)
        return false;
    self->log_bytes = options->log_bytes;
    return emitter_common_init(&self->common, options, &ops, error) &&
           watchdog_start(&self->watchdog, error) &&
           own_thread_start(&self->common.thread, run, self, error);
}

bool amqp_emitter_open(const struct event_emitter_options *options, struct event_emitter **emitter,
                       struct error *error)
{
    struct amqp_emitter *self = memory_new(sizeof(*self), error);

    if (!self)
        return false;
    if (!amqp_emitter_init(self, options, error)) {
        amqp_emitter_free(&self->common.emitter);
        return false;
    }
    *emitter = &self->common.emitter;
    return true;
}
