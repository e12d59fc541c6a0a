/*
 * Log lines for machines and people: one line, one write(2) to standard error each, so lines of
 * many threads never mix. Format "text": `2026-11-21T09:30:00.123Z info  booking accepted event=... seats=2`,
 * values quoted and escaped when they hold anything but plain characters; format "json": an object a
 * line. A line says `trace=` while its thread is in one (base/trace.h). Any thread; never waits for more
 * than the write; a line is cut at LOG_LINE_BYTES.
 *
 * base, http, msgqueue and persistence return errors and log nothing above debug.
 */
#ifndef EVENTS_BASE_LOG_H
#define EVENTS_BASE_LOG_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    LOG_LINE_BYTES = 2048
};

enum log_level {
    LOG_DEBUG,
    LOG_INFO,
    LOG_WARNING,
    LOG_ERROR
};
enum log_format {
    LOG_FORMAT_TEXT,
    LOG_FORMAT_JSON
};

struct log_field {
    const char *key;
    const char *text; /* NULL: a number */
    int64_t number;
};

static inline const char *log_text_or_empty(const char *text)
{
    return text ? text : "";
}

#define LOG_TEXT(key_, text_) ((struct log_field){.key = (key_), .text = log_text_or_empty(text_)})
#define LOG_NUMBER(key_, number_) ((struct log_field){.key = (key_), .number = (int64_t)(number_)})
#define LOG_CAUSE(error_) LOG_TEXT("error", (error_)->text)

/* Not while other threads log. @service becomes the field service= of every line; borrowed. */
void log_setup(enum log_level level, enum log_format format, const char *service);
bool log_enabled(enum log_level level);
void log_to_descriptor(int descriptor); /* tests; -1 for standard error */

/* @fields ends with LOG_END. */
void log_line(enum log_level level, const char *message, const struct log_field *fields);

#define LOG_END ((struct log_field){0})
#define LOG_AT(level, message, ...)                                                                \
    do {                                                                                           \
        if (log_enabled(level))                                                                    \
            log_line(level, message, (const struct log_field[]){__VA_ARGS__});                     \
    } while (0)

/* log_info("booking accepted", LOG_TEXT("event", hex.text), LOG_NUMBER("seats", 2)); or no fields. */
#define log_debug(...) LOG_AT(LOG_DEBUG, __VA_ARGS__, LOG_END)
#define log_info(...) LOG_AT(LOG_INFO, __VA_ARGS__, LOG_END)
#define log_warning(...) LOG_AT(LOG_WARNING, __VA_ARGS__, LOG_END)
#define log_error(...) LOG_AT(LOG_ERROR, __VA_ARGS__, LOG_END)

#endif
