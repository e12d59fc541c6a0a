#include "msgqueue/event_emitter.h"

#include "msgqueue/backend.h"

bool event_emitter_open(const struct event_emitter_options *options, struct event_emitter **emitter,
                        struct error *error)
{
    const struct msgqueue_backend *backend = msgqueue_backend_find(options->backend);

    if (!backend)
        return error_set(error, ERROR_INVALID, "there is no message broker type '%s'",
                         options->backend);
    if (!backend->open_emitter(options, emitter, error))
        return error_wrap(error, "opening an emitter");
    return true;
}

bool event_emitter_emit(struct event_emitter *emitter, const struct envelope *envelope,
                        event_emitter_done *done, void *context, struct error *error)
{
    return emitter->ops->emit(emitter, envelope, done, context, error);
}

bool event_emitter_is_connected(struct event_emitter *emitter)
{
    return emitter->ops->is_connected(emitter, NULL);
}

bool event_emitter_check(struct event_emitter *emitter, struct error *error)
{
    return emitter->ops->is_connected(emitter, error);
}

struct event_emitter_counts event_emitter_counts(struct event_emitter *emitter)
{
    return emitter->ops->counts(emitter);
}

void event_emitter_free(struct event_emitter *emitter)
{
    if (emitter)
        emitter->ops->free(emitter);
}
