#include "msgqueue/emission.h"

#include "base/memory.h"

#include <string.h>

struct emission *emission_new(const struct envelope *envelope, event_emitter_done *done,
                              void *context, struct error *error)
{
    struct emission *emission = memory_new(sizeof(*emission) + envelope->body_bytes, error);

    if (!emission)
        return NULL;
    emission->envelope = *envelope;
    emission->envelope.body = (char *)(emission + 1);
    if (envelope->body_bytes)
        memcpy(emission + 1, envelope->body, envelope->body_bytes);
    emission->done = done;
    emission->context = context;
    return emission;
}

void emission_free(struct emission *emission)
{
    memory_free(emission);
}

static void describe(enum emission_end end, struct error *error)
{
    switch (end) {
    case EMISSION_CONFIRMED:
        return;
    case EMISSION_RETURNED:
        error_set(error, ERROR_NOT_FOUND, "no queue takes this message");
        return;
    case EMISSION_REFUSED:
        error_set(error, ERROR_BUSY, "the broker refused the message");
        return;
    case EMISSION_OVERDUE:
        error_set(error, ERROR_UNAVAILABLE, "the broker did not confirm in time");
        return;
    case EMISSION_LOST:
        error_set(error, ERROR_UNAVAILABLE, "the connection to the broker was lost");
        return;
    }
}

void emission_finish(struct emission *emission)
{
    struct error error = {0};

    describe(emission->end, &error);
    emission->done(emission->context, emission->end == EMISSION_CONFIRMED ? NULL : &error);
    emission_free(emission);
}
