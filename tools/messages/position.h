/* A place in a log as the command line gives it: "first", an offset, or a time. A value. */
#ifndef EVENTS_TOOLS_MESSAGES_POSITION_H
#define EVENTS_TOOLS_MESSAGES_POSITION_H

#include "msgqueue/queue_tap.h"

struct position {
    enum {
        POSITION_NONE, /* {0}: before all as a beginning, behind all as an end */
        POSITION_OFFSET,
        POSITION_TIME,
    } kind;
    int64_t number; /* an offset, or milliseconds since 1970 */
};

/* @text may be NULL: none. ERROR_INVALID, with the option called @option, for what is no place. */
MUST_CHECK bool position_read(const char *option, const char *text, struct position *position,
                              struct error *error);

/*
 * Whether the message lies before @position: by its offset, or by the time it says it happened, for it
 * may have waited in its service before the broker got it. One that says no time lies before every time.
 */
bool position_is_behind(const struct position *position, const struct tapped *message);

/* Where to begin to read, so that nothing from @position on is missed. */
struct queue_tap_start position_start(const struct position *position);

#endif
