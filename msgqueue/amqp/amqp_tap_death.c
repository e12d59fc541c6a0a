#include "msgqueue/amqp/amqp_tap_death.h"

#include "base/utf8.h"

#include <string.h>

enum {
    POOL_BYTES = 4096
};

const amqp_field_value_t *amqp_tap_field(const amqp_table_t *table, const char *name, int kind)
{
    for (int i = 0; i < table->num_entries; i++) {
        const amqp_table_entry_t *entry = &table->entries[i];

        if (entry->value.kind == kind && entry->key.len == strlen(name) &&
            memcmp(entry->key.bytes, name, entry->key.len) == 0)
            return &entry->value;
    }
    return NULL;
}

static const amqp_field_value_t *first_of(const amqp_field_value_t *array, int kind)
{
    if (!array || array->kind != AMQP_FIELD_KIND_ARRAY || array->value.array.num_entries == 0 ||
        array->value.array.entries[0].kind != kind)
        return NULL;
    return &array->value.array.entries[0];
}

const amqp_table_t *amqp_tap_death(const amqp_basic_properties_t *properties)
{
    const amqp_field_value_t *latest =
        first_of(amqp_header(properties, "x-death"), AMQP_FIELD_KIND_TABLE);

    return latest ? &latest->value.table : NULL;
}

bool amqp_tap_is_named(const amqp_basic_properties_t *properties)
{
    return amqp_header_text(properties, "x-event-name").len ||
           amqp_header_text(properties, "cloudEvents_type").len ||
           amqp_header_text(properties, "cloudEvents:type").len ||
           (properties->_flags & AMQP_BASIC_TYPE_FLAG && properties->type.len);
}

amqp_bytes_t amqp_tap_death_key(const amqp_basic_properties_t *properties)
{
    const amqp_table_t *death = amqp_tap_death(properties);
    const amqp_field_value_t *key;

    if (!death || amqp_tap_is_named(properties))
        return amqp_empty_bytes;
    key = first_of(amqp_tap_field(death, "routing-keys", AMQP_FIELD_KIND_ARRAY),
                   AMQP_FIELD_KIND_UTF8);
    return key ? key->value.bytes : amqp_empty_bytes;
}

static void correct_name(const struct amqp_content *content,
                         const amqp_basic_properties_t *properties, const char *queue,
                         char name[MESSAGE_NAME_BYTES])
{
    amqp_bytes_t key = amqp_tap_death_key(properties);

    if (!key.len && (amqp_tap_is_named(properties) || strcmp(content->routing_key, queue) != 0))
        return;
    name[0] = '\0';
    if (key.len && key.len < MESSAGE_NAME_BYTES && utf8_valid(key.bytes, key.len)) {
        memcpy(name, key.bytes, key.len);
        name[key.len] = '\0';
    }
}

void amqp_tap_death_name(const struct amqp_content *content, const char *queue,
                         char name[MESSAGE_NAME_BYTES])
{
    const amqp_basic_properties_t *properties;
    amqp_pool_t pool;

    init_amqp_pool(&pool, POOL_BYTES);
    properties = amqp_properties_decode(&content->properties, &pool);
    if (properties)
        correct_name(content, properties, queue, name);
    empty_amqp_pool(&pool);
}
