#include "base/backoff.h"
#include "base/memory.h"
#include "base/random.h"
#include "msgqueue/emitter_common.h"
#include "msgqueue/memory/memory_backend.h"
#include "msgqueue/memory/memory_broker.h"

#include <poll.h>

enum {
    RETRY_FIRST_MS = 10,
    RETRY_MOST_MS = 100,
    TICK_MS = 1000
};

struct memory_emitter {
    struct emitter_common common;
    struct memory_broker *broker;
    struct memory_connection connection; /* the thread's */
};

static void apply(struct memory_emitter *self, const struct emission *emission,
                  enum memory_answer answer)
{
    struct emitter_window *window = &self->common.window;

    pthread_mutex_lock(&self->common.lock);
    switch (answer) {
    case MEMORY_RETURNED:
        emitter_window_returned(window, emission->envelope.id);
        emitter_window_confirmed(window, emission->tag, false);
        break;
    case MEMORY_CONFIRMED:
        emitter_window_confirmed(window, emission->tag, false);
        break;
    case MEMORY_REFUSED:
        emitter_window_refused(window, emission->tag, false);
        break;
    case MEMORY_SILENT:
        break;
    }
    pthread_mutex_unlock(&self->common.lock);
}

static bool turn(struct memory_emitter *self, struct error *error)
{
    struct pollfd wake = {.fd = self->common.thread.wake_descriptor, .events = POLLIN};
    const struct emission *emission;

    (void)poll(&wake, 1, TICK_MS);
    own_thread_drain(&self->common.thread);
    while ((emission = emitter_common_send(&self->common))) {
        if (!memory_connection_check(&self->connection, error))
            return false;
        apply(self, emission, memory_broker_publish(self->broker, &emission->envelope));
        emitter_common_settle(&self->common);
    }
    emitter_common_settle(&self->common);
    return memory_connection_check(&self->connection, error);
}

static bool serve(struct memory_emitter *self, struct error *error)
{
    /* What was waiting for a connection has rung the bell long ago. */
    own_thread_wake(&self->common.thread);
    while (!own_thread_stopping(&self->common.thread)) {
        if (!turn(self, error))
            return false;
    }
    return error_set(error, ERROR_UNAVAILABLE, "the emitter has stopped");
}

static bool connect(struct memory_emitter *self, struct error *error)
{
    return memory_broker_connect(self->broker, &self->connection, &self->common.thread, error) &&
           memory_broker_declare_log(self->broker, &topology_catalogue_log, error) &&
           memory_broker_declare_log(self->broker, &topology_bookings_log, error);
}

static void *run(void *context)
{
    struct memory_emitter *self = context;
    struct backoff backoff = {.first_ms = RETRY_FIRST_MS, .most_ms = RETRY_MOST_MS};

    while (!own_thread_stopping(&self->common.thread)) {
        struct error error = {0};

        if (connect(self, &error)) {
            backoff_reset(&backoff);
            emitter_common_opened(&self->common);
            (void)serve(self, &error);
        }
        memory_broker_disconnect(&self->connection);
        emitter_common_lost(&self->common, &error);
        own_thread_rest(&self->common.thread, backoff_next_ms(&backoff, random_u64()));
    }
    return NULL;
}

static void memory_emitter_free(struct event_emitter *emitter)
{
    struct memory_emitter *self = CONTAINER_OF(emitter, struct memory_emitter, common.emitter);

    emitter_common_clear(&self->common);
    memory_broker_drop(self->broker);
    memory_free(self);
}

static const struct event_emitter_ops ops = {
    .emit = emitter_common_emit,
    .is_connected = emitter_common_is_connected,
    .counts = emitter_common_counts,
    .free = memory_emitter_free,
};

static bool memory_emitter_init(struct memory_emitter *self,
                                const struct event_emitter_options *options, struct error *error)
{
    self->broker = memory_broker_hold(options->url, error);
    return self->broker && emitter_common_init(&self->common, options, &ops, error) &&
           own_thread_start(&self->common.thread, run, self, error);
}

bool memory_emitter_open(const struct event_emitter_options *options,
                         struct event_emitter **emitter, struct error *error)
{
    struct memory_emitter *self = memory_new(sizeof(*self), error);

    if (!self)
        return false;
    if (!memory_emitter_init(self, options, error)) {
        memory_emitter_free(&self->common.emitter);
        return false;
    }
    *emitter = &self->common.emitter;
    return true;
}
