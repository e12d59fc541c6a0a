#include "tools/messages/message_line.h"

#include "base/base64.h"
#include "base/clock.h"
#include "base/object_id.h"
#include "tools/messages/raw_member.h"

#include <stdio.h>
#include <string.h>

enum {
    HEADERS_BYTES_MAX = 1024 * 1024,
    HEADER_NAME_BYTES_MAX = 255 /* of a longer one librabbitmq writes a wrong length */
};

/* ---- writing ---- */

static void put_known(struct json_writer *writer, const char *name, const char *text)
{
    if (*text)
        json_put_text(writer, name, text);
}

static void put_headers(const struct tapped *message, struct json_writer *writer)
{
    CLEANUP(buffer_clear) struct buffer headers = {0};
    struct json_writer own = JSON_WRITER(&headers);

    buffer_init(&headers, HEADERS_BYTES_MAX);
    tapped_write_headers(message, NULL, false, &own);
    if (buffer_ok(&headers, NULL) && strcmp(headers.data, "{}") != 0)
        tapped_write_headers(message, "headers", false, writer);
}

/* Whether the body can stand in a line as it is. In an array it is as deep as it will be in the line. */
static bool is_json(const struct envelope *envelope)
{
    CLEANUP(buffer_clear) struct buffer text = {0};
    CLEANUP(json_freep) struct json *array = NULL;

    if (!envelope->body_bytes || memchr(envelope->body, '\n', envelope->body_bytes) ||
        memchr(envelope->body, '\r', envelope->body_bytes))
        return false;
    buffer_init(&text, envelope->body_bytes + 2);
    buffer_char(&text, '[');
    buffer_append(&text, envelope->body, envelope->body_bytes);
    buffer_char(&text, ']');
    return buffer_ok(&text, NULL) && json_parse(text.data, text.size_bytes, &array, NULL) &&
           json_size(array) == 1;
}

static void put_body(const struct envelope *envelope, struct buffer *line)
{
    if (is_json(envelope)) {
        buffer_text(line, ",\"body\":");
        buffer_append(line, envelope->body, envelope->body_bytes);
    } else {
        buffer_text(line, ",\"body_base64\":\"");
        base64_write(envelope->body, envelope->body_bytes, line);
        buffer_char(line, '"');
    }
}

void message_line_write(const struct tapped *message, struct buffer *line)
{
    const struct envelope *envelope = &message->envelope;
    struct json_writer writer = JSON_WRITER(line);
    char time[CLOCK_TEXT_BYTES];

    json_open_object(&writer, NULL);
    if (message->offset >= 0)
        json_put_integer(&writer, "offset", message->offset);
    json_put_text(&writer, "name", envelope->name);
    put_known(&writer, "id", envelope->id);
    if (envelope->time_ms) {
        clock_format(envelope->time_ms, time);
        json_put_text(&writer, "time", time);
    }
    put_known(&writer, "subject", envelope->subject);
    put_known(&writer, "source", envelope->source);
    put_known(&writer, "traceparent", envelope->traceparent);
    put_headers(message, &writer);
    if (message->is_whole)
        put_body(envelope, line);
    else
        json_put_integer(&writer, "body_bytes", (int64_t)message->size_bytes);
    json_close_object(&writer);
    buffer_char(line, '\n');
}

/* ---- reading ---- */

static void read_text(const struct json *object, const char *name, char *text, size_t size_bytes,
                      struct error *error)
{
    (void)json_get_text(object, "", name, JSON_OPTIONAL, 0, size_bytes - 1, text, size_bytes,
                        error);
}

static void read_time(const struct json *object, int64_t *time_ms, struct error *error)
{
    char time[CLOCK_TEXT_BYTES] = "";

    *time_ms = clock_wall_ms();
    read_text(object, "time", time, sizeof(time), error);
    if (*time && !clock_parse(time, time_ms))
        error_detail(error, "/time", "must be a time such as 2026-11-21T09:30:00Z");
}

static void read_envelope(const struct json *object, struct envelope *envelope, struct error *error)
{
    struct object_id id = object_id_random();

    snprintf(envelope->id, sizeof(envelope->id), "%s", object_id_hex(&id).text);
    (void)json_get_text(object, "", "name", JSON_REQUIRED, 1, MESSAGE_NAME_BYTES - 1,
                        envelope->name, sizeof(envelope->name), error);
    (void)json_get_text(object, "", "id", JSON_OPTIONAL, 1, MESSAGE_ID_BYTES - 1, envelope->id,
                        sizeof(envelope->id), error);
    read_text(object, "subject", envelope->subject, sizeof(envelope->subject), error);
    read_text(object, "source", envelope->source, sizeof(envelope->source), error);
    read_text(object, "traceparent", envelope->traceparent, sizeof(envelope->traceparent), error);
    read_time(object, &envelope->time_ms, error);
}

/* False for what no header of ours can be: tables and arrays, such as the broker's own notes. */
static bool read_header(const struct json *headers, const struct json *member,
                        struct queue_header *header)
{
    struct error ignored = {0};
    bool flag = false;

    *header = (struct queue_header){.name = json_name(member), .text = json_text(member)};
    if (header->text)
        return true;
    header->kind = QUEUE_HEADER_NUMBER;
    if (json_integer(member, &header->number))
        return true;
    header->kind = QUEUE_HEADER_FLAG;
    if (json_is_null(member) ||
        !json_get_bool(headers, "", header->name, JSON_OPTIONAL, &flag, &ignored))
        return false;
    header->number = flag;
    return true;
}

static void read_headers(const struct json *object, struct message_line *line, struct error *error)
{
    const struct json *headers = json_member(object, "headers");
    size_t n = headers ? json_size(headers) : 0;

    if (!headers)
        return;
    if (!json_is_object(headers) || n > QUEUE_HEADERS_MAX) {
        error_detail(error, "/headers", "must be an object of at most %d members",
                     QUEUE_HEADERS_MAX);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        const struct json *member = json_item(headers, i);

        if (strlen(json_name(member)) > HEADER_NAME_BYTES_MAX)
            error_detail(error, "/headers", "a name must have at most %d bytes",
                         HEADER_NAME_BYTES_MAX);
        line->n_headers += read_header(headers, member, &line->headers[line->n_headers]);
    }
}

static void read_base64(const char *text, struct message_line *line, struct error *error)
{
    struct error reason = {0};

    if (!text || !base64_read(text, &line->bytes, &reason)) {
        error_detail(error, "/body_base64", "must be base64");
        return;
    }
    line->envelope.body = line->bytes.size_bytes ? line->bytes.data : "";
    line->envelope.body_bytes = line->bytes.size_bytes;
}

static void read_body(const char *text, const struct json *object, struct message_line *line,
                      struct error *error)
{
    const struct json *encoded = json_member(object, "body_base64");
    struct envelope *envelope = &line->envelope;
    bool raw = raw_member(text, "body", &envelope->body, &envelope->body_bytes);

    if (encoded && !raw)
        read_base64(json_text(encoded), line, error);
    else if (encoded || !raw)
        error_detail(error, "/body", "must be there, or else body_base64");
}

bool message_line_read(const char *text, size_t size_bytes, struct message_line *line,
                       struct error *error)
{
    struct error bad = {0};

    *line = (struct message_line){0};
    buffer_init(&line->bytes, QUEUE_TAP_BODY_BYTES_MAX);
    if (!json_parse(text, size_bytes, &line->document, error))
        return false;
    if (!json_is_object(line->document))
        return error_set(error, ERROR_INVALID, "must be a JSON object");
    read_envelope(line->document, &line->envelope, &bad);
    read_headers(line->document, line, &bad);
    read_body(text, line->document, line, &bad);
    if (!bad.code)
        return true;
    *error = bad;
    return false;
}

void message_line_clear(struct message_line *line)
{
    json_free(line->document);
    buffer_clear(&line->bytes);
    *line = (struct message_line){0};
}
