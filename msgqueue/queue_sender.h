/*
 * Publishing by hand, to an exchange or to one queue: persistent, mandatory, confirmed by the broker, a
 * window of messages at a time. For tools; where a program publishes for as long as it lives,
 * event_emitter.h is the right one.
 *
 * A sender is one short-lived connection that does not connect again. One thread at a time. Each call
 * waits some seconds at most; a failure is ERROR_UNAVAILABLE unless it says otherwise, and leaves a sender
 * that can only be freed. What it was to send and has not ended may have gone out or not, so it has to be
 * sent again, and receivers must bear seeing it twice.
 */
#ifndef EVENTS_MSGQUEUE_QUEUE_SENDER_H
#define EVENTS_MSGQUEUE_QUEUE_SENDER_H

#include "msgqueue/queue_tap.h"

struct queue_sender;

enum {
    QUEUE_SENDER_WINDOW = 512, /* messages on the wire without the broker's word */
    QUEUE_HEADERS_MAX = 32
};

/* ERROR_INVALID for a bad url. */
MUST_CHECK bool queue_sender_open(const struct queue_access *access, struct queue_sender **sender,
                                  struct error *error);
void queue_sender_free(struct queue_sender *sender); /* NULL is fine */
DEFINE_FREEP(queue_sender_free, struct queue_sender)

/* Fails, naming it, unless there is a queue of this name. */
MUST_CHECK bool queue_sender_find_queue(struct queue_sender *sender, const char *queue,
                                        struct error *error);

/* A header beside those that envelopes have. Borrowed until the call returns. */
struct queue_header {
    const char *name;
    enum {
        QUEUE_HEADER_TEXT,
        QUEUE_HEADER_NUMBER,
        QUEUE_HEADER_FLAG,
    } kind;
    const char *text;
    int64_t number; /* of a number; of a flag 0 or 1 */
};

struct queue_posting {
    const char *exchange; /* empty: to the queue that is called @key */
    const char *key;
    uint64_t handle;                    /* the caller's, to tell its messages apart when they end */
    const struct queue_header *headers; /* those that the envelope brings itself are left out */
    size_t n_headers;                   /* at most QUEUE_HEADERS_MAX */
};

/* Publish @envelope; only while queue_sender_has_room(). @posting is borrowed until the call returns. */
MUST_CHECK bool queue_sender_post(struct queue_sender *sender, const struct queue_posting *posting,
                                  const struct envelope *envelope, struct error *error);

/*
 * The same with a copy of @message as it is. Left out is what would act on the copy (CC, expiry) or say
 * something untrue about it: how often and from where it was delivered. @redriven: also why it was
 * parked, and `x-redriven` counts how often this was done. ERROR_TOO_LARGE for a message that is not
 * whole, ERROR_INVALID for properties that make no sense; the sender stays good after either.
 */
MUST_CHECK bool queue_sender_forward(struct queue_sender *sender,
                                     const struct queue_posting *posting,
                                     const struct tapped *message, bool redriven,
                                     struct error *error);

bool queue_sender_has_room(const struct queue_sender *sender);
size_t queue_sender_n_waiting(const struct queue_sender *sender); /* sent, end not yet taken */

/*
 * Read what the broker says, waiting at most @timeout_ms for the first word. Fails also when it says
 * nothing for 10 s although messages wait, or takes nothing because of an alarm.
 */
MUST_CHECK bool queue_sender_wait(struct queue_sender *sender, int timeout_ms, struct error *error);

enum queue_posting_end {
    QUEUE_POSTING_CONFIRMED, /* it is where it should be, for good */
    QUEUE_POSTING_RETURNED,  /* there is no such queue, or no binding takes it */
    QUEUE_POSTING_REFUSED,   /* the queue is full, or in trouble */
};

/*
 * The next message that has ended, in the order in which they were sent; false while there is none.
 * Of messages with the same id that are on the wire together all count as returned when one is.
 */
bool queue_sender_take(struct queue_sender *sender, uint64_t *handle, enum queue_posting_end *end);

#endif
