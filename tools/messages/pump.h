/* Sending many messages: room, confirms and what became of each. One thread. */
#ifndef EVENTS_TOOLS_MESSAGES_PUMP_H
#define EVENTS_TOOLS_MESSAGES_PUMP_H

#include "msgqueue/queue_sender.h"

/* What to do when a message has ended. False and @error end the sending. */
typedef bool pump_ended(void *context, uint64_t handle, enum queue_posting_end end,
                        struct error *error);

struct pump {
    struct queue_sender *sender; /* owned */
    pump_ended *ended;
    void *context;
    int64_t turned_ms; /* when it was last turned; monotonic */
};

MUST_CHECK bool pump_open(struct pump *pump, const struct queue_access *access,
                          struct error *error);
void pump_close(struct pump *pump); /* {0} is fine */

/* Take what has ended, waiting at most @timeout_ms for it. */
MUST_CHECK bool pump_turn(struct pump *pump, int timeout_ms, struct error *error);

/*
 * Keep the connection alive without waiting: whoever may have nothing to send for seconds calls it each
 * time around, for the broker drops who gives no sign of life. {0} is fine.
 */
MUST_CHECK bool pump_serve(struct pump *pump, struct error *error);

/* Wait until one more message may be sent; some seconds at most. */
MUST_CHECK bool pump_make_room(struct pump *pump, struct error *error);

/* Wait until the broker has said its word on all that was sent; some seconds at most. */
MUST_CHECK bool pump_finish(struct pump *pump, struct error *error);

/* "there is no such queue": why a message that ended so is not where it should be. Static text. */
const char *pump_reason(enum queue_posting_end end);

#endif
