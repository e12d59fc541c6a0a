#include "base/json.h"
#include "base/json_escape.h"

#include <stdio.h>
#include <string.h>

static bool is_plain(char character)
{
    return character >= 0x20 && character < 0x7F && character != '"' && character != '\\';
}

size_t json_plain_run(const char *text)
{
    size_t length = 0;

    while (is_plain(text[length]))
        length++;
    return length;
}

/* The letter behind the backslash; 0 for characters without one. */
static char short_escape(uint32_t character)
{
    switch (character) {
    case '"':
    case '\\':
        return (char)character;
    case '\b':
        return 'b';
    case '\f':
        return 'f';
    case '\n':
        return 'n';
    case '\r':
        return 'r';
    case '\t':
        return 't';
    default:
        return '\0';
    }
}

static bool is_control(uint32_t character)
{
    return character < 0x20 || (character >= 0x7F && character < 0xA0);
}

size_t json_escape(const char *text, char escaped[JSON_ESCAPED_BYTES], size_t *n_escaped)
{
    uint32_t character = 0;
    size_t length = utf8_decode(text, strnlen(text, 4), &character);
    char letter = short_escape(character);

    if (length == 0) {
        *n_escaped = (size_t)snprintf(escaped, JSON_ESCAPED_BYTES, "\\ufffd");
        return 1;
    }
    if (letter) {
        *n_escaped = (size_t)snprintf(escaped, JSON_ESCAPED_BYTES, "\\%c", letter);
    } else if (is_control(character)) {
        *n_escaped = (size_t)snprintf(escaped, JSON_ESCAPED_BYTES, "\\u%04x", character & 0xFFU);
    } else {
        memcpy(escaped, text, length);
        *n_escaped = length;
    }
    return length;
}

static void write_text(struct buffer *buffer, const char *text)
{
    char escaped[JSON_ESCAPED_BYTES];
    size_t n_escaped;

    buffer_char(buffer, '"');
    while (*text) {
        size_t run = json_plain_run(text);

        buffer_append(buffer, text, run);
        text += run;
        if (!*text)
            break;
        text += json_escape(text, escaped, &n_escaped);
        buffer_append(buffer, escaped, n_escaped);
    }
    buffer_char(buffer, '"');
}

/* What stands before a value: the comma after the one before it, and its name. */
static void begin_value(struct json_writer *writer, const char *name)
{
    if (writer->comma)
        buffer_char(writer->buffer, ',');
    writer->comma = true;
    if (!name)
        return;
    write_text(writer->buffer, name);
    buffer_char(writer->buffer, ':');
}

static void open_container(struct json_writer *writer, const char *name, char bracket)
{
    begin_value(writer, name);
    buffer_char(writer->buffer, bracket);
    writer->comma = false;
}

static void close_container(struct json_writer *writer, char bracket)
{
    buffer_char(writer->buffer, bracket);
    writer->comma = true;
}

void json_open_object(struct json_writer *writer, const char *name)
{
    open_container(writer, name, '{');
}

void json_close_object(struct json_writer *writer)
{
    close_container(writer, '}');
}

void json_open_array(struct json_writer *writer, const char *name)
{
    open_container(writer, name, '[');
}

void json_close_array(struct json_writer *writer)
{
    close_container(writer, ']');
}

void json_put_text(struct json_writer *writer, const char *name, const char *text)
{
    if (!text) {
        json_put_null(writer, name);
        return;
    }
    begin_value(writer, name);
    write_text(writer->buffer, text);
}

void json_put_integer(struct json_writer *writer, const char *name, int64_t number)
{
    begin_value(writer, name);
    buffer_number(writer->buffer, number);
}

void json_put_bool(struct json_writer *writer, const char *name, bool value)
{
    begin_value(writer, name);
    buffer_text(writer->buffer, value ? "true" : "false");
}

void json_put_null(struct json_writer *writer, const char *name)
{
    begin_value(writer, name);
    buffer_text(writer->buffer, "null");
}
