#include "persistence/mongo/mongo_documents.h"

#include "base/json.h"
#include "base/memory.h"
#include "persistence/array.h"
#include "persistence/mongo/mongo_members.h"

#include <string.h>

static const struct mongo_member event_members[] = {
    MONGO_MEMBER("_id", MONGO_ID, MONGO_WRITTEN, struct event, id),
    MONGO_NUMBER("version", MONGO_INT64, MONGO_WRITTEN, struct event, version, 0, 1, INT64_MAX),
    MONGO_MEMBER("name", MONGO_TEXT, MONGO_WRITTEN, struct event, name),
    MONGO_MEMBER("location_id", MONGO_ID, MONGO_ABSENT, struct event, location_id),
    MONGO_MEMBER("hall", MONGO_TEXT, MONGO_ABSENT, struct event, hall),
    MONGO_NUMBER("capacity", MONGO_INT64, MONGO_NULL, struct event, capacity, CAPACITY_UNKNOWN, 0,
                 CAPACITY_MAX),
    MONGO_MEMBER("closed", MONGO_BOOL, MONGO_WRITTEN, struct event, closed),
    MONGO_NUMBER("duration", MONGO_INT64, MONGO_WRITTEN, struct event, duration_minutes, 0, 0,
                 INT64_MAX),
    MONGO_NUMBER("start", MONGO_INT64, MONGO_WRITTEN, struct event, start_s, 0, -SECONDS_MAX,
                 SECONDS_MAX),
    MONGO_NUMBER("end", MONGO_INT64, MONGO_WRITTEN, struct event, end_s, 0, -SECONDS_MAX,
                 SECONDS_MAX),
};
static const struct mongo_record event_record = MONGO_RECORD(event_members, struct event);

static const struct mongo_member location_members[] = {
    MONGO_MEMBER("_id", MONGO_ID, MONGO_WRITTEN, struct location, id),
    MONGO_NUMBER("version", MONGO_INT64, MONGO_WRITTEN, struct location, version, 0, 1, INT64_MAX),
    MONGO_MEMBER("name", MONGO_TEXT, MONGO_WRITTEN, struct location, name),
    MONGO_MEMBER("address", MONGO_TEXT, MONGO_WRITTEN, struct location, address),
    MONGO_MEMBER("country", MONGO_TEXT, MONGO_WRITTEN, struct location, country),
    MONGO_NUMBER("open", MONGO_INT64, MONGO_WRITTEN, struct location, open_hour, 0, 0, HOUR_MAX),
    MONGO_NUMBER("close", MONGO_INT64, MONGO_WRITTEN, struct location, close_hour, 0, 0, HOUR_MAX),
};
static const struct mongo_record location_record = MONGO_RECORD(location_members, struct location);

static const struct mongo_member hall_members[] = {
    MONGO_MEMBER("name", MONGO_TEXT, MONGO_WRITTEN, struct hall, name),
    MONGO_MEMBER("location", MONGO_TEXT, MONGO_WRITTEN, struct hall, location),
    MONGO_NUMBER("capacity", MONGO_INT64, MONGO_WRITTEN, struct hall, capacity, 0, 0, CAPACITY_MAX),
};
static const struct mongo_record hall_record = MONGO_RECORD(hall_members, struct hall);

static const struct mongo_member message_members[] = {
    MONGO_NUMBER("v", MONGO_INT64, MONGO_WRITTEN, struct outbox_message, version, 0, 1, INT64_MAX),
    MONGO_MEMBER("name", MONGO_TEXT, MONGO_WRITTEN, struct outbox_message, name),
    MONGO_NUMBER("at", MONGO_INT64, MONGO_WRITTEN, struct outbox_message, time_ms, 0, 0, INT64_MAX),
    MONGO_MEMBER("trace", MONGO_TEXT, MONGO_ABSENT, struct outbox_message, traceparent),
};
static const struct mongo_record message_record =
    MONGO_RECORD(message_members, struct outbox_message);

static const struct mongo_member sale_members[] = {
    MONGO_MEMBER("_id", MONGO_ID, MONGO_WRITTEN, struct sale_heard, event_id),
    MONGO_NUMBER("entry", MONGO_INT64, MONGO_WRITTEN, struct sale_heard, entry, 0, 0, INT64_MAX),
    MONGO_NUMBER("sold", MONGO_INT64, MONGO_WRITTEN, struct sale_heard, seats_sold, 0, 0,
                 INT64_MAX),
};
static const struct mongo_record sale_record = MONGO_RECORD(sale_members, struct sale_heard);

void mongo_event_append(bson_t *document, const struct event *event)
{
    mongo_record_append(document, &event_record, event);
    BSON_APPEND_BOOL(document, "removed", false);
}

void mongo_location_append(bson_t *document, const struct location *location)
{
    mongo_record_append(document, &location_record, location);
    mongo_records_append(document, "halls", &hall_record, location->halls, location->n_halls);
    BSON_APPEND_BOOL(document, "removed", false);
}

static void append_absent(bson_t *names, const struct mongo_record *record, const bson_t *members)
{
    for (size_t i = 0; i < record->n_members; i++) {
        const struct mongo_member *member = &record->members[i];

        if (member->none_is == MONGO_ABSENT && !bson_has_field(members, member->name))
            BSON_APPEND_BOOL(names, member->name, true);
    }
}

void mongo_event_append_absent(bson_t *names, const bson_t *members)
{
    append_absent(names, &event_record, members);
}

void mongo_location_append_absent(bson_t *names, const bson_t *members)
{
    append_absent(names, &location_record, members);
    if (!bson_has_field(members, "halls"))
        BSON_APPEND_BOOL(names, "halls", true);
}

/* The id belongs into every error, so that a person finds the document. */
static bool read_document(const bson_t *document, const char *what,
                          const struct mongo_record *record, void *value, struct error *error)
{
    struct object_id id = {0};
    bson_iter_t members;

    if (!mongo_document_id(document, &id, error))
        return error_wrap(error, "%s", what);
    bson_iter_init(&members, document);
    return mongo_record_read(&members, record, value, error) ||
           error_wrap(error, "%s %s", what, object_id_hex(&id).text);
}

bool mongo_event_read(const bson_t *document, struct event *event, struct error *error)
{
    struct event read = {0};

    if (!read_document(document, "event", &event_record, &read, error))
        return false;
    *event = read;
    return true;
}

static bool read_halls(const bson_t *document, struct location *location, struct error *error)
{
    struct mongo_items halls;

    if (!mongo_items_find(document, "halls", &halls, error))
        return false;
    if (halls.n_items > HALLS_MAX)
        return error_set(error, ERROR_CORRUPT, "%zu halls", halls.n_items);
    return location_make_halls(location, halls.n_items, error) &&
           mongo_items_read(&halls, &hall_record, location->halls, error);
}

bool mongo_location_read(const bson_t *document, struct location *location, struct error *error)
{
    CLEANUP(location_clear) struct location read = {0};

    if (!read_document(document, "location", &location_record, &read, error))
        return false;
    if (!read_halls(document, &read, error))
        return error_wrap(error, "location %s", object_id_hex(&read.id).text);
    *location = read;
    read = (struct location){0};
    return true;
}

bool mongo_document_is_removed(const bson_t *document)
{
    bson_iter_t found;

    return bson_iter_init_find(&found, document, "removed") && bson_iter_as_bool(&found);
}

bool mongo_document_is_bare(const bson_t *document)
{
    return mongo_document_is_removed(document) && !bson_has_field(document, "name");
}

bool mongo_document_id(const bson_t *document, struct object_id *id, struct error *error)
{
    bson_iter_t found;

    if (!bson_iter_init_find(&found, document, "_id") || !BSON_ITER_HOLDS_OID(&found))
        return error_set(error, ERROR_CORRUPT, "member _id is no object id");
    *id = mongo_id_of(&found);
    return true;
}

bool mongo_sale_read(const bson_t *document, struct sale_heard *sale, struct error *error)
{
    struct sale_heard read = {0};

    if (!read_document(document, "sale of event", &sale_record, &read, error))
        return false;
    *sale = read;
    return true;
}

/* ---- attempts ---- */

void mongo_token_append(bson_t *document, const struct object_id *token)
{
    bson_t array;

    BSON_APPEND_ARRAY_BEGIN(document, "w", &array);
    mongo_append_id(&array, "0", token);
    bson_append_array_end(document, &array);
}

bool mongo_document_holds_token(const bson_t *document, const struct object_id *token)
{
    bson_iter_t found;
    bson_iter_t tokens;
    struct object_id id;

    if (!bson_iter_init_find(&found, document, "w") || !BSON_ITER_HOLDS_ARRAY(&found) ||
        !bson_iter_recurse(&found, &tokens))
        return false;
    while (bson_iter_next(&tokens)) {
        if (!BSON_ITER_HOLDS_OID(&tokens))
            continue;
        id = mongo_id_of(&tokens);
        if (object_id_equal(&id, token))
            return true;
    }
    return false;
}

/* ---- outbox ---- */

static void append_message(bson_t *item, const struct outbox_message *message)
{
    mongo_record_append(item, &message_record, message);
    bson_append_utf8(item, "body", -1, message->body, (int)message->body_bytes);
}

void mongo_outbox_append(bson_t *document, const struct outbox_message *message)
{
    bson_t array;
    bson_t item;

    BSON_APPEND_ARRAY_BEGIN(document, "outbox", &array);
    BSON_APPEND_DOCUMENT_BEGIN(&array, "0", &item);
    append_message(&item, message);
    bson_append_document_end(&array, &item);
    bson_append_array_end(document, &array);
}

void outbox_list_clear(struct outbox_list *list)
{
    for (size_t i = 0; i < list->n_messages; i++)
        outbox_message_clear(&list->messages[i]);
    memory_free(list->messages);
    *list = (struct outbox_list){0};
}

static bool read_body(const bson_iter_t *item, struct outbox_message *message, struct error *error)
{
    bson_iter_t members = *item;
    const char *body;
    uint32_t length;

    if (!bson_iter_find(&members, "body") || !BSON_ITER_HOLDS_UTF8(&members))
        return error_set(error, ERROR_CORRUPT, "member body is no text");
    body = bson_iter_utf8(&members, &length);
    message->body = memory_copy(body, (size_t)length + 1, error);
    message->body_bytes = length;
    return message->body != NULL;
}

static bool read_message(const bson_iter_t *item, struct outbox_message *message,
                         struct error *error)
{
    bson_iter_t members;

    if (!BSON_ITER_HOLDS_DOCUMENT(item) || !bson_iter_recurse(item, &members))
        return error_set(error, ERROR_CORRUPT, "an outbox item is no document");
    return mongo_record_read(&members, &message_record, message, error) &&
           read_body(&members, message, error);
}

static bool add_messages(const struct outbox_message *like, const struct mongo_items *items,
                         struct outbox_list *list, struct error *error)
{
    struct outbox_message *messages = array_room(list->messages, list->n_messages, items->n_items,
                                                 &list->capacity, sizeof(*messages), error);
    bson_iter_t iter = items->iter;

    if (!messages)
        return false;
    list->messages = messages;
    while (bson_iter_next(&iter)) {
        struct outbox_message *message = &messages[list->n_messages];

        *message = *like;
        if (!read_message(&iter, message, error))
            return false;
        list->n_messages++;
    }
    return true;
}

bool mongo_outbox_read(const bson_t *document, enum outbox_kind kind, struct outbox_list *list,
                       struct error *error)
{
    struct outbox_message like = {.kind = kind};
    struct mongo_items items;

    if (!mongo_document_id(document, &like.subject, error) ||
        !mongo_items_find(document, "outbox", &items, error))
        return false;
    return items.n_items == 0 || add_messages(&like, &items, list, error) ||
           error_wrap(error, "outbox of %s", object_id_hex(&like.subject).text);
}

void mongo_said_append(bson_t *document, const struct outbox_message *message)
{
    bson_t item;

    BSON_APPEND_DOCUMENT_BEGIN(document, "said", &item);
    append_message(&item, message);
    bson_append_document_end(document, &item);
}

static bool read_version(const bson_t *document, struct outbox_message *message,
                         struct error *error)
{
    bson_iter_t found;

    if (!bson_iter_init_find(&found, document, "version") || !BSON_ITER_HOLDS_INT(&found))
        return error_set(error, ERROR_CORRUPT, "member version is not what it may be");
    message->version = bson_iter_as_int64(&found);
    return true;
}

/* What is there of another version was left by a program that knows nothing of it. */
static bool read_said(const bson_t *document, struct outbox_message *message, struct error *error)
{
    CLEANUP(outbox_message_clear) struct outbox_message read = *message;
    bson_iter_t found;

    if (!bson_iter_init_find(&found, document, "said"))
        return true;
    if (!read_message(&found, &read, error))
        return error_wrap(error, "said");
    if (read.version == message->version) {
        *message = read;
        read = (struct outbox_message){0};
    }
    return true;
}

bool mongo_said_read(const bson_t *document, enum outbox_kind kind, struct outbox_message *message,
                     struct error *error)
{
    CLEANUP(outbox_message_clear) struct outbox_message read = {.kind = kind};

    if (!mongo_document_id(document, &read.subject, error))
        return false;
    if (!read_version(document, &read, error) || !read_said(document, &read, error))
        return error_wrap(error, "%s", object_id_hex(&read.subject).text);
    *message = read;
    read = (struct outbox_message){0};
    return true;
}
