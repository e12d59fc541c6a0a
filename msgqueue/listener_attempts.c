#include "msgqueue/listener_attempts.h"

#include "base/clock.h"
#include "base/random.h"

#include <stdio.h>

enum {
    CAREFUL_DEATHS = 3,
    /* At least what is on its way when the offset is stored. */
    SUSPECTS_IN_ROUND = 256,
};

static struct listened *listened_of(struct held *held)
{
    return CONTAINER_OF(held, struct listened, held);
}

/* A message without id is known by what it says. */
static void name_message(const struct envelope *envelope, char what[LISTENER_ATTEMPT_BYTES])
{
    const struct hash_part parts[] = {{envelope->name, sizeof(envelope->name)},
                                      {envelope->body, envelope->body_bytes}};
    uint8_t hash[HASH_BYTES];
    int n;

    if (*envelope->id) {
        snprintf(what, LISTENER_ATTEMPT_BYTES, "message %s", envelope->id);
        return;
    }
    hash_parts(parts, ARRAY_SIZE(parts), hash);
    n = snprintf(what, LISTENER_ATTEMPT_BYTES, "bytes ");
    for (size_t i = 0; i < HASH_BYTES; i++)
        n += snprintf(what + n, LISTENER_ATTEMPT_BYTES - (size_t)n, "%02x", hash[i]);
}

static void name_round(const struct listener_common *common, char what[LISTENER_ATTEMPT_BYTES])
{
    snprintf(what, LISTENER_ATTEMPT_BYTES, "log %s", common->log->name);
}

static int note(struct listener_common *common, const char *what, struct error *error)
{
    const struct event_listener_handler *handler = &common->handler;
    int n_noted = 0;

    return handler->note_attempt(handler->context, what, &common->process, &n_noted, error)
               ? n_noted
               : 0;
}

static void forget(struct listener_common *common, const char *what)
{
    (void)common->handler.forget_attempts(common->handler.context, what, NULL);
}

static void condemn(struct listened *listened)
{
    listened->kind = PARKED_QUARANTINE;
    listened->parked_count = DEATHS_MAX;
    listened_clear(listened); /* the kind says it */
}

void listener_attempts_note(struct listener_common *common, struct listener_flow *flow)
{
    struct held *held;

    while ((held = listener_flow_note(flow, clock_monotonic_ms()))) {
        char what[LISTENER_ATTEMPT_BYTES];

        name_message(&listened_of(held)->envelope, what);
        listener_flow_noted(flow, held, note(common, what, NULL), clock_monotonic_ms(),
                            random_u64());
        if (held->is_quarantined)
            condemn(listened_of(held));
    }
}

struct held *listener_attempts_finished(struct listener_common *common, struct listener_flow *flow)
{
    struct held *held = listener_flow_finished(flow);
    char what[LISTENER_ATTEMPT_BYTES];

    if (held && listener_flow_forgets(flow, held)) {
        name_message(&listened_of(held)->envelope, what);
        forget(common, what);
    }
    return held;
}

void listener_attempts_judge(const struct listener_common *common, struct listened *listened)
{
    listened->held.is_suspect =
        common->handler.note_attempt && listened->delivery_count >= SUSPECT_DELIVERIES;
}

static bool note_round(struct listener_common *common, struct error *error)
{
    char what[LISTENER_ATTEMPT_BYTES];
    int n_noted;

    name_round(common, what);
    n_noted = note(common, what, error);
    if (n_noted == 0)
        return error_wrap(error, "noting that %s is read", common->log->name);
    common->round.is_noted = true;
    common->round.is_careful = n_noted > CAREFUL_DEATHS;
    common->round.n_suspects = common->round.is_careful ? SUSPECTS_IN_ROUND : 0;
    return true;
}

bool listener_attempts_judge_logged(struct listener_common *common, struct listened *listened,
                                    struct error *error)
{
    if (!common->handler.note_attempt)
        return true;
    if (!common->round.is_noted && !note_round(common, error))
        return false;
    listened->held.is_suspect = common->round.n_suspects > 0;
    common->round.n_suspects -= listened->held.is_suspect;
    return true;
}

void listener_attempts_round_over(struct listener_common *common)
{
    char what[LISTENER_ATTEMPT_BYTES];

    if (common->round.is_noted) {
        name_round(common, what);
        forget(common, what);
    }
    common->round = (struct listener_round){0};
}
