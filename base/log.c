#include "base/log.h"

#include "base/clock.h"
#include "base/json_escape.h"
#include "base/trace.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What ends a line that was cut: the quote of a value, the bracket, the line feed. */
enum {
    LOG_ROOM_BYTES = LOG_LINE_BYTES - 3
};

struct line {
    char text[LOG_LINE_BYTES];
    size_t size_bytes;
    bool full;
};

static struct {
    enum log_level level;
    enum log_format format;
    const char *service;
    int descriptor;
} settings = {.level = LOG_INFO, .descriptor = STDERR_FILENO};

void log_setup(enum log_level level, enum log_format format, const char *service)
{
    settings.level = level;
    settings.format = format;
    settings.service = service;
}

bool log_enabled(enum log_level level)
{
    return level >= settings.level;
}

void log_to_descriptor(int descriptor)
{
    settings.descriptor = descriptor >= 0 ? descriptor : STDERR_FILENO;
}

static const char *level_name(enum log_level level)
{
    switch (level) {
    case LOG_DEBUG:
        return "debug";
    case LOG_INFO:
        return "info";
    case LOG_WARNING:
        return "warn";
    case LOG_ERROR:
        return "error";
    }
    return "?";
}

static size_t room(const struct line *line)
{
    return line->size_bytes < LOG_ROOM_BYTES ? LOG_ROOM_BYTES - line->size_bytes : 0;
}

/* All of it or nothing; after the first piece that did not fit, nothing more. */
static void put(struct line *line, const char *text, size_t size_bytes)
{
    if (line->full || size_bytes > room(line)) {
        line->full = true;
        return;
    }
    memcpy(line->text + line->size_bytes, text, size_bytes);
    line->size_bytes += size_bytes;
}

static void put_text(struct line *line, const char *text)
{
    put(line, text, strlen(text));
}

/* Into the bytes kept free for the end of the line. */
static void put_end(struct line *line, char character)
{
    line->text[line->size_bytes++] = character;
}

/* As much as fits. */
static void put_escaped(struct line *line, const char *text)
{
    char escaped[JSON_ESCAPED_BYTES];
    size_t n_escaped;

    while (*text && !line->full) {
        size_t run = json_plain_run(text);
        size_t fits = room(line);

        put(line, text, run < fits ? run : fits);
        text += run;
        if (!*text)
            return;
        text += json_escape(text, escaped, &n_escaped);
        put(line, escaped, n_escaped);
    }
}

/* Whether a reader that splits at spaces gets the text back as it is. */
static bool is_plain(const char *text)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                "_.:/@+-";

    return *text && text[strspn(text, plain)] == '\0';
}

/* A value may be cut, what stands before it and a number may not: then the field is left out. */
static void put_field(struct line *line, const struct log_field *field)
{
    bool json = settings.format == LOG_FORMAT_JSON;
    bool quoted = field->text && (json || !is_plain(field->text));
    size_t start = line->size_bytes;
    char number[24] = "";

    if (!field->text)
        (void)snprintf(number, sizeof(number), "%" PRId64, field->number);
    put_text(line, json ? ",\"" : " ");
    put_text(line, field->key);
    put_text(line, json ? "\":" : "=");
    put_text(line, quoted ? "\"" : number);
    if (line->full) {
        line->size_bytes = start;
        return;
    }
    if (field->text)
        put_escaped(line, field->text);
    if (quoted)
        put_end(line, '"');
}

static void put_head(struct line *line, enum log_level level, const char *message)
{
    bool json = settings.format == LOG_FORMAT_JSON;
    char time[CLOCK_TEXT_BYTES];
    char head[96];

    clock_format(clock_wall_ms(), time);
    (void)snprintf(head, sizeof(head), json ? "{\"time\":\"%s\",\"level\":\"%s\"" : "%s %-5s ",
                   time, level_name(level));
    put_text(line, head);
    if (json)
        put_field(line, &LOG_TEXT("message", message));
    else
        put_escaped(line, message);
}

static void write_line(const struct line *line)
{
    ssize_t written;

    do
        written = write(settings.descriptor, line->text, line->size_bytes);
    while (written < 0 && errno == EINTR);
}

void log_line(enum log_level level, const char *message, const struct log_field *fields)
{
    struct line line;

    line.size_bytes = 0; /* the bytes themselves need no zeros */
    line.full = false;
    put_head(&line, level, message);
    if (settings.service)
        put_field(&line, &LOG_TEXT("service", settings.service));
    if (!trace_is_none(trace_current()))
        put_field(&line, &LOG_TEXT("trace", trace_id(trace_current()).text));
    for (; fields->key; fields++)
        put_field(&line, fields);
    if (settings.format == LOG_FORMAT_JSON)
        put_end(&line, '}');
    put_end(&line, '\n');
    write_line(&line);
}
