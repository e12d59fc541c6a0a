#include "msgqueue/amqp/amqp_message.h"

#include "base/json.h"
#include "contracts/cloud_event.h"

#include <stdio.h>
#include <string.h>

enum {
    POOL_BYTES = 4096
};

amqp_table_entry_t amqp_text_entry(const char *key, const char *text)
{
    return (amqp_table_entry_t){
        .key = amqp_text(key),
        .value = {.kind = AMQP_FIELD_KIND_UTF8, .value = {.bytes = amqp_text(text)}},
    };
}

amqp_table_entry_t amqp_number_entry(const char *key, int64_t number)
{
    return (amqp_table_entry_t){
        .key = amqp_text(key),
        .value = {.kind = AMQP_FIELD_KIND_I64, .value = {.i64 = number}},
    };
}

static void put_headers(struct amqp_outgoing *outgoing, const struct envelope *envelope)
{
    amqp_table_entry_t *headers = outgoing->headers;
    int n = 0;

    headers[n++] = amqp_text_entry("x-event-name", envelope->name);
    headers[n++] = amqp_text_entry("cloudEvents_specversion", "1.0");
    headers[n++] = amqp_text_entry("cloudEvents_id", envelope->id);
    headers[n++] = amqp_text_entry("cloudEvents_type", envelope->name);
    headers[n++] = amqp_text_entry("cloudEvents_source", outgoing->source);
    headers[n++] = amqp_text_entry("cloudEvents_time", outgoing->time);
    if (*envelope->subject)
        headers[n++] = amqp_text_entry("cloudEvents_subject", envelope->subject);
    if (*envelope->traceparent)
        headers[n++] = amqp_text_entry("traceparent", envelope->traceparent);
    outgoing->properties.headers = (amqp_table_t){n, headers};
}

void amqp_outgoing_init(struct amqp_outgoing *outgoing, const struct envelope *envelope)
{
    snprintf(outgoing->source, sizeof(outgoing->source), CLOUD_EVENT_SOURCE "%s", envelope->source);
    clock_format(envelope->time_ms, outgoing->time);
    outgoing->properties = (amqp_basic_properties_t){
        ._flags = AMQP_BASIC_CONTENT_TYPE_FLAG | AMQP_BASIC_DELIVERY_MODE_FLAG |
                  AMQP_BASIC_MESSAGE_ID_FLAG | AMQP_BASIC_TIMESTAMP_FLAG | AMQP_BASIC_TYPE_FLAG |
                  AMQP_BASIC_APP_ID_FLAG | AMQP_BASIC_HEADERS_FLAG,
        .content_type = amqp_text("application/json"),
        .delivery_mode = AMQP_DELIVERY_PERSISTENT,
        .message_id = amqp_text(envelope->id),
        .timestamp = (uint64_t)(envelope->time_ms / 1000),
        .type = amqp_text(envelope->name),
        .app_id = amqp_text(envelope->source),
    };
    put_headers(outgoing, envelope);
}

amqp_basic_properties_t *amqp_properties_decode(const struct buffer *encoded, amqp_pool_t *pool)
{
    amqp_bytes_t raw = {encoded->size_bytes, encoded->data};
    void *decoded;

    if (amqp_decode_properties(AMQP_BASIC_CLASS, pool, raw, &decoded) < 0)
        return NULL;
    return decoded;
}

const amqp_field_value_t *amqp_header(const amqp_basic_properties_t *properties, const char *name)
{
    const amqp_table_t *headers = &properties->headers;

    if (!(properties->_flags & AMQP_BASIC_HEADERS_FLAG))
        return NULL;
    for (int i = 0; i < headers->num_entries; i++) {
        const amqp_table_entry_t *entry = &headers->entries[i];

        if (entry->key.len == strlen(name) && memcmp(entry->key.bytes, name, entry->key.len) == 0)
            return &entry->value;
    }
    return NULL;
}

static bool is_among(const char *const names[], size_t n_names, amqp_bytes_t key)
{
    for (size_t i = 0; i < n_names; i++) {
        if (key.len == strlen(names[i]) && memcmp(key.bytes, names[i], key.len) == 0)
            return true;
    }
    return false;
}

amqp_table_t amqp_copy_headers(const amqp_basic_properties_t *theirs, const char *const left_out[],
                               size_t n_left_out, amqp_table_entry_t *room)
{
    amqp_table_t copy = {0, room};
    bool any = theirs->_flags & AMQP_BASIC_HEADERS_FLAG;

    for (int i = 0; any && i < theirs->headers.num_entries; i++) {
        if (!is_among(left_out, n_left_out, theirs->headers.entries[i].key))
            room[copy.num_entries++] = theirs->headers.entries[i];
    }
    return copy;
}

/* False, and @text stays empty, for what does not fit or is no text. */
static bool copy_text(amqp_bytes_t bytes, char *text, size_t size_bytes)
{
    if (bytes.len == 0 || bytes.len >= size_bytes || !utf8_valid(bytes.bytes, bytes.len))
        return false;
    memcpy(text, bytes.bytes, bytes.len);
    text[bytes.len] = '\0';
    return true;
}

amqp_bytes_t amqp_header_text(const amqp_basic_properties_t *properties, const char *name)
{
    const amqp_field_value_t *value = amqp_header(properties, name);

    if (!value || (value->kind != AMQP_FIELD_KIND_UTF8 && value->kind != AMQP_FIELD_KIND_BYTES))
        return amqp_empty_bytes;
    return value->value.bytes;
}

/* RabbitMQ picks the width of an integer by its value. */
int64_t amqp_header_number(const amqp_basic_properties_t *properties, const char *name,
                           int64_t absent)
{
    const amqp_field_value_t *value = amqp_header(properties, name);

    if (!value)
        return absent;
    switch (value->kind) {
    case AMQP_FIELD_KIND_I8:
        return value->value.i8;
    case AMQP_FIELD_KIND_U8:
        return value->value.u8;
    case AMQP_FIELD_KIND_I16:
        return value->value.i16;
    case AMQP_FIELD_KIND_U16:
        return value->value.u16;
    case AMQP_FIELD_KIND_I32:
        return value->value.i32;
    case AMQP_FIELD_KIND_U32:
        return value->value.u32;
    case AMQP_FIELD_KIND_I64:
        return value->value.i64;
    case AMQP_FIELD_KIND_U64:
        return (int64_t)(value->value.u64 & INT64_MAX);
    default:
        return absent;
    }
}

static amqp_bytes_t property(const amqp_basic_properties_t *properties, amqp_flags_t flag,
                             amqp_bytes_t bytes)
{
    return properties->_flags & flag ? bytes : amqp_empty_bytes;
}

/* The first of the places that says anything decides, fitting or not. */
static bool read_name(const struct amqp_content *content, const amqp_basic_properties_t *properties,
                      struct envelope *envelope, struct error *error)
{
    const amqp_bytes_t places[] = {
        amqp_header_text(properties, "x-event-name"),
        amqp_header_text(properties, "cloudEvents_type"),
        amqp_header_text(properties, "cloudEvents:type"),
        property(properties, AMQP_BASIC_TYPE_FLAG, properties->type),
        amqp_text(content->routing_key),
    };

    for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
        if (places[i].len == 0)
            continue;
        if (copy_text(places[i], envelope->name, sizeof(envelope->name)))
            return true;
        return error_set(error, ERROR_INVALID,
                         "the name of the message is longer than %d bytes "
                         "or no text",
                         MESSAGE_NAME_BYTES - 1);
    }
    return error_set(error, ERROR_INVALID, "the message has no name");
}

static void read_source(const amqp_basic_properties_t *properties, struct envelope *envelope)
{
    char source[MESSAGE_SOURCE_BYTES + sizeof(CLOUD_EVENT_SOURCE)] = "";

    if (copy_text(property(properties, AMQP_BASIC_APP_ID_FLAG, properties->app_id),
                  envelope->source, sizeof(envelope->source)) ||
        !copy_text(amqp_header_text(properties, "cloudEvents_source"), source, sizeof(source)))
        return;
    if (strlen(cloud_event_service(source)) < sizeof(envelope->source))
        snprintf(envelope->source, sizeof(envelope->source), "%s", cloud_event_service(source));
}

/* The timestamp has seconds; cloudEvents_time says the milliseconds as well. */
static void read_time(const amqp_basic_properties_t *properties, struct envelope *envelope)
{
    char time[CLOCK_TEXT_BYTES] = "";

    if (copy_text(amqp_header_text(properties, "cloudEvents_time"), time, sizeof(time)) &&
        clock_parse(time, &envelope->time_ms))
        return;
    if (properties->_flags & AMQP_BASIC_TIMESTAMP_FLAG && properties->timestamp <= INT64_MAX / 1000)
        envelope->time_ms = (int64_t)properties->timestamp * 1000;
}

/* RabbitMQ 4 counts what was handed out and what failed apart, and its minor versions differ in which is which. */
static int64_t delivery_count(const amqp_basic_properties_t *properties)
{
    int64_t delivered = amqp_header_number(properties, "x-delivery-count", 0);
    int64_t acquired = amqp_header_number(properties, "x-acquired-count", 0);

    return delivered > acquired ? delivered : acquired;
}

static void read_rest(const amqp_basic_properties_t *properties, struct envelope *envelope,
                      struct amqp_facts *facts)
{
    facts->delivery_count = delivery_count(properties);
    facts->offset = amqp_header_number(properties, "x-stream-offset", -1);
    (void)copy_text(amqp_header_text(properties, AMQP_MARKER_HEADER), facts->marker,
                    sizeof(facts->marker));
    (void)copy_text(property(properties, AMQP_BASIC_MESSAGE_ID_FLAG, properties->message_id),
                    envelope->id, sizeof(envelope->id));
    (void)copy_text(amqp_header_text(properties, "cloudEvents_subject"), envelope->subject,
                    sizeof(envelope->subject));
    (void)copy_text(amqp_header_text(properties, "traceparent"), envelope->traceparent,
                    sizeof(envelope->traceparent));
    read_source(properties, envelope);
    read_time(properties, envelope);
}

/* Then the body is the whole event, and knows better than properties and headers. */
static bool is_structured(const amqp_basic_properties_t *properties)
{
    const amqp_bytes_t type =
        property(properties, AMQP_BASIC_CONTENT_TYPE_FLAG, properties->content_type);

    return type.len > 0 && cloud_event_is_structured(type.bytes, type.len);
}

static bool read_properties(const struct amqp_content *content, amqp_pool_t *pool,
                            struct envelope *envelope, struct amqp_facts *facts,
                            struct error *error)
{
    const amqp_basic_properties_t *properties = amqp_properties_decode(&content->properties, pool);

    if (!properties)
        return error_set(error, ERROR_INVALID, "the properties of the message make no sense");
    read_rest(properties, envelope, facts);
    if (!read_name(content, properties, envelope, error))
        return false;
    if (content->body_bytes > MESSAGE_BODY_BYTES_MAX)
        return error_set(error, ERROR_TOO_LARGE, "the body has %llu bytes, more than %d",
                         (unsigned long long)content->body_bytes, MESSAGE_BODY_BYTES_MAX);
    return !is_structured(properties) ||
           cloud_event_read(envelope->body, envelope->body_bytes, envelope, error);
}

bool amqp_message_read(const struct amqp_content *content, struct envelope *envelope,
                       struct amqp_facts *facts, struct error *error)
{
    amqp_pool_t pool;
    bool good;

    *envelope = (struct envelope){.body = content->body.data ? content->body.data : "",
                                  .body_bytes = content->body.size_bytes};
    *facts = (struct amqp_facts){.offset = -1};
    init_amqp_pool(&pool, POOL_BYTES);
    good = read_properties(content, &pool, envelope, facts, error);
    empty_amqp_pool(&pool);
    return good;
}

void amqp_message_id(const struct amqp_content *content, char id[MESSAGE_ID_BYTES])
{
    amqp_pool_t pool;
    const amqp_basic_properties_t *properties;

    id[0] = '\0';
    init_amqp_pool(&pool, POOL_BYTES);
    properties = amqp_properties_decode(&content->properties, &pool);
    if (properties)
        (void)copy_text(property(properties, AMQP_BASIC_MESSAGE_ID_FLAG, properties->message_id),
                        id, MESSAGE_ID_BYTES);
    empty_amqp_pool(&pool);
}
