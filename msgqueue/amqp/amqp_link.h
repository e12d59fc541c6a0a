/*
 * One connection to the broker with its one channel, for one thread and one role: publishing or
 * consuming, never both. Every call is bounded in time; after any failure the link is broken and can
 * only be freed. What arrives is copied out of the library before it is handed on.
 */
#ifndef EVENTS_MSGQUEUE_AMQP_LINK_H
#define EVENTS_MSGQUEUE_AMQP_LINK_H

#include "base/buffer.h"
#include "msgqueue/amqp/watchdog.h"

#include <amqp.h>

enum {
    AMQP_LINK_CHANNEL = 1,
    AMQP_HEARTBEAT_S = 10,
    AMQP_ROUTING_KEY_BYTES = 256,
};

/* A parsed url. The strings point into @text. */
struct amqp_address {
    char *text; /* owned */
    struct amqp_connection_info info;
    const char *ca_file; /* amqps: query parameter cacertfile */
};

/* ERROR_INVALID with the reason; the url itself, which holds a password, is not repeated. */
MUST_CHECK bool amqp_address_init(struct amqp_address *address, const char *url,
                                  struct error *error);
void amqp_address_clear(struct amqp_address *address);

/* A message as it came: properties as they were encoded, and the body unless it was too large. */
struct amqp_content {
    uint64_t tag; /* of a delivery */
    char routing_key[AMQP_ROUTING_KEY_BYTES];
    struct buffer properties;
    struct buffer body;
    uint64_t body_bytes; /* as announced */
};

void amqp_content_clear(struct amqp_content *content);

enum amqp_arrival_kind {
    AMQP_ARRIVAL_NONE,
    AMQP_ARRIVAL_CONFIRM,  /* tag, multiple */
    AMQP_ARRIVAL_REFUSAL,  /* tag, multiple */
    AMQP_ARRIVAL_RETURN,   /* content */
    AMQP_ARRIVAL_DELIVERY, /* content */
    AMQP_ARRIVAL_CANCEL,   /* the broker ended the consumer: its queue is gone */
    AMQP_ARRIVAL_BLOCKED,  /* alarm: publish nothing */
    AMQP_ARRIVAL_UNBLOCKED,
};

struct amqp_arrival {
    enum amqp_arrival_kind kind;
    uint64_t tag;
    bool multiple;
    struct amqp_content *content; /* the link's, until the next arrival; may be emptied by a move */
};

struct amqp_link {
    amqp_connection_state_t state;
    struct watchdog *watchdog; /* borrowed */
    int descriptor;
    bool broken;
    int64_t heard_ms; /* when bytes last came; monotonic */
    enum amqp_arrival_kind
        gathering; /* NONE, RETURN or DELIVERY: of which parts are still to come */
    bool has_header;
    uint64_t body_seen_bytes;
    size_t body_max_bytes; /* bodies above it are counted, not kept */
    struct amqp_content content;
};

struct amqp_link_options {
    const struct amqp_address *address;
    const char *name; /* for the management UI */
    struct watchdog *watchdog;
    size_t body_max_bytes;
};

/* Connect, sign in and open the channel: some seconds at most. */
MUST_CHECK bool amqp_link_open(const struct amqp_link_options *options, struct amqp_link *link,
                               struct error *error);

/* Say goodbye when the link is whole, and release everything. {0} is fine. */
void amqp_link_close(struct amqp_link *link);

/* Switch publisher confirms on. */
MUST_CHECK bool amqp_link_confirms(struct amqp_link *link, struct error *error);

/*
 * Wait until something may have arrived, @wake_descriptor is readable (-1: none) or @timeout_ms has
 * passed. Fails when the broker has been silent for longer than its heartbeats allow.
 */
MUST_CHECK bool amqp_link_wait(struct amqp_link *link, int wake_descriptor, int timeout_ms,
                               struct error *error);

/* Whether something that has arrived is still unread; the socket does not show it. */
bool amqp_link_has_more(const struct amqp_link *link);

/* The next arrival, AMQP_ARRIVAL_NONE when nothing whole is there. Does not wait; sends heartbeats. */
MUST_CHECK bool amqp_link_next(struct amqp_link *link, struct amqp_arrival *arrival,
                               struct error *error);

/* Judge the library's last answer to a remote call; "@what @name: reason" on failure. */
MUST_CHECK bool amqp_link_succeeded(struct amqp_link *link, const char *what, const char *name,
                                    struct error *error);

/* Publish @body; @routing_key goes to the exchange, or with exchange "" to the queue of that name. */
struct amqp_publication {
    const char *exchange;
    const char *routing_key;
    const amqp_basic_properties_t *properties;
    const void *body;
    size_t body_bytes;
};
MUST_CHECK bool amqp_link_publish(struct amqp_link *link,
                                  const struct amqp_publication *publication, struct error *error);

/*
 * Publish and wait some seconds for the broker's word: on a link with confirms that does nothing else.
 * ERROR_NOT_FOUND when no queue takes it.
 */
MUST_CHECK bool amqp_link_publish_confirmed(struct amqp_link *link,
                                            const struct amqp_publication *publication,
                                            struct error *error);

MUST_CHECK bool amqp_link_acknowledge(struct amqp_link *link, uint64_t tag, bool multiple,
                                      struct error *error);

/* Give the delivery back without requeueing, so that the broker moves it to the dead queue. */
MUST_CHECK bool amqp_link_reject(struct amqp_link *link, uint64_t tag, struct error *error);

/* Calls of the library that may get stuck are made between these two. */
void amqp_link_guard(struct amqp_link *link);
void amqp_link_release(struct amqp_link *link);

/* The same around several publications: they leave in full packets, the last of them at the end. */
void amqp_link_begin_burst(struct amqp_link *link);
void amqp_link_end_burst(struct amqp_link *link);

amqp_bytes_t amqp_text(const char *text); /* borrowed */

#endif
