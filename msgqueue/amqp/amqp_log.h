/*
 * A round: declare the topology and read the log up to now. For the listener's thread, which goes on
 * serving its own connection between the steps.
 *
 * Two markers bound a round, messages of our own that go to the log by its name. `from` is published
 * before our queue is declared and `to` after that; reading ends at `to`, because whatever comes later
 * finds the queue bound. What lies before `from` and changes something although our queue was empty when it was
 * declared, and nothing was in hand, counts as recovered: only the log had it. That is an
 * approximation: a message that was just then on its way to us is counted as well, and while the queue
 * holds anything nothing is counted. Nor is anything counted in the very first round of a subscriber.
 *
 * A log that was deleted and made anew counts from 0 again, and who asks for an offset that it has not reached is given
 * what comes from now on: never `to`. So a round that takes long puts a third marker, `late`; when that one comes first
 * the log is read from its beginning.
 */
#ifndef EVENTS_MSGQUEUE_AMQP_LOG_H
#define EVENTS_MSGQUEUE_AMQP_LOG_H

#include "msgqueue/amqp/amqp_delivery.h"

struct amqp_log {
    struct listener_common *common;   /* borrowed */
    struct amqp_link_options options; /* borrows address, name and watchdog */
    bool reading;                     /* a round is under way */
    struct amqp_link link;            /* consumes the log */
    struct listener_flow flow;
    char from[AMQP_MARKER_BYTES];
    char to[AMQP_MARKER_BYTES];
    char late[AMQP_MARKER_BYTES];
    bool is_late_put;
    bool is_beyond; /* `late` was seen and `to` was not */
    bool countable; /* what is read now counts as recovered when it changes something */
    bool complete;  /* `to` was seen */
    int64_t start_offset;
    int64_t n_taken;     /* messages for the handler, ever */
    int64_t next_offset; /* all before it has come */
    int64_t stored_offset;
    bool heard;         /* anything since reading began */
    int64_t late_at_ms; /* when `late` is put, unless `to` has come before; monotonic */
    int64_t heard_ms;   /* when something last came out of the log; monotonic */
};

/* Only declare, over a connection of its own that is closed again. */
MUST_CHECK bool amqp_log_declare(struct amqp_log *log, struct error *error);

/*
 * Begin a round: declare, put the markers, and start to read. Takes some seconds at most. @idle: nothing
 * is in hand, so that what the log brings may count as recovered.
 */
MUST_CHECK bool amqp_log_begin(struct amqp_log *log, bool idle, struct error *error);

/*
 * One step of a round that is under way: what has arrived goes to the handler. The round is over when
 * `reading` is false; false means that it failed, and has to be begun again some time.
 */
MUST_CHECK bool amqp_log_step(struct amqp_log *log, struct error *error);

/* Put the marker @marker to the end of the log called @log; @link has confirms switched on. */
MUST_CHECK bool amqp_log_put_marker(struct amqp_link *link, const char *log, const char *marker,
                                    struct error *error);

/* Drop the round. What was read and not stored is read again in the next one. */
void amqp_log_abandon(struct amqp_log *log);

#endif
