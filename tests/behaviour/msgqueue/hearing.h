/*
 * A subscriber that remembers what it heard and answers as it is told. The thread of the listener and
 * the test both use it.
 */
#ifndef EVENTS_TESTS_BEHAVIOUR_MSGQUEUE_HEARING_H
#define EVENTS_TESTS_BEHAVIOUR_MSGQUEUE_HEARING_H

#include "msgqueue/event_listener.h"

#include <pthread.h>

enum {
    HEARING_IDS = 8192
};

struct hearing {
    pthread_mutex_t lock;
    int n_heard[HEARING_IDS];    /* how often each id was accepted, from queue or log */
    int n_from_log[HEARING_IDS]; /* of these, from the log */
    int n_distinct;              /* ids accepted at least once */
    int n_queue;                 /* deliveries accepted from the queue */
    int n_offered;               /* deliveries seen, whatever the answer */
    int largest_batch;
    int64_t highest_delivery_count;
    struct envelope last; /* without its body */
    char last_body[256];
    bool out_of_order; /* ids from the queue fell */
    int last_id;
    char attempted[LISTENER_ATTEMPT_BYTES]; /* what an attempt was noted for last */
    _Atomic int n_notes;                    /* attempts noted, repeats included */
    _Atomic int n_forgotten;

    /* Set by the test. */
    _Atomic bool unready;   /* says that it cannot store anything */
    _Atomic bool retries;   /* answers retry to everything */
    _Atomic int stops_at;   /* answers retry to this id and to higher ones; 0: to none */
    _Atomic bool holds;     /* does not return from the handler until it is cleared */
    _Atomic bool noteless;  /* cannot note an attempt */
    _Atomic int n_others;   /* processes that have begun with whatever is noted, beside us */
    _Atomic int64_t offset; /* of the log */
    _Atomic int n_loads;
    _Atomic int n_stores;
};

#define HEARING_INITIALIZER                                                                        \
    {                                                                                              \
        .lock = PTHREAD_MUTEX_INITIALIZER                                                          \
    }

/* Bodies that begin with "bad" are parked with the reason "it is bad". */
struct event_listener_handler hearing_handler(struct hearing *hearing);

/* For messages whose ending nobody asks about. */
void hearing_ignore(void *context, const struct error *error);

int hearing_distinct(struct hearing *hearing);
int hearing_offered(struct hearing *hearing);
int hearing_times(struct hearing *hearing, int id);
int hearing_from_log(struct hearing *hearing, int id);

#endif
