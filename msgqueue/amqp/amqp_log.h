/*
 * A round: declare the topology and read the log up to now. For the listener's thread, which goes on
 * serving its own connection between the steps. What is decided on the way is in listener_reader.h.
 */
#ifndef EVENTS_MSGQUEUE_AMQP_LOG_H
#define EVENTS_MSGQUEUE_AMQP_LOG_H

#include "msgqueue/amqp/amqp_delivery.h"
#include "msgqueue/listener_reader.h"

struct amqp_log {
    struct listener_common *common;   /* borrowed */
    struct amqp_link_options options; /* borrows address, name and watchdog */
    bool reading;                     /* a round is under way */
    struct amqp_link link;            /* consumes the log */
    struct listener_reader reader;
    char from[AMQP_MARKER_BYTES];
    char to[AMQP_MARKER_BYTES];
    char late[AMQP_MARKER_BYTES];
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
