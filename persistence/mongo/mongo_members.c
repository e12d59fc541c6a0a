#include "persistence/mongo/mongo_members.h"

#include "base/json.h"

#include <assert.h>
#include <string.h>

void mongo_append_id(bson_t *document, const char *name, const struct object_id *id)
{
    bson_oid_t oid;

    memcpy(oid.bytes, id->bytes, sizeof(oid.bytes));
    BSON_APPEND_OID(document, name, &oid);
}

struct object_id mongo_id_of(const bson_iter_t *iter)
{
    struct object_id id;

    memcpy(id.bytes, bson_iter_oid(iter)->bytes, sizeof(id.bytes));
    return id;
}

/* ---- writing ---- */

static int64_t number_at(const struct mongo_member *member, const void *place)
{
    int32_t small;
    int64_t number;

    if (member->type == MONGO_INT32) {
        memcpy(&small, place, sizeof(small));
        return small;
    }
    memcpy(&number, place, sizeof(number));
    return number;
}

static bool is_none(const struct mongo_member *member, const void *place)
{
    switch (member->type) {
    case MONGO_ID:
        return object_id_is_none(place);
    case MONGO_TEXT:
        return *(const char *)place == '\0';
    case MONGO_BOOL:
        return !*(const bool *)place;
    case MONGO_INT32:
    case MONGO_INT64:
    case MONGO_UINT64:
        break;
    }
    return number_at(member, place) == member->none;
}

static void append_value(bson_t *document, const struct mongo_member *member, const void *place)
{
    switch (member->type) {
    case MONGO_ID:
        mongo_append_id(document, member->name, place);
        break;
    case MONGO_TEXT:
        BSON_APPEND_UTF8(document, member->name, place);
        break;
    case MONGO_BOOL:
        BSON_APPEND_BOOL(document, member->name, *(const bool *)place);
        break;
    case MONGO_INT32:
        BSON_APPEND_INT32(document, member->name, *(const int32_t *)place);
        break;
    case MONGO_INT64:
    case MONGO_UINT64:
        BSON_APPEND_INT64(document, member->name, number_at(member, place));
        break;
    }
}

void mongo_record_append(bson_t *document, const struct mongo_record *record, const void *value)
{
    for (size_t i = 0; i < record->n_members; i++) {
        const struct mongo_member *member = &record->members[i];
        const void *place = (const char *)value + member->offset;

        if (member->none_is == MONGO_WRITTEN || !is_none(member, place))
            append_value(document, member, place);
        else if (member->none_is == MONGO_NULL)
            BSON_APPEND_NULL(document, member->name);
    }
}

/* Without items there is no array either: partial indexes are on the documents that have one. */
void mongo_records_append(bson_t *document, const char *name, const struct mongo_record *record,
                          const void *values, size_t n_values)
{
    const char *key;
    char digits[16];
    bson_t array;
    bson_t item;

    if (n_values == 0)
        return;
    BSON_APPEND_ARRAY_BEGIN(document, name, &array);
    for (size_t i = 0; i < n_values; i++) {
        size_t length = bson_uint32_to_string((uint32_t)i, &key, digits, sizeof(digits));

        bson_append_document_begin(&array, key, (int)length, &item);
        mongo_record_append(&item, record, (const char *)values + i * record->size_bytes);
        bson_append_document_end(&array, &item);
    }
    bson_append_array_end(document, &array);
}

/* ---- reading ---- */

static void set_number(const struct mongo_member *member, int64_t number, void *place)
{
    int32_t small = (int32_t)number;

    if (member->type == MONGO_INT32)
        memcpy(place, &small, sizeof(small));
    else
        memcpy(place, &number, sizeof(number));
}

static void set_none(const struct mongo_member *member, void *place)
{
    switch (member->type) {
    case MONGO_ID:
        *(struct object_id *)place = (struct object_id){0};
        break;
    case MONGO_TEXT:
        *(char *)place = '\0';
        break;
    case MONGO_BOOL:
        *(bool *)place = false;
        break;
    case MONGO_INT32:
    case MONGO_INT64:
    case MONGO_UINT64:
        set_number(member, member->none, place);
        break;
    }
}

static bool read_text(const bson_iter_t *iter, const struct mongo_member *member, void *place)
{
    uint32_t length;
    const char *text = bson_iter_utf8(iter, &length);

    if (length >= member->size_bytes || !utf8_valid(text, length))
        return false;
    memcpy(place, text, length);
    ((char *)place)[length] = '\0';
    return true;
}

/* A shell writes small numbers as int32, so both widths are read. */
static bool read_number(const bson_iter_t *iter, const struct mongo_member *member, void *place)
{
    int64_t number = bson_iter_as_int64(iter);

    if (!BSON_ITER_HOLDS_INT(iter))
        return false;
    if (member->type != MONGO_UINT64 && (number < member->min || number > member->max))
        return false;
    set_number(member, number, place);
    return true;
}

static bool read_value(const bson_iter_t *iter, const struct mongo_member *member, void *place)
{
    switch (member->type) {
    case MONGO_ID:
        if (!BSON_ITER_HOLDS_OID(iter))
            return false;
        *(struct object_id *)place = mongo_id_of(iter);
        return true;
    case MONGO_TEXT:
        return BSON_ITER_HOLDS_UTF8(iter) && read_text(iter, member, place);
    case MONGO_BOOL:
        if (!BSON_ITER_HOLDS_BOOL(iter))
            return false;
        *(bool *)place = bson_iter_bool(iter);
        return true;
    case MONGO_INT32:
    case MONGO_INT64:
    case MONGO_UINT64:
        break;
    }
    return read_number(iter, member, place);
}

static bool read_member(const bson_iter_t *iter, const struct mongo_member *member, void *place,
                        struct error *error)
{
    if (member->none_is == MONGO_NULL && BSON_ITER_HOLDS_NULL(iter)) {
        set_none(member, place);
        return true;
    }
    if (!read_value(iter, member, place))
        return error_set(error, ERROR_CORRUPT, "member %s is not what it may be", member->name);
    return true;
}

/* The row of @name, looked for from @next on: documents come in the order they were written. */
static size_t row_of(const struct mongo_record *record, size_t next, const char *name)
{
    for (size_t i = 0; i < record->n_members; i++) {
        size_t row = (next + i) % record->n_members;

        if (strcmp(record->members[row].name, name) == 0)
            return row;
    }
    return record->n_members;
}

static bool check_missing(const struct mongo_record *record, uint32_t seen, void *value,
                          struct error *error)
{
    for (size_t i = 0; i < record->n_members; i++) {
        const struct mongo_member *member = &record->members[i];

        if (seen & UINT32_C(1) << i)
            continue;
        if (member->none_is != MONGO_ABSENT)
            return error_set(error, ERROR_CORRUPT, "member %s is missing", member->name);
        set_none(member, (char *)value + member->offset);
    }
    return true;
}

bool mongo_record_read(const bson_iter_t *document, const struct mongo_record *record, void *value,
                       struct error *error)
{
    bson_iter_t iter = *document;
    uint32_t seen = 0;
    size_t next = 0;

    assert(record->n_members <= MONGO_MEMBERS_MAX);
    while (bson_iter_next(&iter)) {
        size_t row = row_of(record, next, bson_iter_key(&iter));
        const struct mongo_member *member = &record->members[row];

        if (row == record->n_members)
            continue;
        if (seen & UINT32_C(1) << row)
            return error_set(error, ERROR_CORRUPT, "member %s is there twice", member->name);
        if (!read_member(&iter, member, (char *)value + member->offset, error))
            return false;
        seen |= UINT32_C(1) << row;
        next = row + 1;
    }
    return check_missing(record, seen, value, error);
}

bool mongo_items_find(const bson_t *document, const char *name, struct mongo_items *items,
                      struct error *error)
{
    struct mongo_items found = {.name = name};
    bson_iter_t array;
    bson_iter_t count;

    if (bson_iter_init_find(&array, document, name)) {
        if (!BSON_ITER_HOLDS_ARRAY(&array) || !bson_iter_recurse(&array, &found.iter))
            return error_set(error, ERROR_CORRUPT, "member %s is no array", name);
        count = found.iter;
        while (bson_iter_next(&count))
            found.n_items++;
    }
    *items = found;
    return true;
}

bool mongo_items_read(const struct mongo_items *items, const struct mongo_record *record,
                      void *values, struct error *error)
{
    bson_iter_t iter = items->iter;
    bson_iter_t members;

    for (size_t i = 0; i < items->n_items && bson_iter_next(&iter); i++) {
        if (!BSON_ITER_HOLDS_DOCUMENT(&iter) || !bson_iter_recurse(&iter, &members))
            return error_set(error, ERROR_CORRUPT, "%s[%zu] is no document", items->name, i);
        if (!mongo_record_read(&members, record, (char *)values + i * record->size_bytes, error))
            return error_wrap(error, "%s[%zu]", items->name, i);
    }
    return true;
}
