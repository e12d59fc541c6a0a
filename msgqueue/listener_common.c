#include "msgqueue/listener_common.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/random.h"
#include "msgqueue/listener_attempts.h"

enum {
    PREFETCH_DEFAULT = 256,
    PREFETCH_MAX = 4096,
    BATCH_EVERY_MAX_MS = 1000,
    ROUND_EVERY_MS = 10000,
    READY_FIRST_MS = 100,
    READY_MOST_MS = 5000,
};

static struct listener_common *common_of(struct event_listener *listener)
{
    return CONTAINER_OF(listener, struct listener_common, listener);
}

static bool check(const struct event_listener_options *options, struct error *error)
{
    if (options->prefetch < 0 || options->prefetch > PREFETCH_MAX)
        return error_set(error, ERROR_INVALID, "the prefetch must be 1 to %d messages",
                         PREFETCH_MAX);
    if (options->batch_every_ms < 0 || options->batch_every_ms > BATCH_EVERY_MAX_MS)
        return error_set(error, ERROR_INVALID, "a batch must begin every 1 to %d ms",
                         BATCH_EVERY_MAX_MS);
    if (!options->queue || !options->handler.handle || !options->handler.ready)
        return error_set(error, ERROR_INVALID, "a listener needs a queue and a handler");
    if (!options->handler.note_attempt != !options->handler.forget_attempts)
        return error_set(error, ERROR_INVALID, "who notes attempts must forget them as well");
    if (options->log && (!options->handler.load_offset || !options->handler.store_offset))
        return error_set(error, ERROR_INVALID, "reading a log needs a place for its offset");
    return true;
}

static bool make_batch(struct listener_common *common, struct error *error)
{
    size_t n = (size_t)common->prefetch;

    common->deliveries = memory_array(n, sizeof(struct delivery), error);
    common->offered = memory_array(n, sizeof(struct held *), error);
    common->verdicts = memory_array(n, sizeof(enum delivery_verdict), error);
    return common->deliveries && common->offered && common->verdicts;
}

void listened_set_reason(struct listened *listened, const char *reason)
{
    listened_clear(listened);
    listened->reason = memory_text(reason, NULL);
}

const char *listened_reason(const struct listened *listened)
{
    if (listened->reason)
        return listened->reason;
    return listened->kind == PARKED_QUARANTINE ? "quarantine" : "no memory for the reason";
}

void listened_clear(struct listened *listened)
{
    memory_free(listened->reason);
    listened->reason = NULL;
}

bool listener_common_init(struct listener_common *common,
                          const struct event_listener_options *options,
                          const struct event_listener_ops *ops, struct error *error)
{
    if (!check(options, error))
        return false;
    common->listener.ops = ops;
    common->handler = options->handler;
    common->process = object_id_random();
    common->queue = options->queue;
    common->log = options->log;
    common->round_every_ms = options->log_every_ms ? options->log_every_ms : ROUND_EVERY_MS;
    common->reads_log_always = options->log_every_ms != 0;
    common->log_bytes = options->log_bytes;
    common->prefetch = options->prefetch ? options->prefetch : PREFETCH_DEFAULT;
    error_set(&common->trouble, ERROR_UNAVAILABLE, "not connected yet");
    pthread_mutex_init(&common->lock, NULL);
    common->name = memory_text(options->connection_name, error);
    return common->name && make_batch(common, error) && own_thread_init(&common->thread, error);
}

void listener_common_clear(struct listener_common *common)
{
    if (!common->listener.ops)
        return;
    own_thread_clear(&common->thread);
    pthread_mutex_destroy(&common->lock);
    memory_free(common->name);
    memory_free(common->deliveries);
    memory_free(common->offered);
    memory_free(common->verdicts);
}

bool listener_common_is_connected(struct event_listener *listener, struct error *error)
{
    struct listener_common *common = common_of(listener);
    bool connected;

    pthread_mutex_lock(&common->lock);
    connected = common->connected;
    if (!connected && error)
        *error = common->trouble;
    pthread_mutex_unlock(&common->lock);
    return connected;
}

struct event_listener_counts listener_common_counts(struct event_listener *listener)
{
    struct listener_common *common = common_of(listener);
    struct event_listener_counts counts = {
        .acknowledged = common->acknowledged,
        .retried = common->retried,
        .recovered = common->recovered,
        .log_cuts = common->log_cuts,
        .connects = common->connects,
        .last_heard_ms = common->last_heard_ms,
    };

    for (int kind = 0; kind < N_PARKED_KINDS; kind++) {
        counts.parked_by_kind[kind] = common->parked[kind];
        counts.parked += counts.parked_by_kind[kind];
    }
    return counts;
}

void listener_common_opened(struct listener_common *common)
{
    common->connects++;
    pthread_mutex_lock(&common->lock);
    common->connected = true;
    pthread_mutex_unlock(&common->lock);
}

void listener_common_lost(struct listener_common *common, const struct error *cause)
{
    pthread_mutex_lock(&common->lock);
    common->connected = false;
    common->trouble = *cause;
    pthread_mutex_unlock(&common->lock);
}

void listener_common_parked(struct listener_common *common, const struct listened *listened)
{
    common->parked[listened->kind]++;
}

void listener_common_log_cut(struct listener_common *common, int64_t wanted, int64_t first)
{
    common->log_cuts++;
    if (common->handler.log_cut)
        common->handler.log_cut(common->handler.context, wanted, first);
}

static struct listened *listened_of(struct held *held)
{
    return CONTAINER_OF(held, struct listened, held);
}

static void present(struct listener_common *common, size_t n, bool from_log)
{
    for (size_t i = 0; i < n; i++) {
        const struct listened *listened = listened_of(common->offered[i]);

        common->deliveries[i] = (struct delivery){
            .envelope = listened->envelope,
            .delivery_count = listened->delivery_count,
            .from_log = from_log,
            .verdict = DELIVERY_RETRY,
        };
    }
    common->handler.handle(common->handler.context, common->deliveries, n);
}

static void note(struct listener_common *common, size_t i)
{
    struct delivery *delivery = &common->deliveries[i];
    struct listened *listened = listened_of(common->offered[i]);

    if (delivery->verdict == DELIVERY_PARK) {
        listened_set_reason(listened, delivery->reason);
        listened->kind = delivery->kind;
        listened->parked_count = listened->delivery_count + 1;
    }
    if (delivery->verdict == DELIVERY_RETRY)
        common->retried++;
    else if (delivery->changed && listened->countable)
        common->recovered++;
    if (delivery->verdict == DELIVERY_ACKNOWLEDGE && !delivery->from_log)
        common->acknowledged++;
    common->verdicts[i] = delivery->verdict;
}

bool listener_common_offer(struct listener_common *common, struct listener_flow *flow,
                           bool from_log)
{
    size_t n;

    listener_attempts_note(common, flow);
    n = listener_flow_offer(flow, clock_monotonic_ms(), common->offered, (size_t)common->prefetch);
    if (n == 0)
        return false;
    present(common, n, from_log);
    for (size_t i = 0; i < n; i++)
        note(common, i);
    listener_flow_answered(flow, common->offered, common->verdicts, n, clock_monotonic_ms(),
                           random_u64());
    return true;
}

bool listener_common_wait_ready(struct listener_common *common)
{
    struct backoff backoff = {.first_ms = READY_FIRST_MS, .most_ms = READY_MOST_MS};

    while (!own_thread_stopping(&common->thread)) {
        if (common->handler.ready(common->handler.context))
            return true;
        own_thread_rest(&common->thread, backoff_next_ms(&backoff, random_u64()));
    }
    return false;
}
