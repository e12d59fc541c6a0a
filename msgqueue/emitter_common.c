#include "msgqueue/emitter_common.h"

#include "base/clock.h"

enum {
    WINDOW_DEFAULT = 512,
    WINDOW_MAX = 4096,
    QUEUE_DEFAULT = 4096,
    QUEUE_MAX = 1000000,
    CONFIRM_TIMEOUT_MS = 20000,
};

static struct emitter_common *common_of(struct event_emitter *emitter)
{
    return CONTAINER_OF(emitter, struct emitter_common, emitter);
}

bool emitter_common_init(struct emitter_common *common, const struct event_emitter_options *options,
                         const struct event_emitter_ops *ops, struct error *error)
{
    int window = options->window ? options->window : WINDOW_DEFAULT;
    int queue = options->queue ? options->queue : QUEUE_DEFAULT;

    if (window < 1 || window > WINDOW_MAX)
        return error_set(error, ERROR_INVALID, "the window must be 1 to %d messages", WINDOW_MAX);
    if (queue < 1 || queue > QUEUE_MAX)
        return error_set(error, ERROR_INVALID, "the queue must be 1 to %d messages", QUEUE_MAX);
    if (!emitter_window_init(&common->window, window, queue, CONFIRM_TIMEOUT_MS, error))
        return false;
    pthread_mutex_init(&common->lock, NULL);
    error_set(&common->trouble, ERROR_UNAVAILABLE, "not connected yet");
    common->emitter.ops = ops;
    return own_thread_init(&common->thread, error);
}

void emitter_common_clear(struct emitter_common *common)
{
    if (!common->emitter.ops)
        return;
    own_thread_clear(&common->thread);
    emitter_window_stop(&common->window);
    emitter_common_settle(common);
    emitter_window_clear(&common->window);
    pthread_mutex_destroy(&common->lock);
}

bool emitter_common_emit(struct event_emitter *emitter, const struct envelope *envelope,
                         event_emitter_done *done, void *context, struct error *error)
{
    struct emitter_common *common = common_of(emitter);
    struct emission *emission;
    bool taken;
    bool wake;

    if (envelope->body_bytes > MESSAGE_BODY_BYTES_MAX)
        return error_set(error, ERROR_TOO_LARGE, "a message body has at most %d bytes",
                         MESSAGE_BODY_BYTES_MAX);
    emission = emission_new(envelope, done, context, error);
    if (!emission)
        return false;
    pthread_mutex_lock(&common->lock);
    taken = emitter_window_add(&common->window, emission, error);
    /* Behind another waiting message it will be seen without being told. */
    wake = taken && common->window.open && common->window.waiting.n == 1;
    pthread_mutex_unlock(&common->lock);

    if (!taken)
        emission_free(emission);
    if (wake)
        own_thread_wake(&common->thread);
    return taken;
}

bool emitter_common_is_connected(struct event_emitter *emitter, struct error *error)
{
    struct emitter_common *common = common_of(emitter);
    bool open;

    pthread_mutex_lock(&common->lock);
    open = common->window.open;
    if (!open && error)
        *error = common->trouble;
    pthread_mutex_unlock(&common->lock);
    return open;
}

struct event_emitter_counts emitter_common_counts(struct event_emitter *emitter)
{
    struct emitter_common *common = common_of(emitter);
    const int64_t since_ms = common->blocked_since_ms;

    return (struct event_emitter_counts){
        .confirmed = common->confirmed,
        .returned = common->returned,
        .refused = common->refused,
        .failed = common->failed,
        .connects = common->connects,
        .blocked_ms = since_ms ? clock_monotonic_ms() - since_ms : 0,
    };
}

void emitter_common_opened(struct emitter_common *common)
{
    common->connects++;
    pthread_mutex_lock(&common->lock);
    emitter_window_opened(&common->window);
    pthread_mutex_unlock(&common->lock);
}

void emitter_common_lost(struct emitter_common *common, const struct error *cause)
{
    pthread_mutex_lock(&common->lock);
    emitter_window_lost(&common->window);
    common->trouble = *cause;
    common->blocked_since_ms = 0;
    pthread_mutex_unlock(&common->lock);
    emitter_common_settle(common);
}

void emitter_common_blocked(struct emitter_common *common, bool blocked)
{
    common->blocked_since_ms = blocked ? clock_monotonic_ms() : 0;
    emitter_window_blocked(&common->window, blocked);
}

struct emission *emitter_common_send(struct emitter_common *common)
{
    struct emission *emission;

    pthread_mutex_lock(&common->lock);
    emission = emitter_window_send(&common->window, clock_monotonic_ms());
    pthread_mutex_unlock(&common->lock);
    return emission;
}

static void count(struct emitter_common *common, enum emission_end end)
{
    switch (end) {
    case EMISSION_CONFIRMED:
        common->confirmed++;
        return;
    case EMISSION_RETURNED:
        common->returned++;
        return;
    case EMISSION_REFUSED:
        common->refused++;
        return;
    case EMISSION_OVERDUE:
    case EMISSION_LOST:
        common->failed++;
        return;
    }
}

void emitter_common_settle(struct emitter_common *common)
{
    struct emission *emission;

    pthread_mutex_lock(&common->lock);
    emitter_window_tick(&common->window, clock_monotonic_ms());
    while ((emission = emitter_window_settled(&common->window))) {
        pthread_mutex_unlock(&common->lock);
        count(common, emission->end);
        emission_finish(emission); /* may emit again, so not under the lock */
        pthread_mutex_lock(&common->lock);
    }
    pthread_mutex_unlock(&common->lock);
}
