/* Private to base: characters as they stand inside the quotes of a JSON text. */
#ifndef EVENTS_BASE_JSON_ESCAPE_H
#define EVENTS_BASE_JSON_ESCAPE_H

#include <stddef.h>

enum {
    JSON_ESCAPED_BYTES = 8
};

/* How many bytes @text begins with that need no escape and are ASCII. */
size_t json_plain_run(const char *text);

/*
 * Escape the one character that the non-empty @text begins with and return how many bytes it has;
 * *@n_escaped are written. A byte that begins no valid character is one of U+FFFD; control
 * characters, those above ASCII too, are written as \u.
 */
size_t json_escape(const char *text, char escaped[JSON_ESCAPED_BYTES], size_t *n_escaped);

#endif
