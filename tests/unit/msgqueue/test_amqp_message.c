#include "msgqueue/amqp/amqp_message.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

enum {
    FRAME_BYTES = 4096
};

static char encoded[FRAME_BYTES];

static amqp_table_entry_t number_entry(const char *key, uint8_t kind, int64_t number)
{
    amqp_table_entry_t entry = {.key = amqp_text(key), .value = {.kind = kind}};

    if (kind == AMQP_FIELD_KIND_I64)
        entry.value.value.i64 = number;
    else
        entry.value.value.i32 = (int32_t)number;
    return entry;
}

/* As the message lies in a frame: @properties encoded, the body beside them. */
static struct amqp_content content_with(amqp_basic_properties_t *properties)
{
    struct amqp_content content = {0};
    int n = amqp_encode_properties(AMQP_BASIC_CLASS, properties,
                                   (amqp_bytes_t){sizeof(encoded), encoded});

    cr_assert(n > 0);
    content.properties = (struct buffer){.data = encoded, .size_bytes = (size_t)n};
    return content;
}

static struct amqp_content content_with_header(amqp_table_entry_t header)
{
    amqp_basic_properties_t properties = {
        ._flags = AMQP_BASIC_HEADERS_FLAG,
        .headers = {1, &header},
    };

    return content_with(&properties);
}

static struct envelope envelope;
static struct amqp_facts facts;
static struct error error;

static bool read_message(const struct amqp_content *content)
{
    return amqp_message_read(content, &envelope, &facts, &error);
}

Test(amqp_message, comes_back_as_it_went)
{
    const struct envelope sent = {
        .id = "0123456789abcdef01234567:3",
        .name = "event.created",
        .subject = "0123456789abcdef01234567",
        .source = "eventservice",
        .traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        .time_ms = 1795254850451,
    };
    struct amqp_outgoing outgoing = {0};
    struct amqp_content content;

    amqp_outgoing_init(&outgoing, &sent);
    content = content_with(&outgoing.properties);

    cr_assert(read_message(&content), "%s", error.text);
    cr_expect_str_eq(envelope.id, sent.id);
    cr_expect_str_eq(envelope.name, sent.name);
    cr_expect_str_eq(envelope.subject, sent.subject);
    cr_expect_str_eq(envelope.source, sent.source);
    cr_expect_str_eq(envelope.traceparent, sent.traceparent);
    cr_expect_eq(envelope.time_ms, sent.time_ms);
    cr_expect_eq(facts.delivery_count, 0);
    cr_expect_eq(facts.offset, -1);
    cr_expect_str_eq(facts.marker, "");
}

Test(amqp_message, speaks_cloudevents)
{
    const struct envelope sent = {
        .id = "1", .name = "event.created", .subject = "s", .source = "eventservice"};
    static const char *const headers[][2] = {
        {"x-event-name", "event.created"},
        {"cloudEvents_specversion", "1.0"},
        {"cloudEvents_id", "1"},
        {"cloudEvents_type", "event.created"},
        {"cloudEvents_source", "/myevents/eventservice"},
        {"cloudEvents_time", "1970-01-01T00:00:00.000Z"},
        {"cloudEvents_subject", "s"},
    };
    struct amqp_outgoing outgoing = {0};

    amqp_outgoing_init(&outgoing, &sent);

    cr_expect_eq(outgoing.properties.headers.num_entries, (int)ARRAY_SIZE(headers));
    for (size_t i = 0; i < ARRAY_SIZE(headers); i++) {
        const amqp_field_value_t *value = amqp_header(&outgoing.properties, headers[i][0]);

        cr_assert(value, "%s", headers[i][0]);
        cr_expect(value->value.bytes.len == strlen(headers[i][1]) &&
                      memcmp(value->value.bytes.bytes, headers[i][1], value->value.bytes.len) == 0,
                  "%s", headers[i][0]);
    }
    cr_expect_eq(outgoing.properties.delivery_mode, AMQP_DELIVERY_PERSISTENT);
}

Test(amqp_message, bears_a_message_that_says_nothing)
{
    amqp_basic_properties_t none = {0};
    struct amqp_content content = content_with(&none);

    snprintf(content.routing_key, sizeof(content.routing_key), "event.created");

    cr_assert(read_message(&content));
    cr_expect_str_eq(envelope.name, "event.created");
    cr_expect_str_eq(envelope.id, "");
    cr_expect_str_eq(envelope.source, "");
    cr_expect_eq(envelope.time_ms, 0);
    cr_expect_eq(envelope.body_bytes, 0);
}

Test(amqp_message, needs_a_name)
{
    amqp_basic_properties_t none = {0};
    struct amqp_content content = content_with(&none);

    cr_expect_not(read_message(&content));
    cr_expect_eq(error.code, ERROR_INVALID);
}

/* A name that is there and unfit is the message's fault; the next place would only hide that. */
Test(amqp_message, does_not_look_further_for_a_name_when_the_first_is_unfit)
{
    char name[MESSAGE_NAME_BYTES + 1];
    struct amqp_content content;

    memset(name, 'n', sizeof(name));
    name[MESSAGE_NAME_BYTES] = '\0';
    content = content_with_header(amqp_text_entry("x-event-name", name));
    snprintf(content.routing_key, sizeof(content.routing_key), "event.created");
    cr_expect_not(read_message(&content));
    cr_expect_eq(error.code, ERROR_INVALID);
    name[MESSAGE_NAME_BYTES - 1] = '\0';
    content = content_with_header(amqp_text_entry("x-event-name", name));

    cr_expect(read_message(&content));
    cr_expect_str_eq(envelope.name, name);
}

Test(amqp_message, takes_texts_that_do_not_fit_for_none)
{
    static const char *const keys[] = {"cloudEvents_subject", "traceparent", "cloudEvents_source",
                                       "cloudEvents_time"};
    char text[MESSAGE_SOURCE_BYTES + 32];

    memset(text, 'x', sizeof(text));
    text[sizeof(text) - 1] = '\0';
    for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
        struct amqp_content content = content_with_header(amqp_text_entry(keys[i], text));

        snprintf(content.routing_key, sizeof(content.routing_key), "a");
        cr_assert(read_message(&content));
        cr_expect_str_eq(envelope.subject, "");
        cr_expect_str_eq(envelope.traceparent, "");
        cr_expect_str_eq(envelope.source, "");
        cr_expect_eq(envelope.time_ms, 0);
    }
}

Test(amqp_message, finds_the_source_in_either_place)
{
    struct amqp_content content =
        content_with_header(amqp_text_entry("cloudEvents_source", "/myevents/eventservice"));

    snprintf(content.routing_key, sizeof(content.routing_key), "a");
    cr_assert(read_message(&content));
    cr_expect_str_eq(envelope.source, "eventservice");
    content = content_with_header(amqp_text_entry("cloudEvents_source", "elsewhere"));
    snprintf(content.routing_key, sizeof(content.routing_key), "a");

    cr_assert(read_message(&content));
    cr_expect_str_eq(envelope.source, "elsewhere");
}

Test(amqp_message, does_not_believe_a_timestamp_beyond_reason)
{
    amqp_basic_properties_t properties = {
        ._flags = AMQP_BASIC_TIMESTAMP_FLAG | AMQP_BASIC_TYPE_FLAG,
        .timestamp = UINT64_MAX,
        .type = amqp_text("a"),
    };
    struct amqp_content content = content_with(&properties);

    cr_assert(read_message(&content));
    cr_expect_eq(envelope.time_ms, 0);
}

Test(amqp_message, reads_counts_and_offsets_of_any_width)
{
    static const uint8_t kinds[] = {AMQP_FIELD_KIND_I32, AMQP_FIELD_KIND_I64};

    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
        struct amqp_content content =
            content_with_header(number_entry("x-delivery-count", kinds[i], 7));

        snprintf(content.routing_key, sizeof(content.routing_key), "a");
        cr_assert(read_message(&content));
        cr_expect_eq(facts.delivery_count, 7);
        content = content_with_header(number_entry("x-stream-offset", kinds[i], 9));
        snprintf(content.routing_key, sizeof(content.routing_key), "a");
        cr_assert(read_message(&content));
        cr_expect_eq(facts.offset, 9);
    }
}

/* RabbitMQ 4 says in another header how often a message was handed out. */
Test(amqp_message, takes_either_count_of_deliveries)
{
    struct amqp_content content =
        content_with_header(number_entry("x-acquired-count", AMQP_FIELD_KIND_I64, 6));

    snprintf(content.routing_key, sizeof(content.routing_key), "a");
    cr_assert(read_message(&content));

    cr_expect_eq(facts.delivery_count, 6);
}

Test(amqp_message, knows_a_marker)
{
    struct amqp_content content =
        content_with_header(amqp_text_entry(AMQP_MARKER_HEADER, "abc:to"));

    (void)read_message(&content);

    cr_expect_str_eq(facts.marker, "abc:to");
}

Test(amqp_message, refuses_a_body_that_is_too_large)
{
    struct amqp_content content = content_with_header(amqp_text_entry("x-event-name", "a"));

    content.body_bytes = MESSAGE_BODY_BYTES_MAX;
    cr_expect(read_message(&content));
    content.body_bytes = MESSAGE_BODY_BYTES_MAX + 1;

    cr_expect_not(read_message(&content));
    cr_expect_eq(error.code, ERROR_TOO_LARGE);
}

Test(amqp_message, refuses_properties_that_make_no_sense)
{
    static char garbage[] = "\xff\xff\xff\xff\xff";
    struct amqp_content content = {
        .properties = {.data = garbage, .size_bytes = sizeof(garbage) - 1}};

    cr_expect_not(read_message(&content));
    cr_expect_eq(error.code, ERROR_INVALID);
}

Test(amqp_message, says_its_id_without_the_rest)
{
    amqp_basic_properties_t properties = {._flags = AMQP_BASIC_MESSAGE_ID_FLAG,
                                          .message_id = amqp_text("7")};
    struct amqp_content content = content_with(&properties);
    char id[MESSAGE_ID_BYTES];

    amqp_message_id(&content, id);

    cr_expect_str_eq(id, "7");
}

Test(amqp_message, takes_a_structured_cloudevent_apart)
{
    static char body[] = "{\"specversion\":\"1.0\",\"type\":\"event.created\",\"id\":\"7\","
                         "\"source\":\"/myevents/eventservice\",\"data\":{\"id\":1}}";
    amqp_basic_properties_t properties = {
        ._flags = AMQP_BASIC_CONTENT_TYPE_FLAG | AMQP_BASIC_MESSAGE_ID_FLAG | AMQP_BASIC_TYPE_FLAG,
        .content_type = amqp_text("application/cloudevents+json; charset=utf-8"),
        .message_id = amqp_text("other"),
        .type = amqp_text("other"),
    };
    struct amqp_content content = content_with(&properties);

    content.body = (struct buffer){.data = body, .size_bytes = strlen(body)};
    content.body_bytes = strlen(body);

    cr_assert(read_message(&content), "%s", error.text);
    cr_expect_str_eq(envelope.name, "event.created");
    cr_expect_str_eq(envelope.id, "7");
    cr_expect_str_eq(envelope.source, "eventservice");
    cr_expect_eq(envelope.body_bytes, strlen("{\"id\":1}"));
    cr_expect_eq(memcmp(envelope.body, "{\"id\":1}", envelope.body_bytes), 0);
}

Test(amqp_message, refuses_a_structured_cloudevent_that_is_none)
{
    static char body[] = "{\"id\":1}";
    amqp_basic_properties_t properties = {
        ._flags = AMQP_BASIC_CONTENT_TYPE_FLAG | AMQP_BASIC_TYPE_FLAG,
        .content_type = amqp_text("application/cloudevents+json"),
        .type = amqp_text("event.created"),
    };
    struct amqp_content content = content_with(&properties);

    content.body = (struct buffer){.data = body, .size_bytes = strlen(body)};
    content.body_bytes = strlen(body);

    cr_expect_not(read_message(&content));
    cr_expect_eq(error.code, ERROR_INVALID);
    cr_expect_str_eq(envelope.name, "event.created");
}
