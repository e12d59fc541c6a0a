#include "service/delivery_verdict.h"

#include "base/trace.h"

#include <stdio.h>

enum delivery_verdict delivery_verdict_of(enum error_code code)
{
    switch (code) {
    case ERROR_NONE:
        return DELIVERY_ACKNOWLEDGE;
    case ERROR_INVALID:
    case ERROR_UNSUPPORTED:
    case ERROR_TOO_LARGE:
        return DELIVERY_PARK; /* no number of attempts makes it readable */
    case ERROR_NOT_FOUND:
    case ERROR_GONE:
    case ERROR_EXISTS:
    case ERROR_IN_USE:
    case ERROR_SOLD_OUT:
    case ERROR_USER_LIMIT:
    case ERROR_KEY_REUSED:
    case ERROR_PRECONDITION:
    case ERROR_AMBIGUOUS:
    case ERROR_CORRUPT:
    case ERROR_INTERNAL:
        return DELIVERY_PARK; /* a person has to look; redrive when it is mended */
    case ERROR_BUSY:
    case ERROR_UNAVAILABLE:
    case ERROR_OUTCOME_UNKNOWN:
    case ERROR_CONFLICT:
    case ERROR_MEMORY:
        return DELIVERY_RETRY;
    }
    return DELIVERY_RETRY;
}

struct metric metric_log_left_out =
    METRIC_COUNTER("myevents_log_left_out_total",
                   "Messages of the log left out for what is stored of their subject.", NULL, NULL);

static enum parked_kind kind_of(enum error_code code)
{
    if (code == ERROR_INVALID)
        return PARKED_MALFORMED;
    if (code == ERROR_UNSUPPORTED)
        return PARKED_UNKNOWN;
    return code == ERROR_TOO_LARGE ? PARKED_TOO_LARGE : PARKED_OTHER;
}

/* A queue parks it for a person to look at; of what a log leaves out for damage nobody else would hear. */
static void tell_parked(const struct delivery *delivery, const struct error *error)
{
    if (!delivery->from_log) {
        log_warning("message parked", LOG_TEXT("name", delivery->envelope.name),
                    LOG_TEXT("id", delivery->envelope.id), LOG_CAUSE(error));
    } else if (delivery->kind == PARKED_OTHER) {
        metric_add(&metric_log_left_out, 1);
        log_error("message of the log left out", LOG_TEXT("name", delivery->envelope.name),
                  LOG_TEXT("id", delivery->envelope.id), LOG_CAUSE(error));
    }
}

void delivery_fail(struct delivery *delivery, const struct error *error)
{
    bool was_parked = delivery->verdict == DELIVERY_PARK; /* handled anew, with half of its batch */

    delivery->verdict = delivery_verdict_of(error->code);
    delivery->kind = kind_of(error->code);
    snprintf(delivery->reason, sizeof(delivery->reason), "%s", error->text);
    if (delivery->verdict == DELIVERY_PARK && !was_parked)
        tell_parked(delivery, error);
}

void delivery_take(struct delivery *delivery, bool changed, enum log_level level)
{
    const struct envelope *envelope = &delivery->envelope;
    struct trace trace;
    bool is_traced = trace_parse(envelope->traceparent, &trace);

    delivery->verdict = DELIVERY_ACKNOWLEDGE;
    delivery->changed = changed;
    if (is_traced)
        trace_enter(&trace);
    LOG_AT(level, "message taken over", LOG_TEXT("name", envelope->name),
           LOG_TEXT("id", envelope->id), LOG_NUMBER("news", changed),
           LOG_NUMBER("from_log", delivery->from_log), LOG_END);
    if (is_traced)
        trace_leave();
}

/* ---- many at once ---- */

void deliveries_fail(struct delivery *deliveries, size_t n_deliveries, const struct error *error)
{
    for (size_t i = 0; i < n_deliveries; i++) {
        if (deliveries[i].verdict == DELIVERY_RETRY)
            delivery_fail(&deliveries[i], error);
    }
}

/* False when there is no use in trying others. */
static bool handle_some(deliveries_handler *handler, void *context, struct delivery *deliveries,
                        size_t n_deliveries)
{
    size_t n_half = n_deliveries / 2;
    struct error error = {0};
    bool stays;

    if (handler(context, deliveries, n_deliveries, &error))
        return true;
    stays = delivery_verdict_of(error.code) == DELIVERY_PARK;
    if (stays && n_deliveries > 1)
        return handle_some(handler, context, deliveries, n_half) &&
               handle_some(handler, context, deliveries + n_half, n_deliveries - n_half);
    deliveries_fail(deliveries, n_deliveries, &error);
    return stays;
}

void deliveries_handle(deliveries_handler *handler, void *context, struct delivery *deliveries,
                       size_t n_deliveries)
{
    (void)handle_some(handler, context, deliveries, n_deliveries);
}
