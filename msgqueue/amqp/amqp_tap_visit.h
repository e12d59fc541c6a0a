/* What a tap and a sender have in common: an address, a watchdog, and the options of their links. */
#ifndef EVENTS_MSGQUEUE_AMQP_TAP_VISIT_H
#define EVENTS_MSGQUEUE_AMQP_TAP_VISIT_H

#include "msgqueue/amqp/amqp_link.h"
#include "msgqueue/queue_tap.h"

struct amqp_tap_visit {
    struct amqp_address address;
    struct watchdog watchdog;
    char *name; /* owned */
};

/* Copies what @access says. ERROR_INVALID for a bad url. Clear it, also after a failure; do not move it. */
MUST_CHECK bool amqp_tap_visit_init(struct amqp_tap_visit *visit, const struct queue_access *access,
                                    struct error *error);
void amqp_tap_visit_clear(struct amqp_tap_visit *visit); /* {0} is fine */

MUST_CHECK bool amqp_tap_visit_link(struct amqp_tap_visit *visit, struct amqp_link *link,
                                    struct error *error);

/* ERROR_INVALID for a name of a queue or a key that AMQP has no room for. */
MUST_CHECK bool amqp_tap_visit_name(const char *name, struct error *error);

/* How many messages lie ready in @queue; fails, naming it, when there is none. */
MUST_CHECK bool amqp_tap_visit_count(struct amqp_link *link, const char *queue, int64_t *n_ready,
                                     struct error *error);

#endif
