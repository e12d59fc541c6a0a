#include "msgqueue/event_listener.h"

#include "msgqueue/backend.h"

bool event_listener_open(const struct event_listener_options *options,
                         struct event_listener **listener, struct error *error)
{
    const struct msgqueue_backend *backend = msgqueue_backend_find(options->backend);

    if (!backend)
        return error_set(error, ERROR_INVALID, "there is no message broker type '%s'",
                         options->backend);
    if (!backend->open_listener(options, listener, error))
        return error_wrap(error, "opening a listener");
    return true;
}

bool event_listener_is_connected(struct event_listener *listener)
{
    return listener->ops->is_connected(listener, NULL);
}

bool event_listener_check(struct event_listener *listener, struct error *error)
{
    return listener->ops->is_connected(listener, error);
}

struct event_listener_counts event_listener_counts(struct event_listener *listener)
{
    return listener->ops->counts(listener);
}

void event_listener_free(struct event_listener *listener)
{
    if (listener)
        listener->ops->free(listener);
}
