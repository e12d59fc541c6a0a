/* The three ways to consume by hand. What is particular about logs is in amqp_tap_log.c. */
#include "base/memory.h"
#include "contracts/topology.h"
#include "msgqueue/amqp/amqp_message.h"
#include "msgqueue/amqp/amqp_tap_death.h"
#include "msgqueue/amqp/amqp_tap_log.h"

#include <inttypes.h>
#include <stdio.h>

enum {
    PREFETCH = 256,
    ACKNOWLEDGE_EVERY = 64,
    WATCHED_MAX = 10000,
    QUEUE_NAME_BYTES = 256,
    OTHERS_TOOK_IT_MS = 3000,
    LOG_SILENT_MS = 10000,
    CONSUMER_TAG_BYTES = 32,
    ROUNDS_TO_FINISH = 3,
};

enum tap_kind {
    TAP_WATCH,
    TAP_LOOK,
    TAP_REPLAY
};

struct queue_tap {
    enum tap_kind kind;
    struct amqp_tap_visit visit;
    struct amqp_link link;
    char *queue; /* owned; of a look */
    int64_t end;
    int64_t n_shown;
    int64_t n_held; /* shown and not acknowledged */
    int64_t n_consumers;
    bool has_removed;
    int64_t start_offset; /* the broker sends whole chunks: what lies before it is left out */
    int64_t first_offset;
    int64_t last_offset;
    int64_t quiet_ms; /* waited in vain since the last message */
};

static bool tap_open(struct queue_tap *tap, const struct queue_access *access, struct error *error)
{
    if (!amqp_tap_visit_init(&tap->visit, access, error) ||
        !amqp_tap_visit_link(&tap->visit, &tap->link, error))
        return false;
    amqp_basic_qos(tap->link.state, AMQP_LINK_CHANNEL, 0, PREFETCH, 0);
    return amqp_link_succeeded(&tap->link, "setting the prefetch", "", error);
}

static struct queue_tap *tap_new(enum tap_kind kind, const struct queue_access *access,
                                 struct error *error)
{
    struct queue_tap *tap = memory_new(sizeof(*tap), error);

    if (!tap)
        return NULL;
    tap->kind = kind;
    tap->first_offset = -1;
    tap->last_offset = -1;
    if (tap_open(tap, access, error))
        return tap;
    queue_tap_free(tap);
    return NULL;
}

void queue_tap_free(struct queue_tap *tap)
{
    if (!tap)
        return;
    amqp_link_close(&tap->link);
    amqp_tap_visit_clear(&tap->visit);
    memory_free(tap->queue);
    memory_free(tap);
}

/* ---- watching ---- */

/* The broker chooses the name. */
static bool declare_own(struct queue_tap *tap, char name[QUEUE_NAME_BYTES], struct error *error)
{
    amqp_table_entry_t most = {
        .key = amqp_text("x-max-length"),
        .value = {.kind = AMQP_FIELD_KIND_I32, .value = {.i32 = WATCHED_MAX}},
    };
    const amqp_queue_declare_ok_t *answer = amqp_queue_declare(
        tap->link.state, AMQP_LINK_CHANNEL, amqp_empty_bytes, 0, 0, 1, 1, (amqp_table_t){1, &most});

    if (answer)
        snprintf(name, QUEUE_NAME_BYTES, "%.*s", (int)answer->queue.len,
                 (const char *)answer->queue.bytes);
    return amqp_link_succeeded(&tap->link, "declaring a queue to watch by", "", error);
}

static bool bind_own(struct queue_tap *tap, const char *name, const char *key, struct error *error)
{
    if (!amqp_tap_visit_name(key, error))
        return false;
    amqp_queue_bind(tap->link.state, AMQP_LINK_CHANNEL, amqp_text(name),
                    amqp_text(TOPOLOGY_EXCHANGE), amqp_text(key), amqp_empty_table);
    return amqp_link_succeeded(&tap->link, "binding to exchange", TOPOLOGY_EXCHANGE, error);
}

static bool start_watching(struct queue_tap *tap, const char *const keys[], size_t n_keys,
                           struct error *error)
{
    char name[QUEUE_NAME_BYTES] = "";

    if (!declare_own(tap, name, error))
        return false;
    for (size_t i = 0; i < n_keys; i++) {
        if (!bind_own(tap, name, keys[i], error))
            return false;
    }
    amqp_basic_consume(tap->link.state, AMQP_LINK_CHANNEL, amqp_text(name),
                       amqp_text(tap->visit.name), 0, 0, 1, amqp_empty_table);
    return amqp_link_succeeded(&tap->link, "consuming from", name, error);
}

bool queue_tap_watch(const struct queue_access *access, const char *const keys[], size_t n_keys,
                     struct queue_tap **tap, struct error *error)
{
    CLEANUP(queue_tap_freep) struct queue_tap *made = tap_new(TAP_WATCH, access, error);

    if (!made || !start_watching(made, keys, n_keys, error))
        return false;
    *tap = made;
    made = NULL;
    return true;
}

/* ---- looking ---- */

/*
 * What is shown stays unacknowledged and uses up the prefetch. Another consumer brings its own, so that
 * the broker never sends more than one prefetch ahead, however much is looked at. It is asked for without
 * waiting: calls do not go together with deliveries on one channel.
 */
static bool add_consumer(struct queue_tap *tap, struct error *error)
{
    char tag[CONSUMER_TAG_BYTES];
    int status;

    snprintf(tag, sizeof(tag), "look-%" PRId64, ++tap->n_consumers);

    amqp_basic_consume_t consume = {
        .queue = amqp_text(tap->queue), .consumer_tag = amqp_text(tag), .nowait = 1};

    amqp_link_guard(&tap->link);
    status =
        amqp_send_method(tap->link.state, AMQP_LINK_CHANNEL, AMQP_BASIC_CONSUME_METHOD, &consume);
    amqp_link_release(&tap->link);
    if (status == AMQP_STATUS_OK)
        return true;
    tap->link.broken = true;
    return error_set(error, ERROR_UNAVAILABLE, "consuming from %s: %s", tap->queue,
                     amqp_error_string2(status));
}

bool queue_tap_look(const struct queue_access *access, const char *queue, struct queue_tap **tap,
                    struct error *error)
{
    CLEANUP(queue_tap_freep) struct queue_tap *made = tap_new(TAP_LOOK, access, error);

    if (!made || !amqp_tap_visit_count(&made->link, queue, &made->end, error))
        return false;
    made->queue = memory_text(queue, error);
    if (!made->queue)
        return false;
    *tap = made;
    made = NULL;
    return true;
}

bool queue_tap_remove(struct queue_tap *tap, uint64_t handle, struct error *error)
{
    tap->n_held--;
    tap->has_removed = true;
    return amqp_link_acknowledge(&tap->link, handle, false, error);
}

/*
 * A channel that has many acknowledgements under way keeps further ones back until the queue has done some,
 * and forgets them when it is closed. A basic.get is answered after what was under way before it; the
 * next one after what was kept back. What the gets bring goes back with all the rest.
 */
bool queue_tap_finish(struct queue_tap *tap, struct error *error)
{
    for (int i = 0; tap->has_removed && i < ROUNDS_TO_FINISH; i++) {
        amqp_rpc_reply_t reply =
            amqp_basic_get(tap->link.state, AMQP_LINK_CHANNEL, amqp_text(tap->queue), 0);

        if (reply.reply_type != AMQP_RESPONSE_NORMAL) {
            tap->link.broken = true;
            return error_set(error, ERROR_UNAVAILABLE,
                             "the broker did not say that it has removed the last messages");
        }
    }
    return true;
}

/* ---- reading a log ---- */

bool queue_tap_replay(const struct queue_access *access, const char *log,
                      const struct queue_tap_start *start, struct queue_tap **tap,
                      struct error *error)
{
    CLEANUP(queue_tap_freep) struct queue_tap *made = tap_new(TAP_REPLAY, access, error);

    if (!made || !amqp_tap_log_end(&made->visit, log, &made->end, error) ||
        !amqp_tap_log_consume(&made->visit, &made->link, log, start, error))
        return false;
    if (start->kind == QUEUE_TAP_OFFSET)
        made->start_offset = start->number;
    *tap = made;
    made = NULL;
    return true;
}

/* ---- what they have in common ---- */

int64_t queue_tap_end(const struct queue_tap *tap)
{
    return tap->end;
}

int64_t queue_tap_begin(const struct queue_tap *tap)
{
    return tap->first_offset;
}

static bool is_over(const struct queue_tap *tap)
{
    switch (tap->kind) {
    case TAP_LOOK:
        return tap->n_shown >= tap->end || tap->quiet_ms >= OTHERS_TOOK_IT_MS;
    case TAP_REPLAY:
        return tap->last_offset >= tap->end || tap->start_offset > tap->end;
    case TAP_WATCH:
        break;
    }
    return false;
}

static void describe(const struct queue_tap *tap, const struct amqp_arrival *arrival,
                     struct tapped *message, struct amqp_facts *facts)
{
    const struct amqp_content *content = arrival->content;
    struct error unfit = {0};

    if (!amqp_message_read(content, &message->envelope, facts, &unfit))
        snprintf(message->fault, sizeof(message->fault), "%s", unfit.text);
    if (tap->kind == TAP_LOOK)
        amqp_tap_death_name(content, tap->queue, message->envelope.name);
    message->routing_key = content->routing_key;
    message->size_bytes = content->body_bytes;
    message->is_whole = content->body.size_bytes == content->body_bytes;
    message->offset = facts->offset;
    message->delivery_count = facts->delivery_count;
    message->handle = arrival->tag;
    message->content = content;
}

static bool is_shown(const struct queue_tap *tap, const struct amqp_facts *facts)
{
    return tap->kind != TAP_REPLAY ||
           (!*facts->marker && facts->offset >= tap->start_offset && facts->offset < tap->end);
}

/* @shown: whether it is one for the caller. */
static bool take(struct queue_tap *tap, const struct amqp_arrival *arrival, struct tapped *message,
                 bool *shown, struct error *error)
{
    struct amqp_facts facts;

    *message = (struct tapped){0};
    describe(tap, arrival, message, &facts);
    *shown = is_shown(tap, &facts);
    if (tap->first_offset < 0)
        tap->first_offset = facts.offset;
    tap->last_offset = facts.offset;
    tap->quiet_ms = 0;
    tap->n_shown += *shown;
    tap->n_held++;
    if (tap->kind == TAP_LOOK || tap->n_held < ACKNOWLEDGE_EVERY)
        return true;
    /* Of a log or an own queue: this only asks for more. */
    tap->n_held = 0;
    return amqp_link_acknowledge(&tap->link, arrival->tag, true, error);
}

/* @waited_ms were silent only if nothing has come by now: we may have been asleep ourselves. */
static bool read_arrivals(struct queue_tap *tap, int64_t waited_ms, struct tapped *message,
                          enum queue_tap_state *state, struct error *error)
{
    bool shown = false;

    while (!shown && !is_over(tap)) {
        struct amqp_arrival arrival;

        if (!amqp_link_next(&tap->link, &arrival, error))
            return false;
        if (arrival.kind == AMQP_ARRIVAL_NONE) {
            tap->quiet_ms += waited_ms;
            *state = QUEUE_TAP_QUIET;
            return true;
        }
        if (arrival.kind == AMQP_ARRIVAL_CANCEL)
            return error_set(error, ERROR_UNAVAILABLE, "the queue was deleted");
        if (arrival.kind == AMQP_ARRIVAL_DELIVERY) {
            waited_ms = 0;
            if (!take(tap, &arrival, message, &shown, error))
                return false;
        }
    }
    *state = shown ? QUEUE_TAP_MESSAGE : QUEUE_TAP_OVER;
    return true;
}

static bool wait_for_arrivals(struct queue_tap *tap, int timeout_ms, int64_t *waited_ms,
                              struct error *error)
{
    int64_t began_ms = clock_monotonic_ms();

    if (tap->kind == TAP_LOOK && tap->n_held >= tap->n_consumers * PREFETCH &&
        !add_consumer(tap, error))
        return false;
    if (!amqp_link_wait(&tap->link, -1, timeout_ms, error))
        return false;
    *waited_ms = clock_monotonic_ms() - began_ms;
    return true;
}

bool queue_tap_next(struct queue_tap *tap, int timeout_ms, struct tapped *message,
                    enum queue_tap_state *state, struct error *error)
{
    int64_t waited_ms;

    if (is_over(tap)) {
        *state = QUEUE_TAP_OVER;
        return true;
    }
    if (!wait_for_arrivals(tap, timeout_ms, &waited_ms, error) ||
        !read_arrivals(tap, waited_ms, message, state, error))
        return false;
    if (tap->kind == TAP_REPLAY && tap->quiet_ms > LOG_SILENT_MS)
        return error_set(error, ERROR_UNAVAILABLE, "the log gives nothing");
    if (is_over(tap) && *state == QUEUE_TAP_QUIET)
        *state = QUEUE_TAP_OVER;
    return true;
}
