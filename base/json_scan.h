/* Private to base: what json_parse() asks of a text before cJSON sees it. Any thread. */
#ifndef EVENTS_BASE_JSON_SCAN_H
#define EVENTS_BASE_JSON_SCAN_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

enum {
    JSON_DEPTH_MAX = 64,
    JSON_NUMBER_BYTES_MAX = 63, /* cJSON cuts longer ones in two */
};

/* ERROR_INVALID with the byte offset of the fault, ERROR_MEMORY. */
MUST_CHECK bool json_scan(const char *text, size_t size_bytes, struct error *error);

/* Length of the number of RFC 8259 that @text begins with; 0 when there is none. */
size_t json_number_length(const char *text, size_t size_bytes);

/*
 * What is wrong with the number in these bytes (static text), NULL when a double can hold it well
 * enough: it has a limit, and a fraction is still one after rounding, so that an integer read from
 * the double was written as an integer.
 */
const char *json_number_fault(const char *text, size_t size_bytes);

/* The names of the members of all objects, to find those that stand twice in one. */
struct json_names {
    const char *text; /* borrowed: the whole document, already scanned */
    struct json_name *names;
    size_t n_names;
    size_t capacity;
};

struct json_name {
    size_t object; /* which of the document's objects, in the order of their brackets */
    size_t start;  /* offset of the first byte behind the quote */
};

MUST_CHECK bool json_names_add(struct json_names *names, size_t object, size_t start,
                               struct error *error);
void json_names_clear(struct json_names *names);

/* True when some object has two names that are equal but for the case of ASCII letters. */
bool json_names_repeated(struct json_names *names, size_t *offset);

#endif
