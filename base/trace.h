/*
 * W3C Trace Context, Recommendation level 1: which request something came from, across programs. A trace goes
 * on from a request to the messages that it causes, and to the log lines of whoever hears them.
 *
 * What a thread is just working on is a property of that thread, so that neither the calls between a
 * request and its message nor the log have to carry it along: trace_enter() when work begins, trace_leave()
 * when it ends, trace_current() in between. It decides nothing, and is lost where work changes threads,
 * unless it is handed over. Any thread.
 */
#ifndef EVENTS_BASE_TRACE_H
#define EVENTS_BASE_TRACE_H

#include "base/cleanup.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    TRACE_ID_BYTES = 16,
    TRACE_SPAN_BYTES = 8,
    TRACE_TEXT_BYTES = 56, /* of a traceparent of version 00, with its NUL */
    TRACE_SAMPLED = 1      /* the only flag that there is */
};

/* A step of a trace. {0} is none. */
struct trace {
    uint8_t id[TRACE_ID_BYTES];     /* of the trace */
    uint8_t span[TRACE_SPAN_BYTES]; /* of the step */
    uint8_t flags;
};

bool trace_is_none(const struct trace *trace);

/*
 * Read a traceparent. Of a later version, what version 00 had. False, with @trace untouched, for all that
 * is malformed: other letters than small hexadecimal ones, zeros for an id, version ff.
 */
MUST_CHECK bool trace_parse(const char *text, struct trace *trace);

/* The next step behind @before, whose text may be NULL or malformed: then the first one of a new trace. */
struct trace trace_next(const char *before);

/* A step of the same trace behind @parent; none behind none. Both after random_init(). */
struct trace trace_child(const struct trace *parent);

/* The traceparent; empty for none. */
void trace_format(const struct trace *trace, char text[TRACE_TEXT_BYTES]);

/* The id of the trace as 32 hexadecimal digits, for log lines; empty for none. */
struct trace_id {
    char text[TRACE_ID_BYTES * 2 + 1];
};
struct trace_id trace_id(const struct trace *trace);

void trace_enter(const struct trace *trace);
void trace_leave(void);

/* Valid until the thread leaves; none outside. */
const struct trace *trace_current(void);

#endif
