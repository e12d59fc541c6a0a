/* Headers of a tapped message as JSON, and what they say about its parking. */
#include "msgqueue/amqp/amqp_tap_death.h"
#include "msgqueue/queue_tap.h"

#include <stdio.h>
#include <string.h>

enum {
    POOL_BYTES = 4096,
    NAME_BYTES = 256,
    TEXT_BYTES_MAX = 256 * 1024,
    DEPTH_MAX = 8, /* of tables in tables; what lies deeper is left out */
};

static void write_value(const char *name, const amqp_field_value_t *value, int depth,
                        struct json_writer *writer);

/* The writer wants a terminated text; a NUL inside becomes what bad UTF-8 becomes. */
static void write_text(const char *name, amqp_bytes_t bytes, struct json_writer *writer)
{
    CLEANUP(buffer_clear) struct buffer text = {0};

    buffer_init(&text, TEXT_BYTES_MAX);
    buffer_append(&text, bytes.bytes, bytes.len);
    for (size_t i = 0; i < text.size_bytes; i++) {
        if (!text.data[i])
            text.data[i] = '\xFF';
    }
    json_put_text(writer, name, text.size_bytes ? text.data : "");
}

/* Numbers that our JSON has no word for become texts. */
static void write_real(const char *name, double number, struct json_writer *writer)
{
    char text[40];

    snprintf(text, sizeof(text), "%.17g", number);
    json_put_text(writer, name, text);
}

static void write_array(const char *name, const amqp_array_t *array, int depth,
                        struct json_writer *writer)
{
    json_open_array(writer, name);
    for (int i = 0; i < array->num_entries; i++)
        write_value(NULL, &array->entries[i], depth + 1, writer);
    json_close_array(writer);
}

static void write_entry(const amqp_table_entry_t *entry, int depth, struct json_writer *writer)
{
    char name[NAME_BYTES];

    snprintf(name, sizeof(name), "%.*s", (int)entry->key.len, (const char *)entry->key.bytes);
    write_value(name, &entry->value, depth, writer);
}

static void write_table(const char *name, const amqp_table_t *table, int depth,
                        struct json_writer *writer)
{
    json_open_object(writer, name);
    for (int i = 0; i < table->num_entries; i++)
        write_entry(&table->entries[i], depth + 1, writer);
    json_close_object(writer);
}

static bool write_integer(const char *name, const amqp_field_value_t *value,
                          struct json_writer *writer)
{
    amqp_table_entry_t entry = {.key = amqp_text("it"), .value = *value};
    const amqp_basic_properties_t properties = {._flags = AMQP_BASIC_HEADERS_FLAG,
                                                .headers = {1, &entry}};
    int64_t number = amqp_header_number(&properties, "it", INT64_MIN);

    if (number == INT64_MIN)
        return false;
    json_put_integer(writer, name, number);
    return true;
}

static void write_value(const char *name, const amqp_field_value_t *value, int depth,
                        struct json_writer *writer)
{
    if (write_integer(name, value, writer))
        return;
    if (depth > DEPTH_MAX) {
        json_put_null(writer, name);
        return;
    }
    switch (value->kind) {
    case AMQP_FIELD_KIND_UTF8:
    case AMQP_FIELD_KIND_BYTES:
        write_text(name, value->value.bytes, writer);
        return;
    case AMQP_FIELD_KIND_BOOLEAN:
        json_put_bool(writer, name, value->value.boolean);
        return;
    case AMQP_FIELD_KIND_TIMESTAMP:
        json_put_integer(writer, name, (int64_t)(value->value.u64 & INT64_MAX));
        return;
    case AMQP_FIELD_KIND_F32:
        write_real(name, (double)value->value.f32, writer);
        return;
    case AMQP_FIELD_KIND_F64:
        write_real(name, value->value.f64, writer);
        return;
    case AMQP_FIELD_KIND_ARRAY:
        write_array(name, &value->value.array, depth, writer);
        return;
    case AMQP_FIELD_KIND_TABLE:
        write_table(name, &value->value.table, depth, writer);
        return;
    default:
        json_put_null(writer, name);
        return;
    }
}

static bool key_is(const amqp_table_entry_t *entry, const char *name)
{
    return entry->key.len == strlen(name) && memcmp(entry->key.bytes, name, entry->key.len) == 0;
}

/* Whether @entry is the broker's note, or what we ourselves would write from the envelope. */
static bool says_nothing(const amqp_table_entry_t *entry, const struct amqp_outgoing *outgoing)
{
    const amqp_field_value_t *value = &entry->value;

    if (key_is(entry, "x-stream-offset") || key_is(entry, "x-delivery-count") ||
        key_is(entry, "x-acquired-count"))
        return true;
    for (int i = 0; i < outgoing->properties.headers.num_entries; i++) {
        const amqp_table_entry_t *ours = &outgoing->headers[i];
        const amqp_bytes_t *bytes = &ours->value.value.bytes;

        if (ours->key.len == entry->key.len &&
            memcmp(ours->key.bytes, entry->key.bytes, entry->key.len) == 0)
            return value->kind == AMQP_FIELD_KIND_UTF8 && value->value.bytes.len == bytes->len &&
                   memcmp(value->value.bytes.bytes, bytes->bytes, bytes->len) == 0;
    }
    return false;
}

static void write_headers(const struct tapped *message, const amqp_basic_properties_t *properties,
                          bool all, struct json_writer *writer)
{
    const amqp_table_t *headers = &properties->headers;
    struct amqp_outgoing outgoing;

    amqp_outgoing_init(&outgoing, &message->envelope);
    for (int i = 0; i < headers->num_entries; i++) {
        if (all || !says_nothing(&headers->entries[i], &outgoing))
            write_entry(&headers->entries[i], 0, writer);
    }
}

void tapped_write_headers(const struct tapped *message, const char *name, bool all,
                          struct json_writer *writer)
{
    const amqp_basic_properties_t *properties;
    amqp_pool_t pool;

    init_amqp_pool(&pool, POOL_BYTES);
    properties = amqp_properties_decode(&message->content->properties, &pool);
    json_open_object(writer, name);
    if (properties && properties->_flags & AMQP_BASIC_HEADERS_FLAG)
        write_headers(message, properties, all, writer);
    json_close_object(writer);
    empty_amqp_pool(&pool);
}

/* ---- parking ---- */

static void copy(amqp_bytes_t bytes, char text[TAPPED_TEXT_BYTES])
{
    snprintf(text, TAPPED_TEXT_BYTES, "%.*s", (int)bytes.len, (const char *)bytes.bytes);
    utf8_cut(text);
}

static void read_death(const amqp_table_t *death, struct tapped_parking *parking)
{
    const amqp_field_value_t *reason = amqp_tap_field(death, "reason", AMQP_FIELD_KIND_UTF8);
    const amqp_field_value_t *time = amqp_tap_field(death, "time", AMQP_FIELD_KIND_TIMESTAMP);
    char text[CLOCK_TEXT_BYTES];

    snprintf(parking->by, sizeof(parking->by), "broker");
    if (reason)
        copy(reason->value.bytes, parking->reason);
    if (time) {
        clock_format((int64_t)(time->value.u64 % (INT64_MAX / 1000)) * 1000, text);
        snprintf(parking->at, sizeof(parking->at), "%s", text);
    }
}

static void read_parking(const amqp_basic_properties_t *properties, struct tapped_parking *parking)
{
    const amqp_table_t *death = amqp_tap_death(properties);

    parking->n_attempts = amqp_header_number(properties, "x-parked-count", 0);
    parking->n_redriven = amqp_header_number(properties, "x-redriven", 0);
    copy(amqp_header_text(properties, "x-parked-reason"), parking->reason);
    copy(amqp_header_text(properties, "x-parked-by"), parking->by);
    copy(amqp_header_text(properties, "x-parked-at"), parking->at);
    if (!*parking->reason && death)
        read_death(death, parking);
}

void tapped_read_parking(const struct tapped *message, struct tapped_parking *parking)
{
    const amqp_basic_properties_t *properties;
    amqp_pool_t pool;

    *parking = (struct tapped_parking){0};
    init_amqp_pool(&pool, POOL_BYTES);
    properties = amqp_properties_decode(&message->content->properties, &pool);
    if (properties)
        read_parking(properties, parking);
    empty_amqp_pool(&pool);
}
