/*
 * A message as one line of JSON: what `replay`, `watch --json` and `dead` print and `publish` reads.
 *
 *     {"offset":7,"name":"event.created","id":"6566...:1","time":"2026-11-21T09:30:00.123Z",
 *      "subject":"6566...","source":"eventservice","traceparent":"00-...","headers":{"x-mine":"1"},
 *      "body":{...}}
 *
 * The body stands there as it is, byte for byte, when it is JSON on one line; else it is
 * `body_base64`. `headers` are those that the other members do not say. What a message lacks is left out.
 */
#ifndef EVENTS_TOOLS_MESSAGES_MESSAGE_LINE_H
#define EVENTS_TOOLS_MESSAGES_MESSAGE_LINE_H

#include "msgqueue/queue_sender.h"

enum {
    MESSAGE_LINE_BYTES_MAX = 2 * QUEUE_TAP_BODY_BYTES_MAX
};

/* Append the line of @message, with its end. @line is checked by whoever uses it. */
void message_line_write(const struct tapped *message, struct buffer *line);

/* A line that was read. It borrows from the text it was read from. */
struct message_line {
    struct envelope envelope;
    struct queue_header headers[QUEUE_HEADERS_MAX];
    size_t n_headers;
    struct json *document; /* owned */
    struct buffer bytes;   /* owned; of a body that was base64 */
};

/*
 * Read @text. Members that are not needed for publishing are ignored; without `id` it gets a random one,
 * without `time` it happens now. ERROR_INVALID names the member. Clear it, also after a failure.
 */
MUST_CHECK bool message_line_read(const char *text, size_t size_bytes, struct message_line *line,
                                  struct error *error);
void message_line_clear(struct message_line *line);

#endif
