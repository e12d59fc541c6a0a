/* The reading half of a link: frames are gathered into whole arrivals. */
#include "msgqueue/amqp/amqp_link.h"

#include <string.h>
#include <sys/time.h>

static bool broken(struct amqp_link *link, const char *text, struct error *error)
{
    link->broken = true;
    return error_set(error, ERROR_UNAVAILABLE, "%s", text);
}

void amqp_content_clear(struct amqp_content *content)
{
    buffer_clear(&content->properties);
    buffer_clear(&content->body);
    *content = (struct amqp_content){0};
}

static void start_gathering(struct amqp_link *link, enum amqp_arrival_kind kind, uint64_t tag,
                            amqp_bytes_t routing_key)
{
    struct amqp_content *content = &link->content;
    size_t n = routing_key.len < AMQP_ROUTING_KEY_BYTES ? routing_key.len : 0;

    amqp_content_clear(content);
    buffer_init(&content->properties, SIZE_MAX);
    buffer_init(&content->body, link->body_max_bytes);
    content->tag = tag;
    if (n)
        memcpy(content->routing_key, routing_key.bytes, n);
    link->gathering = kind;
    link->has_header = false;
    link->body_seen_bytes = 0;
}

static void take_whole(struct amqp_link *link, struct amqp_arrival *arrival)
{
    if (!link->has_header || link->body_seen_bytes < link->content.body_bytes)
        return;
    arrival->kind = link->gathering;
    arrival->tag = link->content.tag;
    arrival->content = &link->content;
    link->gathering = AMQP_ARRIVAL_NONE;
}

static bool take_header(struct amqp_link *link, const amqp_frame_t *frame,
                        struct amqp_arrival *arrival, struct error *error)
{
    const amqp_bytes_t raw = frame->payload.properties.raw;

    if (link->gathering == AMQP_ARRIVAL_NONE || link->has_header)
        return broken(link, "the broker sent a header out of turn", error);
    link->has_header = true;
    link->content.body_bytes = frame->payload.properties.body_size;
    buffer_append(&link->content.properties, raw.bytes, raw.len);
    take_whole(link, arrival);
    return buffer_ok(&link->content.properties, error);
}

static bool take_body(struct amqp_link *link, const amqp_frame_t *frame,
                      struct amqp_arrival *arrival, struct error *error)
{
    const amqp_bytes_t part = frame->payload.body_fragment;

    if (link->gathering == AMQP_ARRIVAL_NONE || !link->has_header)
        return broken(link, "the broker sent a body out of turn", error);
    link->body_seen_bytes += part.len;
    if (link->content.body_bytes <= link->body_max_bytes) {
        buffer_append(&link->content.body, part.bytes, part.len);
        if (!buffer_ok(&link->content.body, error))
            return false;
    }
    take_whole(link, arrival);
    return true;
}

static void answer(struct amqp_arrival *arrival, enum amqp_arrival_kind kind, uint64_t tag,
                   bool multiple)
{
    *arrival = (struct amqp_arrival){.kind = kind, .tag = tag, .multiple = multiple};
}

/* The broker closes: say so to it where the protocol wants that, and give up the link. */
static bool closed(struct amqp_link *link, const amqp_method_t *method, struct error *error)
{
    const amqp_channel_close_t *channel = method->decoded;
    const amqp_connection_close_t *connection = method->decoded;
    bool all = method->id == AMQP_CONNECTION_CLOSE_METHOD;
    uint16_t code = all ? connection->reply_code : channel->reply_code;
    amqp_bytes_t text = all ? connection->reply_text : channel->reply_text;

    link->broken = true;
    return error_set(error, ERROR_UNAVAILABLE, "the broker closed the %s: %d %.*s",
                     all ? "connection" : "channel", code, (int)text.len, (const char *)text.bytes);
}

static bool take_method(struct amqp_link *link, const amqp_method_t *method,
                        struct amqp_arrival *arrival, struct error *error)
{
    switch (method->id) {
    case AMQP_BASIC_ACK_METHOD: {
        const amqp_basic_ack_t *ack = method->decoded;

        answer(arrival, AMQP_ARRIVAL_CONFIRM, ack->delivery_tag, ack->multiple);
        return true;
    }
    case AMQP_BASIC_NACK_METHOD: {
        const amqp_basic_nack_t *nack = method->decoded;

        answer(arrival, AMQP_ARRIVAL_REFUSAL, nack->delivery_tag, nack->multiple);
        return true;
    }
    case AMQP_BASIC_RETURN_METHOD: {
        const amqp_basic_return_t *back = method->decoded;

        start_gathering(link, AMQP_ARRIVAL_RETURN, 0, back->routing_key);
        return true;
    }
    case AMQP_BASIC_DELIVER_METHOD: {
        const amqp_basic_deliver_t *deliver = method->decoded;

        start_gathering(link, AMQP_ARRIVAL_DELIVERY, deliver->delivery_tag, deliver->routing_key);
        return true;
    }
    case AMQP_BASIC_CANCEL_METHOD:
        answer(arrival, AMQP_ARRIVAL_CANCEL, 0, false);
        return true;
    case AMQP_CONNECTION_BLOCKED_METHOD:
        answer(arrival, AMQP_ARRIVAL_BLOCKED, 0, false);
        return true;
    case AMQP_CONNECTION_UNBLOCKED_METHOD:
        answer(arrival, AMQP_ARRIVAL_UNBLOCKED, 0, false);
        return true;
    case AMQP_CHANNEL_CLOSE_METHOD:
    case AMQP_CONNECTION_CLOSE_METHOD:
        return closed(link, method, error);
    default:
        return true;
    }
}

static bool take_frame(struct amqp_link *link, const amqp_frame_t *frame,
                       struct amqp_arrival *arrival, struct error *error)
{
    switch (frame->frame_type) {
    case AMQP_FRAME_METHOD:
        return take_method(link, &frame->payload.method, arrival, error);
    case AMQP_FRAME_HEADER:
        return take_header(link, frame, arrival, error);
    case AMQP_FRAME_BODY:
        return take_body(link, frame, arrival, error);
    default:
        return true;
    }
}

bool amqp_link_next(struct amqp_link *link, struct amqp_arrival *arrival, struct error *error)
{
    *arrival = (struct amqp_arrival){0};
    while (arrival->kind == AMQP_ARRIVAL_NONE) {
        struct timeval at_once = {0};
        amqp_frame_t frame;
        int status = amqp_simple_wait_frame_noblock(link->state, &frame, &at_once);

        if (status == AMQP_STATUS_TIMEOUT)
            return true;
        if (status != AMQP_STATUS_OK)
            return broken(link, amqp_error_string2(status), error);
        if (!take_frame(link, &frame, arrival, error))
            return false;
        amqp_maybe_release_buffers(link->state);
    }
    return true;
}
