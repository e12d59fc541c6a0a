/*
 * Quarantine, as far as it needs the subscriber: attempts are noted with it before a suspect message is
 * offered, and forgotten when the message is settled. listener_flow.h decides what is suspect and what is
 * parked. For the listener's thread; a call waits as long as the subscriber's own.
 *
 * The log has nobody who counts deliveries, so reading it is an attempt of its own, noted with the first
 * message of a round. Several replicas that read at once count as if they had died; that makes a round
 * careful without need, which costs time only.
 */
#ifndef EVENTS_MSGQUEUE_LISTENER_ATTEMPTS_H
#define EVENTS_MSGQUEUE_LISTENER_ATTEMPTS_H

#include "msgqueue/listener_common.h"

/* Note what has to be noted before the next batch is offered. */
void listener_attempts_note(struct listener_common *common, struct listener_flow *flow);

/*
 * The next delivery of @flow that nobody needs any more, NULL when there is none; attempts at it are
 * forgotten. When forgetting fails they stay, and count should the message ever be suspect again.
 */
struct held *listener_attempts_finished(struct listener_common *common, struct listener_flow *flow);

/* Write whether a message that came from the queue is suspect, and then one that came from the log. */
void listener_attempts_judge(const struct listener_common *common, struct listened *listened);
MUST_CHECK bool listener_attempts_judge_logged(struct listener_common *common,
                                               struct listened *listened, struct error *error);

/* A round was read to its end. */
void listener_attempts_round_over(struct listener_common *common);

#endif
