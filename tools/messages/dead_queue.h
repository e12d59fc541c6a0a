/* Looking through the dead queue of a queue, with the filters that all words of `dead` take. One thread. */
#ifndef EVENTS_TOOLS_MESSAGES_DEAD_QUEUE_H
#define EVENTS_TOOLS_MESSAGES_DEAD_QUEUE_H

#include "tools/messages/desk.h"

enum {
    DEAD_QUEUE_NAME_BYTES = 256
};

/* The options of every word of `dead`; each takes some of DEAD_ARGUMENT_... */
struct dead_options {
    const char *id;
    const char *name;
    const char *reason;
    int64_t limit; /* 0: none */
    bool dry_run;
    bool yes;
};

extern const struct dead_options dead_defaults;

#define DEAD_ARGUMENT_ID                                                                           \
    {                                                                                              \
        .name = "id", .kind = ARGUMENT_TEXT, .offset = offsetof(struct dead_options, id),          \
        .value = "ID", .help = "only messages of this id"                                          \
    }
#define DEAD_ARGUMENT_NAME                                                                         \
    {                                                                                              \
        .name = "name", .kind = ARGUMENT_TEXT, .offset = offsetof(struct dead_options, name),      \
        .value = "NAME", .help = "only messages of this name"                                      \
    }
#define DEAD_ARGUMENT_REASON                                                                       \
    {                                                                                              \
        .name = "reason", .kind = ARGUMENT_TEXT, .offset = offsetof(struct dead_options, reason),  \
        .value = "TEXT", .help = "only messages whose reason has this in it"                       \
    }
#define DEAD_ARGUMENT_LIMIT                                                                        \
    {                                                                                              \
        .name = "limit", .kind = ARGUMENT_NUMBER, .offset = offsetof(struct dead_options, limit),  \
        .value = "N", .help = "only the first N of them", .least = 1, .most = INT64_MAX            \
    }
#define DEAD_ARGUMENT_DRY_RUN                                                                      \
    {                                                                                              \
        .name = "dry-run", .kind = ARGUMENT_FLAG,                                                  \
        .offset = offsetof(struct dead_options, dry_run), .help = "only say which ones they are"   \
    }

struct dead_queue {
    const struct dead_options *options; /* borrowed */
    char queue[DEAD_QUEUE_NAME_BYTES];  /* where its messages belong */
    char dead[DEAD_QUEUE_NAME_BYTES];
    struct queue_tap *tap; /* owned */
    int64_t n_seen;
    int64_t n_matching;
    int64_t n_staying; /* of those; counted by whoever had to leave one where it lies */
};

/* The queue is the call's first operand; that of its dead queue is understood as well. */
MUST_CHECK bool dead_queue_open(struct dead_queue *dead, const struct desk *desk,
                                struct error *error);
void dead_queue_close(struct dead_queue *dead); /* {0} is fine */

/*
 * The next message that the filters let through; QUIET when there is none yet, or when a quarter of a second
 * has brought others only; OVER at the end or when the limit is reached.
 */
MUST_CHECK bool dead_queue_next(struct dead_queue *dead, int timeout_ms, struct tapped *message,
                                struct tapped_parking *parking, enum queue_tap_state *state,
                                struct error *error);

/* Print what the message is and why it lies there: a row of a table, or a line of JSON. */
MUST_CHECK bool dead_queue_print(struct desk *desk, const struct tapped *message,
                                 const struct tapped_parking *parking, struct error *error);

/*
 * FINE; FOUND, the answer being no, when an id was asked for and nothing has it, or when a message had to
 * stay; or INTERRUPTED.
 */
enum word_status dead_queue_status(const struct dead_queue *dead);

#endif
