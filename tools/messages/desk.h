/* What words that talk to the broker have in common: their name there, results, progress. One thread. */
#ifndef EVENTS_TOOLS_MESSAGES_DESK_H
#define EVENTS_TOOLS_MESSAGES_DESK_H

#include "base/buffer.h"
#include "msgqueue/queue_tap.h"
#include "tools/word.h"

enum {
    DESK_WAIT_MS = 250, /* how long a word waits before it looks whether it was interrupted */
    DESK_NAME_BYTES = 128
};

struct desk {
    const struct word_call *call; /* borrowed */
    char name[DESK_NAME_BYTES];   /* "myevents@host#watch", for the management UI */
    struct queue_access access;   /* points into the call and into this struct: do not move it */
    int64_t told_ms;              /* when progress was last told; monotonic */
};

MUST_CHECK bool desk_init(struct desk *desk, const struct word_call *call, const char *word,
                          struct error *error);

/* Results, as they are. Fails when they could not be written; then the word must not go on. */
MUST_CHECK bool desk_print(struct desk *desk, const struct buffer *text, struct error *error);

/* Replace what would do things to a terminal: all control characters but line feed and tab. */
void desk_tame(struct buffer *text);

/* From here on what was printed is written, however the process ends. Fails as desk_print(). */
MUST_CHECK bool desk_flush(struct desk *desk, struct error *error);

/* To a person who looks on: over the last such line, a few times a second at most. */
void desk_progress(struct desk *desk, const char *format, ...) PRINTF_LIKE(2, 3);

/* Take that line away, before results come. */
void desk_progress_end(struct desk *desk);

/* To standard error, on a line of its own: what is no result, but has to be known. */
void desk_say(struct desk *desk, const char *format, ...) PRINTF_LIKE(2, 3);

#endif
