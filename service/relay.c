#include "service/relay.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/thread.h"
#include "service/relay_flow.h"

#include <pthread.h>
#include <time.h>

enum {
    ITEMS_MAX_DEFAULT = 4096,
    MESSAGES_MAX_DEFAULT = 16384,
    SEEN_PER_ITEM = 4,
    SEND_EVERY_MS = 10,
    MARK_EVERY_MS = 100,
    SWEEP_EVERY_MS_DEFAULT = 1000,
    SWEEP_AGE_MS_DEFAULT = 3000
};

/* What the emitter gives back with an outcome: which item of which relay. */
struct relay_place {
    struct relay *relay;
};

/* A thread of the relay, and until when it sleeps unless it is woken. */
struct relay_thread {
    pthread_t thread;
    pthread_cond_t wake;
    int64_t until_ms; /* monotonic; INT64_MIN: it is awake */
};

struct relay {
    struct relay_source source;
    struct event_emitter *emitter;
    struct relay_place *places;

    pthread_mutex_t lock;    /* of all below */
    struct relay_flow *flow; /* NULL: stopped, and only the emitter knows this relay yet */
    size_t n_unanswered;     /* messages whose outcome the emitter owes */
    bool ending;
    pthread_cond_t emptied;
    struct relay_thread sender;
    struct relay_thread keeper;

    bool sweep_cut; /* no more is wanted of the one that runs; the keeper only */

    /* For log lines at changes only. */
    bool publishing_fails;
    bool marking_fails;
    bool sweeping_fails;
};

/* What the keeper does next: a sweep, a mark, or neither. */
struct work {
    size_t sweep_limit;
    size_t n_items;
    struct relay_item *items[RELAY_MARK_MAX];
};

/* ---- sleeping and waking; under the lock ---- */

static struct timespec timespec_of(int64_t ms)
{
    return (struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
}

static void sleep_until(struct relay *relay, pthread_cond_t *wake, int64_t until_ms)
{
    const struct timespec until = timespec_of(until_ms);

    if (until_ms == INT64_MAX)
        pthread_cond_wait(wake, &relay->lock);
    else
        pthread_cond_timedwait(wake, &relay->lock, &until);
}

static void rest(struct relay *relay, struct relay_thread *thread, int64_t until_ms)
{
    thread->until_ms = until_ms;
    sleep_until(relay, &thread->wake, until_ms);
    thread->until_ms = INT64_MIN;
}

static void wake_for(struct relay_thread *thread, int64_t due_ms)
{
    if (due_ms < thread->until_ms)
        pthread_cond_signal(&thread->wake);
}

/* After each event: who sleeps longer than the flow now wants is woken. */
static void wake(struct relay *relay)
{
    wake_for(&relay->sender, relay_flow_send_due_ms(relay->flow));
    wake_for(&relay->keeper, relay_flow_keep_due_ms(relay->flow));
    if (relay_flow_is_empty(relay->flow))
        pthread_cond_broadcast(&relay->emptied);
}

/* ---- log lines ---- */

enum change {
    CHANGE_NONE,
    CHANGE_FAILS,
    CHANGE_WORKS
};

static enum change change_to(bool *fails, bool failed)
{
    bool same = *fails == failed;

    *fails = failed;
    if (same)
        return CHANGE_NONE;
    return failed ? CHANGE_FAILS : CHANGE_WORKS;
}

static void say(enum change change, const char *what, const struct error *error)
{
    if (change == CHANGE_FAILS)
        log_warning("relay hindered", LOG_TEXT("step", what), LOG_CAUSE(error));
    if (change == CHANGE_WORKS)
        log_info("relay works again", LOG_TEXT("step", what));
}

/* ---- the sender ---- */

static void free_relay(struct relay *relay)
{
    pthread_cond_destroy(&relay->sender.wake);
    pthread_cond_destroy(&relay->keeper.wake);
    pthread_cond_destroy(&relay->emptied);
    pthread_mutex_destroy(&relay->lock);
    memory_free(relay->places);
    memory_free(relay);
}

/* Under the lock. All is well again only when no item is left that failed the last time. */
static enum change note_outcome(struct relay *relay, uint32_t place, const struct error *error)
{
    if (error && error->code == ERROR_BUSY)
        relay_flow_refused(relay->flow, place, clock_monotonic_ms());
    else
        relay_flow_done(relay->flow, place, !error, clock_monotonic_ms());
    wake(relay);
    if (!error && relay_flow_is_failing(relay->flow))
        return CHANGE_NONE;
    return change_to(&relay->publishing_fails, error != NULL);
}

/* From the emitter's thread, perhaps after relay_stop(). */
static void on_done(void *context, const struct error *error)
{
    struct relay_place *place = context;
    struct relay *relay = place->relay;
    enum change change = CHANGE_NONE;
    bool was_last;

    pthread_mutex_lock(&relay->lock);
    relay->n_unanswered--;
    if (relay->flow)
        change = note_outcome(relay, (uint32_t)(place - relay->places), error);
    was_last = !relay->flow && relay->n_unanswered == 0;
    pthread_mutex_unlock(&relay->lock);

    say(change, "publish", error);
    if (was_last)
        free_relay(relay);
}

static bool emit(struct relay *relay, const struct relay_send *send, struct buffer *body,
                 struct error *error)
{
    struct envelope envelope;

    buffer_reset(body);
    if (!relay->source.envelope(relay->source.context, send->item, send->index, body, &envelope,
                                error))
        return error_wrap(error, "writing a message");
    if (!event_emitter_emit(relay->emitter, &envelope, on_done, &relay->places[send->place], error))
        return false;
    log_debug("message sent", LOG_TEXT("id", envelope.id), LOG_TEXT("name", envelope.name));
    return true;
}

/* The next message; sleeps until there is one. False: the relay ends. */
static bool next_send(struct relay *relay, struct relay_send *send)
{
    bool found = false;

    pthread_mutex_lock(&relay->lock);
    while (!relay->ending && !found) {
        found = relay_flow_next_send(relay->flow, clock_monotonic_ms(), send);
        if (!found)
            rest(relay, &relay->sender, relay_flow_send_due_ms(relay->flow));
    }
    if (found)
        relay->n_unanswered++; /* before it is emitted: the outcome may be quicker than we */
    pthread_mutex_unlock(&relay->lock);
    return found;
}

/* The emitter did not take it and will not call back. */
static void not_sent(struct relay *relay, const struct relay_send *send, const struct error *error)
{
    enum change change = CHANGE_NONE;

    pthread_mutex_lock(&relay->lock);
    relay->n_unanswered--;
    if (error->code == ERROR_BUSY)
        relay_flow_busy(relay->flow, send, clock_monotonic_ms());
    else
        change = note_outcome(relay, send->place, error);
    pthread_mutex_unlock(&relay->lock);
    say(change, "publish", error);
}

static void *run_sender(void *context)
{
    struct relay *relay = context;
    CLEANUP(buffer_clear) struct buffer body;
    struct relay_send send;

    pthread_setname_np(pthread_self(), "relay-sender");
    buffer_init(&body, MESSAGE_BODY_BYTES_MAX);
    while (next_send(relay, &send)) {
        struct error error = {0};

        if (!emit(relay, &send, &body, &error))
            not_sent(relay, &send, &error);
    }
    return NULL;
}

/* ---- the keeper ---- */

static void mark(struct relay *relay, const struct work *work)
{
    const struct relay_source *source = &relay->source;
    struct error error = {0};
    bool marked = source->mark(source->context, work->items, work->n_items, &error);
    enum change change;

    pthread_mutex_lock(&relay->lock);
    relay_flow_end_mark(relay->flow, marked, clock_monotonic_ms());
    wake(relay);
    change = change_to(&relay->marking_fails, !marked);
    pthread_mutex_unlock(&relay->lock);

    for (size_t i = 0; marked && i < work->n_items; i++)
        source->free_item(work->items[i]);
    say(change, "mark", &error);
}

static void sweep(struct relay *relay, size_t limit)
{
    struct error error = {0};
    enum change change = CHANGE_NONE;
    bool complete;

    relay->sweep_cut = false;
    complete = relay->source.unpublished(relay->source.context, limit, relay, &error);

    pthread_mutex_lock(&relay->lock);
    relay_flow_end_sweep(relay->flow, complete, clock_monotonic_ms());
    if (!relay->sweep_cut)
        change = change_to(&relay->sweeping_fails, !complete);
    pthread_mutex_unlock(&relay->lock);
    say(change, "sweep", &error);
}

/* False: the relay ends. Returns without work when it has slept, to look at the world again. */
static bool next_work(struct relay *relay, bool connected, struct work *work)
{
    int64_t now_ms = clock_monotonic_ms();
    bool goes_on;

    *work = (struct work){0};
    pthread_mutex_lock(&relay->lock);
    if (!relay->ending) {
        /* The sweep first: under load there is always something to mark. */
        work->sweep_limit = relay_flow_begin_sweep(relay->flow, connected, now_ms);
        if (work->sweep_limit == 0)
            work->n_items = relay_flow_begin_mark(relay->flow, now_ms, work->items);
        if (work->sweep_limit == 0 && work->n_items == 0)
            rest(relay, &relay->keeper, relay_flow_keep_due_ms(relay->flow));
    }
    goes_on = !relay->ending;
    pthread_mutex_unlock(&relay->lock);
    return goes_on;
}

static void *run_keeper(void *context)
{
    struct relay *relay = context;
    struct work work;

    pthread_setname_np(pthread_self(), "relay-keeper");
    while (next_work(relay, event_emitter_is_connected(relay->emitter), &work)) {
        if (work.sweep_limit > 0)
            sweep(relay, work.sweep_limit);
        else if (work.n_items > 0)
            mark(relay, &work);
    }
    return NULL;
}

/* ---- life ---- */

static void init_locks(struct relay *relay)
{
    pthread_condattr_t monotonic;

    pthread_mutex_init(&relay->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&relay->sender.wake, &monotonic);
    pthread_cond_init(&relay->keeper.wake, &monotonic);
    pthread_cond_init(&relay->emptied, &monotonic);
    pthread_condattr_destroy(&monotonic);
}

static bool make_flow(struct relay *relay, const struct relay_options *options, size_t items_max,
                      struct error *error)
{
    const struct relay_flow_options flow = {
        .items_max = items_max,
        .messages_max = options->messages_max ? options->messages_max : MESSAGES_MAX_DEFAULT,
        .seen_max = items_max * SEEN_PER_ITEM,
        .send_every_ms = SEND_EVERY_MS,
        .mark_every_ms = MARK_EVERY_MS,
        .sweep_every_ms =
            options->sweep_every_ms ? options->sweep_every_ms : SWEEP_EVERY_MS_DEFAULT,
        .sweep_age_ms = options->sweep_age_ms ? options->sweep_age_ms : SWEEP_AGE_MS_DEFAULT,
        .seed = random_u64(),
    };

    return relay_flow_new(&flow, clock_monotonic_ms(), &relay->flow, error);
}

static bool make_places(struct relay *relay, size_t items_max, struct error *error)
{
    relay->places = memory_array(items_max, sizeof(*relay->places), error);
    if (!relay->places)
        return false;
    for (size_t i = 0; i < items_max; i++)
        relay->places[i].relay = relay;
    return true;
}

static void end_thread(struct relay *relay, struct relay_thread *thread)
{
    pthread_mutex_lock(&relay->lock);
    relay->ending = true;
    pthread_cond_signal(&thread->wake);
    pthread_mutex_unlock(&relay->lock);
    pthread_join(thread->thread, NULL);
}

static bool start_threads(struct relay *relay, struct error *error)
{
    if (!thread_start(&relay->sender.thread, THREAD_STACK_OF_SYSTEM, run_sender, relay,
                      "starting the relay's sender", error))
        return false;
    if (thread_start(&relay->keeper.thread, THREAD_STACK_OF_SYSTEM, run_keeper, relay,
                     "starting the relay's keeper", error))
        return true;
    end_thread(relay, &relay->sender);
    return false;
}

bool relay_open(const struct relay_options *options, struct relay **relay, struct error *error)
{
    size_t items_max = options->items_max ? options->items_max : ITEMS_MAX_DEFAULT;
    struct relay *self = memory_new(sizeof(*self), error);

    if (!self)
        return false;
    self->source = options->source;
    self->emitter = options->emitter;
    self->sender.until_ms = self->keeper.until_ms = INT64_MIN;
    init_locks(self);
    if (!make_places(self, items_max, error) || !make_flow(self, options, items_max, error) ||
        !start_threads(self, error)) {
        relay_flow_free(self->flow, self->source.free_item);
        free_relay(self);
        return false;
    }
    *relay = self;
    return true;
}

void relay_hand_over(struct relay *relay, struct relay_item *item)
{
    bool taken;

    pthread_mutex_lock(&relay->lock);
    taken = relay_flow_hand_over(relay->flow, item, clock_monotonic_ms());
    wake(relay);
    pthread_mutex_unlock(&relay->lock);
    if (!taken)
        relay->source.free_item(item);
}

bool relay_offer(struct relay *relay, struct relay_item *item)
{
    int64_t now_ms = clock_monotonic_ms();
    bool taken;

    pthread_mutex_lock(&relay->lock);
    taken = relay_flow_offer(relay->flow, item, now_ms);
    relay->sweep_cut = !relay_flow_wants_more(relay->flow, now_ms);
    wake(relay);
    pthread_mutex_unlock(&relay->lock);
    if (!taken)
        relay->source.free_item(item);
    return !relay->sweep_cut;
}

struct relay_counts relay_counts(struct relay *relay)
{
    struct relay_counts counts;

    pthread_mutex_lock(&relay->lock);
    counts = relay_flow_counts(relay->flow, clock_wall_ms());
    pthread_mutex_unlock(&relay->lock);
    return counts;
}

static void flush(struct relay *relay, int64_t flush_ms)
{
    int64_t until_ms = clock_monotonic_ms() + flush_ms;

    pthread_mutex_lock(&relay->lock);
    relay_flow_finish(relay->flow);
    wake(relay);
    while (!relay_flow_is_empty(relay->flow) && clock_monotonic_ms() < until_ms)
        sleep_until(relay, &relay->emptied, until_ms);
    pthread_mutex_unlock(&relay->lock);
}

/* From the unlock on the emitter's late calls only count; the last of them frees the relay. */
static void leave_to_emitter(struct relay *relay)
{
    void (*free_item)(struct relay_item * item) = relay->source.free_item;
    struct relay_flow *flow;
    bool was_last;

    pthread_mutex_lock(&relay->lock);
    flow = relay->flow;
    relay->flow = NULL;
    was_last = relay->n_unanswered == 0;
    pthread_mutex_unlock(&relay->lock);

    relay_flow_free(flow, free_item);
    if (was_last)
        free_relay(relay);
}

void relay_stop(struct relay *relay, int64_t flush_ms)
{
    if (!relay)
        return;
    flush(relay, flush_ms);
    end_thread(relay, &relay->sender);
    end_thread(relay, &relay->keeper);
    leave_to_emitter(relay);
}
