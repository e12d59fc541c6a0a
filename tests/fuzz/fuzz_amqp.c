/*
 * A byte with the length of a routing key, the key; two bytes with the length of the properties as they are encoded
 * in a frame, the properties; the body.
 */
#include "base/memory.h"
#include "base/utf8.h"
#include "msgqueue/amqp/amqp_tap_copy.h"
#include "msgqueue/amqp/amqp_tap_death.h"
#include "msgqueue/queue_tap.h"
#include "tests/fuzz/fuzz.h"

#include <stdio.h>
#include <string.h>

enum {
    POOL_BYTES = 4096,
    FRAME_BYTES = 256 * 1024,
    JSON_BYTES_MAX = 4 * 1024 * 1024
};

/* ---- taking the input apart ---- */

static size_t take_number(struct fuzz_input *input, size_t n_bytes)
{
    size_t got;
    const char *bytes = fuzz_take(input, n_bytes, &got);
    size_t number = 0;

    for (size_t i = 0; i < got; i++)
        number = number << 8 | (unsigned char)bytes[i];
    return number;
}

static void take_buffer(struct fuzz_input *input, size_t n_bytes, struct buffer *buffer)
{
    size_t got;
    const char *bytes = fuzz_take(input, n_bytes, &got);

    buffer_init(buffer, SIZE_MAX);
    buffer_append(buffer, bytes, got);
    MUST(buffer_ok(buffer, NULL));
}

static void take_content(struct fuzz_input *input, struct amqp_content *content)
{
    size_t n = take_number(input, 1);
    const char *key = fuzz_take(input, n, &n);

    memcpy(content->routing_key, key, n);
    take_buffer(input, take_number(input, 2), &content->properties);
    take_buffer(input, SIZE_MAX, &content->body);
    content->body_bytes = content->body.size_bytes;
}

/* ---- as a listener reads it ---- */

static void must_be_text(const char *text, size_t size_bytes)
{
    MUST(strnlen(text, size_bytes) < size_bytes && utf8_valid(text, strlen(text)));
}

static void must_be_envelope(const struct envelope *envelope, const struct amqp_content *content)
{
    must_be_text(envelope->id, sizeof(envelope->id));
    must_be_text(envelope->subject, sizeof(envelope->subject));
    must_be_text(envelope->source, sizeof(envelope->source));
    must_be_text(envelope->traceparent, sizeof(envelope->traceparent));
    MUST(envelope->body && envelope->body_bytes <= content->body.size_bytes);
}

/* As we ourselves would send it, it says the same. */
static void send_again(const struct envelope *envelope)
{
    static char frame[FRAME_BYTES];
    struct amqp_outgoing outgoing;
    struct amqp_content content = {0};
    struct amqp_facts facts;
    struct envelope again;
    int n;

    amqp_outgoing_init(&outgoing, envelope);
    n = amqp_encode_properties(AMQP_BASIC_CLASS, &outgoing.properties,
                               (amqp_bytes_t){sizeof(frame), frame});
    MUST(n > 0);
    content.properties = (struct buffer){.data = frame, .size_bytes = (size_t)n};
    MUST(amqp_message_read(&content, &again, &facts, NULL));
    MUST(strcmp(again.id, envelope->id) == 0 && strcmp(again.name, envelope->name) == 0);
    MUST(strcmp(again.subject, envelope->subject) == 0);
    MUST(strcmp(again.source, envelope->source) == 0);
    MUST(strcmp(again.traceparent, envelope->traceparent) == 0);
}

static void listen(const struct amqp_content *content, struct envelope *envelope)
{
    struct amqp_facts facts = {0};
    struct error error = {0};
    char id[MESSAGE_ID_BYTES];

    amqp_message_id(content, id);
    must_be_text(id, sizeof(id));
    if (amqp_message_read(content, envelope, &facts, &error)) {
        must_be_text(envelope->name, sizeof(envelope->name));
        MUST(envelope->name[0] && envelope->body_bytes <= MESSAGE_BODY_BYTES_MAX);
        send_again(envelope);
    } else {
        fuzz_must_be_refusal(&error);
    }
    must_be_envelope(envelope, content);
    must_be_text(facts.marker, sizeof(facts.marker));
}

/* ---- as the tool reads it ---- */

/* Sent on, it can still be read; its name does not depend on the queue that it lay in. */
static void copy(const struct amqp_content *content, bool redriven)
{
    static char frame[FRAME_BYTES];
    const amqp_basic_properties_t *properties;
    amqp_pool_t pool;
    int n = 0;

    init_amqp_pool(&pool, POOL_BYTES);
    properties = amqp_tap_copy(content, redriven, &pool);
    if (properties) {
        MUST(properties->_flags & AMQP_BASIC_DELIVERY_MODE_FLAG && properties->delivery_mode == 2);
        MUST(!(properties->_flags & (AMQP_BASIC_EXPIRATION_FLAG | AMQP_BASIC_USER_ID_FLAG)));
        MUST(!amqp_header(properties, "CC") && !amqp_header(properties, "x-delivery-count"));
        n = amqp_encode_properties(AMQP_BASIC_CLASS, (void *)(uintptr_t)properties,
                                   (amqp_bytes_t){sizeof(frame), frame});
    }
    empty_amqp_pool(&pool);
    if (n > 0) {
        struct amqp_content sent = {.properties = {.data = frame, .size_bytes = (size_t)n}};
        struct amqp_facts facts;
        struct envelope envelope;

        (void)!amqp_message_read(&sent, &envelope, &facts, NULL);
        MUST(facts.delivery_count == 0 && facts.offset == -1);
    }
}

static void show(const struct amqp_content *content, const struct envelope *envelope, bool all)
{
    CLEANUP(buffer_clear) struct buffer text = {0};
    struct json_writer writer = JSON_WRITER(&text);
    const struct tapped message = {.envelope = *envelope, .content = content};

    buffer_init(&text, JSON_BYTES_MAX);
    tapped_write_headers(&message, NULL, all, &writer);
    MUST(buffer_ok(&text, NULL) && text.data[0] == '{');
    MUST(utf8_valid(text.data, text.size_bytes) && text.data[text.size_bytes - 1] == '}');
}

static void look(const struct amqp_content *content, const struct envelope *envelope)
{
    const struct tapped message = {.envelope = *envelope, .content = content};
    struct tapped_parking parking;
    char name[MESSAGE_NAME_BYTES];

    snprintf(name, sizeof(name), "%s", envelope->name);
    amqp_tap_death_name(content, "booking.dead", name);
    must_be_text(name, sizeof(name));
    tapped_read_parking(&message, &parking);
    MUST(strnlen(parking.reason, sizeof(parking.reason)) < sizeof(parking.reason));
    MUST(strnlen(parking.by, sizeof(parking.by)) < sizeof(parking.by));
    MUST(strnlen(parking.at, sizeof(parking.at)) < sizeof(parking.at));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = fuzz_input(data, size);
    CLEANUP(amqp_content_clear) struct amqp_content content = {0};
    struct envelope envelope;

    take_content(&input, &content);
    listen(&content, &envelope);
    copy(&content, false);
    copy(&content, true);
    show(&content, &envelope, false);
    show(&content, &envelope, true);
    look(&content, &envelope);
    return 0;
}
