#include "tests/behaviour/msgqueue/hearing.h"

#include <criterion/criterion.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int id_of(const struct envelope *envelope)
{
    long id = strtol(envelope->id, NULL, 10);

    return id >= 0 && id < HEARING_IDS ? (int)id : 0;
}

static void remember(struct hearing *hearing, const struct envelope *envelope)
{
    size_t n = envelope->body_bytes < sizeof(hearing->last_body) ? envelope->body_bytes
                                                                 : sizeof(hearing->last_body) - 1;

    hearing->last = *envelope;
    hearing->last.body = NULL;
    memcpy(hearing->last_body, envelope->body, n);
    hearing->last_body[n] = '\0';
}

/* As a store does that knows versions: what it has seen before brings nothing new. */
static void accept(struct hearing *hearing, struct delivery *delivery)
{
    int id = id_of(&delivery->envelope);

    delivery->verdict = DELIVERY_ACKNOWLEDGE;
    delivery->changed = hearing->n_heard[id] == 0;
    hearing->n_distinct += delivery->changed;
    hearing->n_heard[id]++;
    hearing->n_from_log[id] += delivery->from_log;
    remember(hearing, &delivery->envelope);
    if (delivery->from_log)
        return;
    hearing->n_queue++;
    hearing->out_of_order |= id < hearing->last_id;
    hearing->last_id = id;
}

static void judge(struct hearing *hearing, struct delivery *delivery)
{
    hearing->n_offered++;
    if (delivery->delivery_count > hearing->highest_delivery_count)
        hearing->highest_delivery_count = delivery->delivery_count;
    if (hearing->retries || (hearing->stops_at && id_of(&delivery->envelope) >= hearing->stops_at))
        return;
    if (delivery->envelope.body_bytes >= 3 && memcmp(delivery->envelope.body, "bad", 3) == 0) {
        delivery->verdict = DELIVERY_PARK;
        snprintf(delivery->reason, sizeof(delivery->reason), "it is bad");
        return;
    }
    accept(hearing, delivery);
}

static void handle(void *context, struct delivery *deliveries, size_t n_deliveries)
{
    struct hearing *hearing = context;

    pthread_mutex_lock(&hearing->lock);
    if ((int)n_deliveries > hearing->largest_batch)
        hearing->largest_batch = (int)n_deliveries;
    for (size_t i = 0; i < n_deliveries; i++)
        judge(hearing, &deliveries[i]);
    pthread_mutex_unlock(&hearing->lock);
    while (hearing->holds)
        (void)poll(NULL, 0, 1);
}

static bool ready(void *context)
{
    struct hearing *hearing = context;

    return !hearing->unready;
}

static bool load_offset(void *context, int64_t *offset, struct error *error)
{
    struct hearing *hearing = context;

    (void)error;
    hearing->n_loads++;
    *offset = hearing->offset;
    return true;
}

static bool store_offset(void *context, int64_t offset, struct error *error)
{
    struct hearing *hearing = context;

    (void)error;
    hearing->offset = offset;
    hearing->n_stores++;
    return true;
}

static bool note_attempt(void *context, const char *what, const struct object_id *by, int *n_noted,
                         struct error *error)
{
    struct hearing *hearing = context;

    if (hearing->noteless)
        return error_set(error, ERROR_UNAVAILABLE, "it cannot be noted");
    cr_assert_not(object_id_is_none(by));
    pthread_mutex_lock(&hearing->lock);
    if (strncmp(what, "log ", 4) != 0) {
        snprintf(hearing->attempted, sizeof(hearing->attempted), "%s", what);
        hearing->n_notes++;
    }
    pthread_mutex_unlock(&hearing->lock);
    *n_noted = hearing->n_others + 1;
    return true;
}

static bool forget_attempts(void *context, const char *what, struct error *error)
{
    struct hearing *hearing = context;

    (void)error;
    hearing->n_forgotten += strncmp(what, "log ", 4) != 0;
    return true;
}

struct event_listener_handler hearing_handler(struct hearing *hearing)
{
    return (struct event_listener_handler){
        .handle = handle,
        .ready = ready,
        .load_offset = load_offset,
        .store_offset = store_offset,
        .note_attempt = note_attempt,
        .forget_attempts = forget_attempts,
        .context = hearing,
    };
}

void hearing_ignore(void *context, const struct error *error)
{
    (void)context;
    (void)error;
}

static int read_number(struct hearing *hearing, const int *number)
{
    int value;

    pthread_mutex_lock(&hearing->lock);
    value = *number;
    pthread_mutex_unlock(&hearing->lock);
    return value;
}

int hearing_distinct(struct hearing *hearing)
{
    return read_number(hearing, &hearing->n_distinct);
}

int hearing_offered(struct hearing *hearing)
{
    return read_number(hearing, &hearing->n_offered);
}

int hearing_times(struct hearing *hearing, int id)
{
    return read_number(hearing, &hearing->n_heard[id]);
}

int hearing_from_log(struct hearing *hearing, int id)
{
    return read_number(hearing, &hearing->n_from_log[id]);
}
