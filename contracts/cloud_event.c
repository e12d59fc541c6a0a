#include "contracts/cloud_event.h"

#include "base/clock.h"
#include "base/json.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define MEDIA_TYPE "application/cloudevents+json"

bool cloud_event_is_structured(const char *content_type, size_t size_bytes)
{
    size_t length = strlen(MEDIA_TYPE);

    return size_bytes >= length && strncasecmp(content_type, MEDIA_TYPE, length) == 0 &&
           (size_bytes == length || content_type[length] == ';' || content_type[length] == ' ');
}

const char *cloud_event_service(const char *source)
{
    size_t length = strlen(CLOUD_EVENT_SOURCE);

    return strncmp(source, CLOUD_EVENT_SOURCE, length) == 0 ? source + length : source;
}

/* ---- where data stands in the text, which the strict reader has taken ---- */

static const char *skip_space(const char *at)
{
    return at + strspn(at, " \t\r\n");
}

/* Behind the closing quote of a text that begins at @at. */
static const char *skip_text(const char *at)
{
    for (at++; *at != '"'; at++)
        at += *at == '\\';
    return at + 1;
}

static const char *skip_value(const char *at)
{
    size_t depth = 0;

    if (*at != '{' && *at != '[')
        return *at == '"' ? skip_text(at) : at + strcspn(at, ",}] \t\r\n");
    do {
        if (*at == '"') {
            at = skip_text(at);
            continue;
        }
        depth += *at == '{' || *at == '[';
        depth -= *at == '}' || *at == ']';
        at++;
    } while (depth > 0);
    return at;
}

/* The bytes of the member @name of the object that @text is; NULL when there is none. */
static const char *find_member(const char *text, const char *name, size_t *size_bytes)
{
    const char *at = skip_space(skip_space(text) + 1);
    size_t length = strlen(name);

    while (*at == '"') {
        const char *end = skip_text(at);
        const char *value = skip_space(skip_space(end) + 1);
        const char *next = skip_value(value);

        if ((size_t)(end - at) == length + 2 && memcmp(at + 1, name, length) == 0) {
            *size_bytes = (size_t)(next - value);
            return value;
        }
        at = skip_space(next);
        at = skip_space(at + (*at == ','));
    }
    return NULL;
}

/* ---- attributes ---- */

enum {
    VERSION_BYTES = 8,
    TEXT_BYTES_MAX = 1024 /* of an attribute that we want to look at */
};

static bool check_version(const struct json *event, struct error *error)
{
    char version[VERSION_BYTES] = "";

    if (!json_get_text(event, "", "specversion", JSON_REQUIRED, 1, VERSION_BYTES - 1, version,
                       sizeof(version), error))
        return false;
    return strncmp(version, "1.", 2) == 0 ||
           error_set(error, ERROR_UNSUPPORTED, "version %s of CloudEvents is not known", version);
}

/* What is longer than @text of @size_bytes is empty there. */
static bool get_text(const struct json *event, const char *name, enum json_need need, char *text,
                     size_t size_bytes, struct error *error)
{
    char read[TEXT_BYTES_MAX];

    if (!json_member(event, name) && need == JSON_OPTIONAL)
        return true;
    if (!json_get_text(event, "", name, JSON_REQUIRED, 1, TEXT_BYTES_MAX / 4 - 1, read,
                       sizeof(read), error))
        return false;
    if (strcmp(name, "source") == 0)
        memmove(read, cloud_event_service(read), strlen(cloud_event_service(read)) + 1);
    snprintf(text, size_bytes, "%s", strlen(read) < size_bytes ? read : "");
    return true;
}

static bool get_name(const struct json *event, struct envelope *read, struct error *error)
{
    if (!get_text(event, "type", JSON_REQUIRED, read->name, sizeof(read->name), error))
        return false;
    return *read->name || error_detail(error, "/type", "is longer than a name may be");
}

static bool get_time(const struct json *event, struct envelope *read, struct error *error)
{
    char time[TEXT_BYTES_MAX] = "";

    if (!get_text(event, "time", JSON_OPTIONAL, time, sizeof(time), error))
        return false;
    return !*time || clock_parse(time, &read->time_ms) ||
           error_detail(error, "/time", "must be a time as RFC 3339 writes it");
}

static bool get_attributes(const struct json *event, struct envelope *read, struct error *error)
{
    bool fine = get_name(event, read, error);

    fine &= get_text(event, "id", JSON_REQUIRED, read->id, sizeof(read->id), error);
    fine &= get_text(event, "source", JSON_REQUIRED, read->source, sizeof(read->source), error);
    fine &= get_text(event, "subject", JSON_OPTIONAL, read->subject, sizeof(read->subject), error);
    fine &= get_text(event, "traceparent", JSON_OPTIONAL, read->traceparent,
                     sizeof(read->traceparent), error);
    fine &= get_time(event, read, error);
    return fine;
}

static bool read_event(const char *text, const struct json *event, struct envelope *read,
                       struct error *error)
{
    if (!json_is_object(event))
        return error_detail(error, "", "must be an object");
    if (!check_version(event, error) || !get_attributes(event, read, error))
        return false;
    read->body = find_member(text, "data", &read->body_bytes);
    if (read->body)
        return true;
    return error_detail(error, "/data",
                        json_member(event, "data_base64") ? "is JSON here, not data_base64"
                                                          : "is missing");
}

bool cloud_event_read(const char *text, size_t size_bytes, struct envelope *envelope,
                      struct error *error)
{
    CLEANUP(json_freep) struct json *event = NULL;
    struct envelope read = *envelope;

    if (!json_parse(text, size_bytes, &event, error) || !read_event(text, event, &read, error))
        return error_wrap(error, "reading a structured CloudEvent");
    *envelope = read;
    return true;
}
