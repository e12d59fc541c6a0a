/* UTF-8 as RFC 3629 has it: nothing overlong, no surrogates, nothing above U+10FFFF. Any thread. */
#ifndef EVENTS_BASE_UTF8_H
#define EVENTS_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of the character that @text begins with, written to @character; 0 when there is none. */
size_t utf8_decode(const char *text, size_t size_bytes, uint32_t *character);

/* True when @size_bytes bytes are valid UTF-8 without NUL. */
bool utf8_valid(const char *text, size_t size_bytes);
size_t utf8_length(const char *text); /* Unicode characters of a valid text */

/* Take away what is left of a last character that was cut in two. */
void utf8_cut(char *text);

#endif
