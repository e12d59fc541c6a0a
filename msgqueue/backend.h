/* What a message transport is: a table of functions. Its objects start with the shared head. */
#ifndef EVENTS_MSGQUEUE_BACKEND_H
#define EVENTS_MSGQUEUE_BACKEND_H

#include "msgqueue/event_emitter.h"
#include "msgqueue/event_listener.h"

struct event_emitter_ops {
    bool (*emit)(struct event_emitter *emitter, const struct envelope *envelope,
                 event_emitter_done *done, void *context, struct error *error);
    /* @error, which may be NULL, says why not. */
    bool (*is_connected)(struct event_emitter *emitter, struct error *error);
    struct event_emitter_counts (*counts)(struct event_emitter *emitter);
    void (*free)(struct event_emitter *emitter);
};

struct event_emitter {
    const struct event_emitter_ops *ops;
};

struct event_listener_ops {
    bool (*is_connected)(struct event_listener *listener, struct error *error);
    struct event_listener_counts (*counts)(struct event_listener *listener);
    void (*free)(struct event_listener *listener);
};

struct event_listener {
    const struct event_listener_ops *ops;
};

struct msgqueue_backend {
    const char *name;
    bool (*open_emitter)(const struct event_emitter_options *options,
                         struct event_emitter **emitter, struct error *error);
    bool (*open_listener)(const struct event_listener_options *options,
                          struct event_listener **listener, struct error *error);
};

/* NULL when there is none of that name. */
const struct msgqueue_backend *msgqueue_backend_find(const char *name);

#endif
