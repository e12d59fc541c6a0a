/*
 * Strict JSON (RFC 8259) over cJSON, and a writer that needs no tree.
 *
 * Reading: json_parse() first scans the text itself (UTF-8, depth at most 64, numbers as RFC 8259 has
 * them, no raw control characters, no \u0000, no lone surrogates, nothing after the end, nothing
 * twice in one object in any case of letters) and only then hands it to cJSON, so what cJSON would
 * let through never gets in. The getters take members by name in any case, and note each bad member
 * in @error with its JSON pointer, so that a reader asks for all members and checks once at the end.
 * Any thread; a document once parsed does not change, so many may read it.
 */
#ifndef EVENTS_BASE_JSON_H
#define EVENTS_BASE_JSON_H

#include "base/buffer.h"
#include "base/error.h"
#include "base/utf8.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json; /* a value inside a parsed document; borrowed from it */

/*
 * Parse @size_bytes bytes. ERROR_INVALID with the byte offset of the fault, ERROR_MEMORY. On success
 * the caller frees the document with json_free(); everything reached from it lives as long.
 */
MUST_CHECK bool json_parse(const char *text, size_t size_bytes, struct json **document,
                           struct error *error);
void json_free(struct json *document);
void json_freep(struct json **document);

bool json_is_object(const struct json *value);
bool json_is_array(const struct json *value);
bool json_is_text(const struct json *value);
bool json_is_number(const struct json *value);
bool json_is_null(const struct json *value);

/* NULL when absent, or when @object is no object. A null member is returned (json_is_null). */
const struct json *json_member(const struct json *object, const char *name);

/*
 * The items of an array, or the members of an object in the order of the text with their names.
 * json_item() and json_size() walk from the start, json_next() does not: where no limit is near, begin with
 * item 0 and go on with what is behind it.
 */
size_t json_size(const struct json *container);                           /* 0 for other values */
const struct json *json_item(const struct json *container, size_t index); /* NULL beyond the end */
const struct json *json_next(const struct json *item);                    /* NULL behind the last */
const char *json_name(const struct json *member); /* borrowed; NULL for what is no member */

const char *json_text(const struct json *value); /* borrowed; NULL unless a text */

/* The value as an integer, exact: false for fractions, texts, and beyond +-(2^53 - 1). */
MUST_CHECK bool json_integer(const struct json *value, int64_t *number);

/* What a member may be. An absent or null optional member leaves @value as it was. */
enum json_need {
    JSON_OPTIONAL,
    JSON_REQUIRED
};

/*
 * A member of @object. @parent is the JSON pointer of @object ("" at the top), used for the pointer
 * in error details. Each returns false after error_detail() when the member is missing though
 * required, of another type, or out of range.
 *
 * json_get_text: copies into @text of @size_bytes, with at most @max_characters Unicode characters
 * and at least @min_characters.
 */
bool json_get_text(const struct json *object, const char *parent, const char *name,
                   enum json_need need, size_t min_characters, size_t max_characters, char *text,
                   size_t size_bytes, struct error *error);
bool json_get_integer(const struct json *object, const char *parent, const char *name,
                      enum json_need need, int64_t min, int64_t max, int64_t *value,
                      struct error *error);
bool json_get_bool(const struct json *object, const char *parent, const char *name,
                   enum json_need need, bool *value, struct error *error);

/*
 * Writing. The writer keeps track of commas. Texts are escaped; what is not valid UTF-8 in them
 * becomes U+FFFD; NULL is written as null. The names of members are written as they are given.
 *
 *     json_open_object(&writer, NULL);
 *     json_put_text(&writer, "id", hex);
 *     json_close_object(&writer);
 */
struct json_writer {
    struct buffer *buffer; /* borrowed */
    bool comma;
};

#define JSON_WRITER(buffer_)                                                                       \
    {                                                                                              \
        .buffer = (buffer_)                                                                        \
    }

/* @name is NULL for items of an array and for the value at the top. */
void json_open_object(struct json_writer *writer, const char *name);
void json_close_object(struct json_writer *writer);
void json_open_array(struct json_writer *writer, const char *name);
void json_close_array(struct json_writer *writer);
void json_put_text(struct json_writer *writer, const char *name, const char *text);
void json_put_integer(struct json_writer *writer, const char *name, int64_t number);
void json_put_bool(struct json_writer *writer, const char *name, bool value);
void json_put_null(struct json_writer *writer, const char *name);

#endif
