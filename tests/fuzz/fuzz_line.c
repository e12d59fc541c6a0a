/* A message as a line of JSON, which the tool prints and publishes: what was read is printed as it will be read. */
#include "base/memory.h"
#include "base/random.h"
#include "msgqueue/amqp/amqp_link.h"
#include "tests/fuzz/fuzz.h"
#include "tools/messages/message_line.h"

#include <string.h>

enum {
    INPUT_BYTES_MAX = 64 * 1024,
    LINE_BYTES_MAX = 1024 * 1024
};

static void must_be_same(const struct envelope *a, const struct envelope *b)
{
    MUST(strcmp(a->id, b->id) == 0 && strcmp(a->name, b->name) == 0);
    MUST(strcmp(a->subject, b->subject) == 0 && strcmp(a->source, b->source) == 0);
    MUST(strcmp(a->traceparent, b->traceparent) == 0);
    MUST(a->time_ms == b->time_ms || a->time_ms == 0); /* which stands for no time */
    MUST(a->body_bytes == b->body_bytes && memcmp(a->body, b->body, a->body_bytes) == 0);
}

static void come_back(const struct message_line *line)
{
    static const struct amqp_content nothing_else;
    CLEANUP(buffer_clear) struct buffer text = {0};
    CLEANUP(message_line_clear) struct message_line again = {0};
    const struct tapped message = {.envelope = line->envelope,
                                   .offset = -1,
                                   .is_whole = true,
                                   .size_bytes = line->envelope.body_bytes,
                                   .routing_key = line->envelope.name,
                                   .content = &nothing_else};

    buffer_init(&text, LINE_BYTES_MAX);
    message_line_write(&message, &text);
    MUST(buffer_ok(&text, NULL) && strchr(text.data, '\n') == text.data + text.size_bytes - 1);
    MUST(message_line_read(text.data, text.size_bytes, &again, NULL));
    must_be_same(&line->envelope, &again.envelope);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = fuzz_input(data, size < INPUT_BYTES_MAX ? size : INPUT_BYTES_MAX);
    const size_t n = input.left_bytes;
    CLEANUP(memory_freep) char *text = fuzz_rest(&input);
    CLEANUP(message_line_clear) struct message_line line = {0};
    struct error error = {0};

    MUST(random_init(NULL));
    if (message_line_read(text, n, &line, &error)) {
        MUST(line.n_headers <= QUEUE_HEADERS_MAX && line.envelope.body);
        come_back(&line);
    } else {
        fuzz_must_be_refusal(&error);
        MUST(error.code == ERROR_INVALID);
    }
    return 0;
}
